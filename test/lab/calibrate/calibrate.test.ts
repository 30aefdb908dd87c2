import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { simulate } from '../../../src/backtest/engine.ts';
import { NEUTRAL } from '../../../src/backtest/market.ts';
import { seededRandom } from '../../../src/base/random.ts';
import { evidenceOf } from '../../../src/gates/evidence.ts';
import { drawPower } from '../../../src/lab/calibrate/draw.ts';
import { type Experiment, proposerOf } from '../../../src/lab/calibrate/experiments.ts';
import { calibrationMarket, groundOf, NOISE } from '../../../src/lab/calibrate/ground.ts';
import { permuteBlocks } from '../../../src/lab/calibrate/markets/real.ts';
import { upperBound } from '../../../src/lab/calibrate/rates.ts';
import { reportOf, summarise } from '../../../src/lab/calibrate/report.ts';
import { randomProposer } from '../../../src/lab/calibrate/search/proposers.ts';
import { runSearch } from '../../../src/lab/calibrate/search/search.ts';
import { readSpaces } from '../../../src/lab/calibrate/search/spaces.ts';
import { DAY } from '../../../src/market/bars.ts';
import { simulateMarket } from '../../../src/market/simulate.ts';
import { shippedGates } from '../../gates/support.ts';

const spaces = await readSpaces(join(import.meta.dirname, '../../../strategies/library'));
const gates = shippedGates();
const market = calibrationMarket();
const experiment = (changes: Partial<Experiment> = {}): Experiment => ({
  name: 'test',
  question: 'test',
  market: 'noise',
  search: 'random',
  searches: 1,
  trials: 30,
  ...changes,
});
const search = (asked: Experiment, index = 0) =>
  runSearch(proposerOf(asked, spaces), asked.trials, groundOf(asked, index, null), gates, seededRandom(index));

test('noise holds no free lunch: at no cost no library strategy earns more than luck on it', () => {
  const { SIM } = market.symbols;
  const free = { ...market, symbols: { SIM: { ...SIM, makerBps: 0, takerBps: 0, slippageBps: 0 } } };
  const markets = Array.from(
    { length: 3 },
    (_, k) => simulateMarket({ ...NOISE, barMinutes: 60, seed: `lunch ${k}` }).bars,
  );
  const range = { from: NOISE.start + 60 * DAY, to: NOISE.start + 1800 * DAY };
  for (const { name, definition } of spaces) {
    const sharpes = markets.map((bars) => {
      const request = { params: {}, scenario: NEUTRAL, detail: 'summary' as const };
      return evidenceOf(simulate(definition, [{ symbol: 'SIM', bars, range }], request, free)).activeSharpe;
    });
    const mean = sharpes.reduce((sum, sharpe) => sum + sharpe, 0) / sharpes.length;
    // Three markets of 4.77 years: one standard error is 0.26.
    assert.ok(!(mean > 1), `${name} earns ${mean.toFixed(2)}`);
  }
});

test('beta takes out what drift adds: on the same noise with and without it, active Sharpe ratios are the same in the mean', () => {
  const range = { from: NOISE.start + 60 * DAY, to: NOISE.start + 1800 * DAY };
  const activeOn = (seed: string, annualSharpe: number) => {
    const { bars } = simulateMarket({ ...NOISE, barMinutes: 60, seed, edges: [{ kind: 'drift', annualSharpe }] });
    return spaces.map(({ definition }) => {
      const request = { params: {}, scenario: NEUTRAL, detail: 'summary' as const };
      return evidenceOf(simulate(definition, [{ symbol: 'SIM', bars, range }], request, market)).activeSharpe;
    });
  };
  const differences = Array.from({ length: 4 }, (_, k) => {
    const [without, with_] = [activeOn(`drift ${k}`, 0), activeOn(`drift ${k}`, 1.5)];
    return with_.map((sharpe, i) => sharpe - without[i]).filter(Number.isFinite);
  }).flat();
  const mean = differences.reduce((sum, value) => sum + value, 0) / differences.length;
  // Without the beta the strategies that are long half of the time would gain 0.75 each.
  assert.ok(differences.length > 60 && Math.abs(mean) < 0.1, `${mean} over ${differences.length}`);
});

test('a search charges every trial, says where each ended, and repeats itself under its seed', async () => {
  const finding = await search(experiment());
  const ended = Object.values(finding.ended).reduce((sum, count) => sum + count, 0);
  assert.deepEqual([finding.trials, ended + finding.keeps], [30, 30]);
  const again = await search(experiment());
  assert.deepEqual(again.ended, finding.ended);
  const summary = summarise(
    [experiment()],
    [{ experiment: experiment(), index: 0, finding, curve: { 0.1: false }, seconds: 1 }],
  );
  assert.equal(summary[0].searches, 1);
  const code = {
    library: { candidates: 4, ended: {}, ms: { static: 40 } },
    canaries: { candidates: 8, ended: { causality: 3 } },
  };
  const report = reportOf(
    summary,
    [{ experiment: experiment(), index: 0, finding, curve: { 0.1: false }, seconds: 1 }],
    code,
  );
  assert.match(report, /experiment/);
  assert.match(report, /causality +4 +0 +3 of 8/);
  assert.match(report, /> 3\.09/);
  assert.equal(finding.statistics.length, 30 - (finding.ended.smoke ?? 0));
  assert.match(drawPower(summary), /^<svg .*<\/svg>\n$/s);
});

test('the rule without a market: noise is seldom kept, one true Sharpe of 2.5 among a hundred nearly always', async () => {
  const rate = async (sharpe: number | undefined, searches: number) => {
    let kept = 0;
    for (let index = 0; index < searches; index++) {
      const asked = experiment({ name: `daily ${sharpe}`, market: 'daily', trials: 100, ...(sharpe && { sharpe }) });
      if ((await search(asked, index)).keeps > 0) kept += 1;
    }
    return kept / searches;
  };
  // At 4% and 96%: three of ten and three misses of six are beyond 99%.
  assert.ok((await rate(undefined, 10)) <= 0.2);
  assert.ok((await rate(2.5, 6)) >= 0.6);
});

test('the adversary climbs: its later half scores better on train than its first', async () => {
  const scores: number[] = [];
  const climb = proposerOf(
    experiment({ search: 'climb' }),
    spaces.filter(({ name }) => name === 'momentum-atr'),
  );
  const watch: typeof climb = (done, random) => {
    const last = done.at(-1);
    if (last) scores.push(last.outcome.score ?? -1);
    return climb(done, random);
  };
  await runSearch(watch, 60, groundOf(experiment(), 1, null), gates, seededRandom(1));
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  assert.ok(
    mean(scores.slice(30)) > mean(scores.slice(0, 20)),
    `${mean(scores.slice(0, 20))} ${mean(scores.slice(30))}`,
  );
});

test('permuted blocks keep every bar shape and the total return, in another order', () => {
  const { bars } = simulateMarket({ seed: 'permute', minutes: 20_000, barMinutes: 5, gapsPerYear: 0 });
  const mixed = permuteBlocks(bars, 100, seededRandom('p'));
  const total = (series: typeof bars) => series.close[bars.length - 1] / series.open[0];
  assert.ok(Math.abs(total(mixed) / total(bars) - 1) < 1e-6);
  const shapes = (series: typeof bars) =>
    Array.from(series.high, (high, i) => (high / series.low[i]).toFixed(9)).sort();
  assert.deepEqual(shapes(mixed), shapes(bars));
  assert.notDeepEqual(Array.from(mixed.volume), Array.from(bars.volume));
  for (let i = 0; i < mixed.length; i++) assert.ok(mixed.low[i] <= mixed.open[i] && mixed.high[i] >= mixed.close[i]);
});

test('proposals stay on the values of the spaces', () => {
  const propose = randomProposer(spaces);
  const random = seededRandom('spaces');
  for (let k = 0; k < 200; k++) {
    const { space, params } = propose([], random);
    for (const [name, value] of Object.entries(params)) assert.ok(space.values[name].includes(value));
    assert.deepEqual(Object.keys(params).toSorted(), Object.keys(space.values).toSorted());
  }
});

test('the one-sided 95% bound is that of Clopper and Pearson', () => {
  for (const [hits, count, bound] of [
    [0, 59, 0.0495],
    [1, 59, 0.0779],
    [3, 200, 0.0383],
    [5, 5, 1],
  ] as const) {
    assert.ok(Math.abs(upperBound(hits, count) - bound) < 0.0002, `${hits} of ${count}: ${upperBound(hits, count)}`);
  }
});
