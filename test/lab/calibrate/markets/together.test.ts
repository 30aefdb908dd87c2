import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { simulate } from '../../../../src/backtest/engine.ts';
import { NEUTRAL } from '../../../../src/backtest/market.ts';
import { seededRandom } from '../../../../src/base/random.ts';
import { type Experiment, experiments, proposerOf } from '../../../../src/lab/calibrate/experiments.ts';
import { calibrationMarket, groundOf, isCross, NOISE } from '../../../../src/lab/calibrate/ground.ts';
import { strengthFor } from '../../../../src/lab/calibrate/markets/strengths.ts';
import { simulateTogether } from '../../../../src/lab/calibrate/markets/together.ts';
import { runSearch } from '../../../../src/lab/calibrate/search/search.ts';
import { readSpaces } from '../../../../src/lab/calibrate/search/spaces.ts';
import { standardRanges } from '../../../../src/lab/calibrate/search/windows.ts';
import { computeMetrics } from '../../../../src/metrics/metrics.ts';
import { shippedGates } from '../../../gates/support.ts';

const across = await readSpaces(join(import.meta.dirname, '../../../../strategies/universe'));
const shipped = shippedGates();
const gates = { ...shipped, off: [...shipped.off, 'null' as const], surrogates: { ...shipped.surrogates, held: 0 } };

test('an edge between symbols is found by the strategies of several symbols', async () => {
  const asked: Experiment = {
    name: 'cross',
    question: 'test',
    market: 'cross-momentum',
    sharpe: 3,
    search: 'guided',
    searches: 1,
    trials: 2,
    nullOff: true,
  };
  const propose = proposerOf(
    asked,
    across.filter(({ name }) => name === 'rank-momentum'),
  );
  const found = await runSearch(propose, 2, groundOf(asked, 1, null), gates, seededRandom(1), { untilKeep: true });
  assert.equal(found.kept[0]?.name, 'rank-momentum', JSON.stringify(found));
});

test('an edge earns after costs what its experiment says, for the strategy that is meant for it', () => {
  const { gapsPerYear: _, ...spec } = NOISE;
  const symbols = ['SIM', 'SIM2', 'SIM3', 'SIM4'];
  const { train } = standardRanges(NOISE.start);
  for (const [edge, name] of [
    ['cross-momentum', 'rank-momentum'],
    ['cross-reversal', 'rank-reversal'],
  ] as const) {
    const { definition } = across.find((space) => space.name === name)!;
    const sharpes = [0, 1, 2, 3, 4, 5].map((index) => {
      const annualSharpe = strengthFor(edge, 2.5);
      const series = simulateTogether({ ...spec, edge, annualSharpe, seed: `earns ${index}`, symbols });
      const data = symbols.map((symbol) => ({ symbol, bars: series[symbol], range: train }));
      const request = { params: {}, scenario: NEUTRAL, detail: 'summary' } as const;
      return computeMetrics(simulate(definition, data, request, calibrationMarket())).sharpe!;
    });
    const mean = sharpes.reduce((sum, each) => sum + each, 0) / sharpes.length;
    // Over four years a Sharpe ratio has a standard error of .5, the mean of six .2.
    assert.ok(Math.abs(mean - 2.5) < 0.6, `${edge}: ${mean.toFixed(2)} of ${sharpes.map((each) => each.toFixed(2))}`);
  }
});

test('a strength beyond the measured ones goes on as the last two do', () => {
  const slope = strengthFor('cross-momentum', 3.3) - strengthFor('cross-momentum', 2.8);
  const beyond = strengthFor('cross-momentum', 4.5) - strengthFor('cross-momentum', 4);
  assert.ok(Math.abs(beyond - slope) < 1e-9, `${beyond} and ${slope}`);
});

test('what is planted pushes the first and the last apart and leaves what all have in common', () => {
  const spec = { seed: 'apart', symbols: ['A', 'B', 'C'], minutes: 200 * 1440, annualVolatility: 1 };
  const [plain, planted] = [
    simulateTogether(spec),
    simulateTogether({ ...spec, edge: 'cross-momentum', annualSharpe: 8 }),
  ];
  const change = (symbol: string, i: number) =>
    Math.log(
      planted[symbol].close[i] / plain[symbol].close[i] / (planted[symbol].close[i - 1] / plain[symbol].close[i - 1]),
    );
  for (const i of [10, 200, 1000, 4000]) {
    const moved = spec.symbols.map((symbol) => change(symbol, i));
    assert.ok(Math.abs(moved.reduce((sum, each) => sum + each, 0)) < 1e-6, String(moved));
    assert.equal(moved.filter((each) => Math.abs(each) > 1e-5).length, i < 7 * 24 ? 0 : 2, String(moved));
  }
});

test('several symbols are asked about at little cost: one short experiment of the quick ones', () => {
  const quick = experiments(true).filter(isCross);
  assert.deepEqual(
    quick.map(({ name, searches, trials }) => [name, searches, trials]),
    [['cross-momentum-2.5', 2, 12]],
  );
  assert.equal(experiments(false).filter(isCross).length, 5);
});
