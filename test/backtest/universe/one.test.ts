import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SimulationResult } from '../../../src/backtest/contract.ts';
import { simulate } from '../../../src/backtest/engine.ts';
import type { StrategyDefinition } from '../../../src/strategy/definition.ts';
import type { Now } from '../../../src/strategy/now.ts';
import type { UniverseNow } from '../../../src/strategy/universe.ts';
import fc from '../../fast-check.ts';
import { cut } from '../oracle/compare.ts';
import { follow, type Scene, scenes } from '../oracle/plans.ts';

const RUNS = Number(process.env.RALPH_ORACLE_RUNS ?? 300);

/** The same strategy, seen as a universe of one symbol. */
function asUniverse(single: StrategyDefinition): StrategyDefinition {
  const decide = (now: UniverseNow, p: object) => {
    const [view] = now.symbols;
    assert.equal(view.live, true);
    single.decide(view as unknown as Now, p as never);
  };
  return { ...single, universe: true, decide: decide as unknown as StrategyDefinition['decide'] };
}

test('a universe of one symbol equals the run of that symbol, fill by fill', () => {
  fc.assert(
    fc.property(scenes, (scene) => {
      const [alone, universe] = [playScene(scene, (s) => s), playScene(scene, asUniverse)];
      assert.deepEqual(universe.fills, alone.fills);
      assert.deepEqual(universe.trades, alone.trades);
      assert.deepEqual(universe.standings, alone.standings);
      const { decisions, refused, ruined, bars, barsInPosition, roundTrips, fees, funding, equityFingerprint } = alone;
      assert.partialDeepStrictEqual(universe, {
        decisions,
        refused,
        ruined,
        barsInPosition,
        roundTrips,
        fees,
        funding,
      });
      // Alone, the bars after a ruin are counted.
      if (ruined) return;
      assert.equal(universe.bars, bars);
      assert.equal(universe.equityFingerprint, equityFingerprint);
      for (const key of ['maxDrawdown', 'meanExposure', 'adverse'] as const) near(universe[key], alone[key], key);
      // Alone, funding is counted with the next fill.
      const daily = funding === 0 ? (['dayVariation'] as const) : [];
      for (const key of [...daily, 'benchmarkVariation', 'dayBenchmark'] as const) {
        for (const [d, value] of alone[key].entries()) near(universe[key][d], value, `${key} of day ${d}`);
      }
    }),
    { numRuns: RUNS },
  );
});

function playScene(scene: Scene, as: (single: StrategyDefinition) => StrategyDefinition): SimulationResult {
  const { bars, market, scenario, part } = scene;
  const data = [{ symbol: 'X', bars, range: cut(bars, part) }];
  return simulate(as(follow(scene, () => {})), data, { params: {}, scenario, detail: 'full' }, market);
}

function near(a: number, b: number, what: string): void {
  assert.ok(Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(b)), `${what}: ${a} and ${b}`);
}
