import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { compileCandidate } from '../../src/backtest/compile/compile.ts';
import { freezeBars } from '../../src/gates/canaries/market.ts';
import { type EarlierTrial, emptyHistory, type TrialHistory } from '../../src/gates/history.ts';
import { promoteCandidate } from '../../src/gates/holdout.ts';
import type { StageOutcome } from '../../src/gates/judge.ts';
import { evaluateCandidate } from '../../src/gates/pipeline.ts';
import { STAGES } from '../../src/gates/verdict.ts';
import { type Bench, boxWorkbench } from '../../src/gates/workbench/box-workbench.ts';
import { CHEAPEST } from '../../src/lab/calibrate/ground.ts';
import { simulateTogether } from '../../src/lab/calibrate/markets/together.ts';
import { type Bars, barsBetween, DAY, type Range } from '../../src/market/bars.ts';
import { readMarketConfig } from '../../src/market/config.ts';
import { shippedGates } from './support.ts';

const ROOT = join(import.meta.dirname, '../..');
const dir = mkdtempSync(join(tmpdir(), 'ralph-universe-'));
after(() => rmSync(dir, { recursive: true, force: true }));

const START = Date.UTC(2020, 0, 1);
const SYMBOLS = ['SIM', 'SIM2', 'SIM3', 'SIM4'];
const span = (from: number, to: number): Range => ({ from: START + from * DAY, to: START + to * DAY });
const [TRAIN, FOLD, HOLDOUT] = [span(30, 450), span(457, 577), span(584, 704)];
const series = simulateTogether({
  seed: 'gates',
  symbols: SYMBOLS,
  start: START,
  minutes: 704 * 1440,
  annualVolatility: 0.7,
  edge: 'cross-momentum',
  annualSharpe: 17,
});
// The last member dies with the train window.
const bars: Record<string, Bars> = { ...series, SIM4: barsBetween(series.SIM4, START, TRAIN.to) };
const files = (range: Range, name: string) =>
  SYMBOLS.map((symbol) => ({
    ...freezeBars(bars[symbol], { symbol, range, warmupMs: 30 * DAY, path: join(dir, `${symbol}-${name}.bars`) }),
    mortal: symbol === 'SIM4',
  }));
const frozen = {
  train: files(TRAIN, 'train'),
  selection: [files(FOLD, 'fold')],
  holdout: files(HOLDOUT, 'holdout'),
  // One comes late.
  universes: {
    coins: Object.fromEntries(SYMBOLS.map((s) => [s, [{ from: s === 'SIM3' ? START + 90 * DAY : null, to: null }]])),
  },
};
const market = {
  ...readMarketConfig(join(ROOT, 'config/market.yaml')),
  symbols: Object.fromEntries(SYMBOLS.map((symbol) => [symbol, CHEAPEST])),
};
// No trial is to end by the clock of a busy machine; fewer cuts and surrogates ask the same of less time.
const shipped = shippedGates();
const gates = {
  ...shipped,
  limits: { ...shipped.limits, seconds: 300 },
  causality: { ...shipped.causality, cuts: 6 },
  surrogates: { ...shipped.surrogates, count: 60, most: 60, held: 0 },
};
const source = readFileSync(join(ROOT, 'strategies/universe/rank-momentum.ts'), 'utf8');
const filesOf = (params: string) => ({
  name: 'rank-momentum',
  source,
  yaml: `strategy: rank-momentum.ts\nuniverse: coins\nparams: ${params}\n`,
});
const evaluate = (params: string, history: TrialHistory) =>
  evaluateCandidate({ files: filesOf(params), params: {}, frozen, market, gates, history });
const asEarlier = (
  { fingerprint, returns, score, outcome }: StageOutcome,
  trial: string,
  family: string,
): EarlierTrial => ({
  trial,
  family,
  fingerprint,
  returns,
  score,
  outcome,
  selectionSharpe: 1,
});

test('a universe of a set goes through every stage and is kept; the holdout confirms it', async (t) => {
  const kept = await evaluate('{ days: 7, hold: 1 }', emptyHistory());
  const missed = kept.gates.filter(({ passed }) => !passed).map(({ gate, message }) => `${gate}: ${message}`);
  assert.deepEqual(missed, []);
  assert.equal(kept.outcome, 'keep');
  assert.deepEqual(new Set(Object.keys(kept.stageMs)), new Set(STAGES.filter((stage) => stage !== 'tuning')));
  const names = kept.gates.map(({ gate }) => gate);
  for (const gate of ['causality.price-levels', 'causality.later-start', 'null.signs', 'null.drift', 'null.own'])
    assert.ok(names.includes(gate), gate);
  assert.deepEqual(kept.symbols?.map(({ symbol }) => symbol).sort(), SYMBOLS);
  assert.ok(kept.metrics.topSymbolShare! > 0 && kept.metrics.topSymbolShare! <= 1, String(kept.metrics.topSymbolShare));
  t.diagnostic(
    Object.entries(kept.stageMs)
      .map(([stage, ms]) => `${stage} ${Math.round(ms)}`)
      .join(', '),
  );

  // Nearly the same book under another family: the returns of the whole say so.
  const like = await evaluate('{ days: 7, hold: 1.5 }', {
    ...emptyHistory(),
    earlier: [{ ...asEarlier(kept, '0001-1', 'another-family'), fingerprint: 'x' }],
  });
  assert.deepEqual(
    like.gates.filter(({ passed }) => !passed).map(({ gate }) => gate),
    ['redundancy.correlation', 'redundancy.keep'],
  );

  const { answer } = await promoteCandidate({
    candidate: 'rank-momentum',
    fingerprint: 'x',
    files: filesOf('{ days: 7, hold: 1 }'),
    params: {},
    frozen,
    market,
    gates,
    opened: [],
    open: () => {},
  });
  assert.equal(answer, 'confirmed');
});

test('what workers kept by answers that are not true is no keep here, and its look is taken once', async () => {
  const honest = await compileCandidate(filesOf('{ days: 7, hold: 1 }'));
  assert.ok(honest.ok);
  const { code } = honest;
  const weakest = source.replace('s.speed > 0 ? s.speed', 's.speed < 0 ? -s.speed');
  const asked = {
    files: { ...filesOf('{ days: 7, hold: 1 }'), source: weakest },
    params: {},
    frozen,
    market,
    gates,
    // Whatever it is sent, it evaluates something better.
    openBench: (own: Bench) => boxWorkbench({ ...own, code }),
  };
  let looks = 0;
  const look = async () => ++looks;
  const { outcome, gates: found } = await evaluateCandidate({ ...asked, history: { ...emptyHistory(), look } });
  assert.equal(outcome, 'discard', found.map(({ gate, passed }) => `${gate} ${passed}`).join());
  assert.equal(looks, 1, 'the worker had it kept');
  const kept = await evaluateCandidate({ ...asked, files: filesOf('{ days: 7, hold: 1 }'), history: emptyHistory() });
  assert.equal(kept.outcome, 'keep', 'what is true is kept');
});

test('a set that is not there, and a symbol that died named alone, end the trial with a readable reason', async () => {
  const named = { ...filesOf('{ days: 7, hold: 1 }') };
  for (const [line, expected] of [
    ['universe: coin', /no set coin; it has coins/],
    [
      'symbols: [SIM, SIM4]',
      /no data for SIM4; known: SIM, SIM2, SIM3; only the user can add one, in config\/market\.yaml/,
    ],
  ] as const) {
    const files = { ...named, yaml: named.yaml.replace('universe: coins', line) };
    const { gates: results } = await evaluateCandidate({
      files,
      params: {},
      frozen,
      market,
      gates,
      history: emptyHistory(),
    });
    assert.match(results.at(-1)!.message, expected);
  }
});
