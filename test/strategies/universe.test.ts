import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { auditCausality } from '../../src/backtest/box/child/audit.ts';
import { auditMemory } from '../../src/backtest/box/child/memory.ts';
import { compileCandidate } from '../../src/backtest/compile/compile.ts';
import { simulate } from '../../src/backtest/engine.ts';
import type { EngineMarket } from '../../src/backtest/market.ts';
// Leads the library's import of ralph/strategy to the checkout.
import '../../src/lab/calibrate/search/spaces.ts';
import { readMarketConfig } from '../../src/market/config.ts';
import { simulateMarket } from '../../src/market/simulate.ts';
import { computeMetrics } from '../../src/metrics/metrics.ts';
import { parseClaims } from '../../src/search/memory/claim.ts';
import type { StrategyDefinition } from '../../src/strategy/definition.ts';
import { resultWith } from '../metrics/support.ts';

const FOLDER = new URL('../../strategies/universe/', import.meta.url);
const text = (file: string) => readFileSync(new URL(file, FOLDER), 'utf8');
const NAMES = readdirSync(FOLDER).flatMap((file) => (file.endsWith('.ts') ? [file.slice(0, -3)] : []));
const METRICS = Object.keys(computeMetrics(resultWith([100])));
const DAYS = 120;
const MARKET: EngineMarket = readMarketConfig(new URL('../../config/market.yaml', import.meta.url).pathname);

const BARS = Object.fromEntries(
  ['BTCUSD', 'ETHUSD', 'LTCUSD'].map((symbol, k) => [
    symbol,
    simulateMarket({ seed: 40 + k, minutes: DAYS * 1440, annualVolatility: 0.9, edges: [], gapsPerYear: 20 }).bars,
  ]),
);

test('there are six strategies for a universe', () => {
  assert.ok(NAMES.length >= 6, NAMES.join(' '));
});

for (const name of NAMES) {
  test(`${name}: its files agree, it trades, and knows neither the future nor a price level`, async (t) => {
    const compiled = await compileCandidate({ name, source: text(`${name}.ts`), yaml: text(`${name}.yaml`) });
    assert.ok(compiled.ok, compiled.ok ? '' : compiled.problems.join('\n'));
    const { config, defaults, hypothesis, family, universe } = compiled;
    assert.ok(universe);
    assert.deepEqual({ ...config.params }, { ...defaults });
    assert.match(family, /^universe-/);
    const [, refutedIf] = hypothesis.split('; refuted if ');
    assert.ok(parseClaims(refutedIf, METRICS).claims.length > 0, `"${refutedIf}" names no metric and number`);
    assert.ok(text('README.md').includes(`| ${family} | [${name}](${name}.ts) |`), 'README.md does not name it');
    assert.ok(text('README.md').includes(hypothesis), 'README.md has another hypothesis');

    const module: { default: StrategyDefinition } = await import(new URL(`${name}.ts`, FOLDER).href);
    const strategy: StrategyDefinition = { ...module.default, calendar: 'none' };
    const data = config.symbols.map((symbol) => {
      const bars = BARS[symbol];
      return { symbol, bars, range: { from: bars.time[0] + 30 * 86_400_000, to: bars.time[bars.length - 1] } };
    });
    const request = { params: {}, scenario: { name: 'base', costMultiplier: 1, delayBars: 0, missEvery: 0 } } as const;
    const result = simulate(strategy, data, { ...request, detail: 'summary' }, MARKET);
    assert.ok(result.fillCount > 0, 'it never traded');
    assert.equal(result.refused, 0);
    for (const value of Object.values(computeMetrics(result))) assert.ok(value === null || Number.isFinite(value));
    const report = auditCausality(() => strategy, data, MARKET, { params: {}, cuts: 4, seed: 1 });
    assert.equal(report.leak, null);
    const { scaled, agreement, exchanged = 0 } = auditMemory(() => strategy, data, MARKET, { params: {}, seed: 1 });
    assert.equal(scaled, null);
    assert.ok(exchanged >= 0.95, `agreement ${exchanged} with the names exchanged`);
    t.diagnostic(
      `${result.fillCount} fills, agreement ${agreement.toFixed(3)}, names exchanged ${exchanged.toFixed(3)}`,
    );
  });
}
