import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BoxFailure, SimulationResult } from '../../src/backtest/contract.ts';
import { emptyHistory, type TrialHistory } from '../../src/gates/history.ts';
import { judge } from '../../src/gates/judge.ts';
import { requiredSharpe } from '../../src/gates/stages/deflation.ts';
import { DAY } from '../../src/market/bars.ts';
import { cannedWorkbench, dailyReturns, resultOf, shippedGates } from './support.ts';

const TRAIN_DAYS = 1460;
const FOLD_DAYS = 365;
const config = shippedGates({ surrogates: { count: 200, most: 200, held: 0 } });

const good = (days: number) => resultOf(dailyReturns(days, 3, `good ${days}`));
const play = (train: SimulationResult, fold = good(FOLD_DAYS)) =>
  cannedWorkbench((window, { params: { fast } }) => {
    if (window !== 'train') return fold;
    // A neighbour trades otherwise and earns the same.
    return fast === 10 ? train : { ...train, equityFingerprint: `${train.equityFingerprint} ${fast}` };
  });

const judged = (workbench: ReturnType<typeof cannedWorkbench>, history: Partial<TrialHistory> = {}, changes = config) =>
  judge(
    {
      config: changes,
      params: { fast: 10 },
      family: 'trend',
      train: { from: 0, to: TRAIN_DAYS * DAY },
      workbench,
      history: { ...emptyHistory(), ...history },
    },
    FOLD_DAYS,
  );

const failed = (outcome: Awaited<ReturnType<typeof judge>>) =>
  outcome.gates.filter(({ passed }) => !passed).map(({ gate, class: reason }) => `${gate} ${reason}`);

test('a strong candidate is kept after one look, journaled before the fold is opened', async () => {
  const workbench = play(good(TRAIN_DAYS));
  const order: string[] = [];
  const outcome = await judged(workbench, {
    look: () => void order.push(workbench.asked.includes('selection:base') ? 'late' : 'before'),
  });
  assert.equal(outcome.outcome, 'keep', failed(outcome).join());
  assert.deepEqual(order, ['before']);
  assert.deepEqual(Object.keys(outcome.stageMs), [
    'causality',
    'smoke',
    'train',
    'stress',
    'neighbours',
    'subperiods',
    'redundancy',
    'deflation',
    'pbo',
    'null',
    'selection',
  ]);
});

test('each fault ends the trial in its stage, with its class, before anything more expensive runs', async () => {
  const train = good(TRAIN_DAYS);
  const flat = { ...train, dayEquity: new Float64Array(TRAIN_DAYS).fill(10_000) };
  const cases: [string, SimulationResult][] = [
    ['train.trades too_few', { ...train, roundTrips: 3 }],
    ['train.hiddenRisk hidden_risk', { ...train, dayVariation: train.dayVariation.map((value) => value * 4) }],
    ['train.exposure too_few', { ...train, meanExposure: 0.001 }],
    ['train.drawdown risk', { ...train, maxDrawdown: 0.9 }],
    ['train.sharpe no_edge', flat],
    ['deflation.sharpe luck', resultOf(dailyReturns(TRAIN_DAYS, 0.9, 'weak'))],
    ['smoke.fills too_few', { ...train, fillCount: 0 }],
    ['smoke.solvent risk', { ...train, ruined: true }],
  ];
  for (const [expected, result] of cases) {
    const workbench = play(result);
    const outcome = await judged(workbench);
    assert.equal(outcome.outcome, 'discard');
    assert.ok(failed(outcome).includes(expected), `${expected}: ${failed(outcome).join()}`);
    assert.ok(!workbench.asked.includes('selection:base'));
  }
});

test('buying and holding in disguise is redundant', async () => {
  const market = dailyReturns(TRAIN_DAYS, 2, 'bull');
  const outcome = await judged(
    play(
      resultOf(
        market.map((value) => value * 0.99),
        {},
        market,
      ),
    ),
  );
  assert.ok(failed(outcome).includes('train.benchmarkCorrelation redundant'));
});

test('what only follows the market is luck, however good it looks', async () => {
  const market = dailyReturns(TRAIN_DAYS, 3, 'bull');
  const random = dailyReturns(TRAIN_DAYS, 0, 'noise');
  const outcome = await judged(
    play(
      resultOf(
        market.map((value, i) => 0.6 * value + 0.5 * random[i]),
        {},
        market,
      ),
    ),
  );
  assert.ok((outcome.metrics.sharpe ?? 0) > 1.5);
  assert.ok(
    failed(outcome).some((gate) => gate.startsWith('subperiods') || gate.startsWith('deflation')),
    failed(outcome).join(),
  );
});

test('a candidate without parameters, or with one that does nothing, does not pass neighbours', async () => {
  const idle = cannedWorkbench((window) => (window === 'train' ? good(TRAIN_DAYS) : good(FOLD_DAYS)));
  assert.deepEqual(failed(await judged(idle)), ['neighbours.median parameter_fragile']);
  const context = { config, family: 'trend', train: { from: 0, to: TRAIN_DAYS * DAY }, history: emptyHistory() };
  const none = await judge({ ...context, params: {}, workbench: play(good(TRAIN_DAYS)) }, FOLD_DAYS);
  assert.match(none.gates.at(-1)!.message, /no parameter to move: declare the numbers/);
});

test('a book that is always invested is counted by position change and judged by days', async () => {
  const { trades, ...rest } = good(TRAIN_DAYS);
  const none = { ...trades, length: 0, profit: new Float64Array(0) };
  assert.equal((await judged(play({ ...rest, trades: none, roundTrips: 40 }))).outcome, 'keep');
});

test('a new family name a trial does not hide a search from pbo', async () => {
  // Every trial is a coin toss of its own with a name of its own.
  const earlier = Array.from({ length: 30 }, (_, k) => ({
    trial: `${k}`,
    family: `name-${k}`,
    fingerprint: `${k}`,
    returns: dailyReturns(TRAIN_DAYS, 0, `toss ${k}`),
    score: -1,
    outcome: 'discard' as const,
  }));
  const { gates } = await judged(play(good(TRAIN_DAYS)), { earlier });
  const pbo = gates.find(({ stage }) => stage === 'pbo');
  assert.ok(pbo !== undefined && pbo.value !== null, 'pbo speaks though no other trial carries the name');
});

test('stress, neighbours and one lucky stretch', async () => {
  const train = good(TRAIN_DAYS);
  const poor = resultOf(dailyReturns(TRAIN_DAYS, -1, 'poor'));
  const costly = cannedWorkbench((_, { scenario }) => (scenario.name === 'costs' ? poor : train));
  assert.deepEqual(failed(await judged(costly)), ['stress.costs cost_fragile']);
  const late = cannedWorkbench((_, { scenario }) => (scenario.name === 'delay' ? poor : train));
  assert.deepEqual(failed(await judged(late)), ['stress.delay execution_fragile']);
  const lonely = cannedWorkbench((_, { params }) => (params.fast === 10 ? train : poor));
  assert.deepEqual(failed(await judged(lonely)), [
    'neighbours.median parameter_fragile',
    'neighbours.positive parameter_fragile',
  ]);
  const crowd = { fast: 10, a: 1, b: 2, c: 3, d: 4, e: 5 };
  const outvoted = await judge(
    { config, params: crowd, family: 'trend', train: { from: 0, to: 1 }, workbench: lonely, history: emptyHistory() },
    FOLD_DAYS,
  );
  assert.match(
    failed(outvoted).join(),
    /neighbours.median/,
    'parameters that change nothing do not outvote one that does',
  );
  const once = dailyReturns(TRAIN_DAYS, 0, 'once').map((value, day) => (day < 365 ? value + 0.012 : value - 0.002));
  assert.ok(failed(await judged(play(resultOf(once)))).includes('subperiods.positive regime_only'));
  const lucky = dailyReturns(TRAIN_DAYS, 0.2, 'lucky').map((value, day) => (day % 400 === 7 ? 1 : value / 2 - 0.0005));
  assert.ok(failed(await judged(play(resultOf(lucky)))).some((gate) => /bestDays concentrated|positive/.test(gate)));
});

test('the same curve, a near copy of a better trial, and a near copy of the champion are redundant', async () => {
  const train = good(TRAIN_DAYS);
  const copy = train.dayEquity.map((value, i) => value / (i ? train.dayEquity[i - 1] : 10_000) - 1);
  const earlier = {
    trial: '0001-1',
    family: 'trend',
    fingerprint: 'x',
    returns: copy,
    score: 9,
    outcome: 'discard' as const,
  };
  const redundant = async (changes: object) =>
    failed(await judged(play(train), { earlier: [{ ...earlier, ...changes }] })).join();
  assert.match(await redundant({ fingerprint: train.equityFingerprint }), /redundancy.fingerprint redundant/);
  assert.match(await redundant({}), /redundancy.correlation redundant/);
  assert.match(await redundant({ outcome: 'keep', score: -9 }), /redundancy.keep redundant/);
  assert.equal(await redundant({ score: -9 }), '', 'a near copy of a WORSE trial is an improvement');
});

test('N raises the bar: the same candidate is kept at 100 trials and luck at 1,000,000', async () => {
  const train = resultOf(dailyReturns(TRAIN_DAYS, 2, 'edge'));
  const few = await judged(play(train), { trials: 100 });
  const many = await judged(play(train), { trials: 1_000_000 });
  assert.equal(few.outcome, 'keep', failed(few).join());
  assert.deepEqual(failed(many), ['deflation.sharpe luck']);
  // What the trial notes is what `status` prints for as many trials and days.
  for (const trials of [100, 1_000_000]) {
    const { metrics } = await judged(play(good(TRAIN_DAYS)), { trials });
    assert.equal(metrics.requiredSharpe, requiredSharpe(TRAIN_DAYS, trials, config.deflation));
  }
});

test('NaN anywhere fails closed', async () => {
  const train = good(TRAIN_DAYS);
  const broken = train.dayEquity.slice();
  broken[700] = Number.NaN;
  const outcome = await judged(play({ ...train, dayEquity: broken }));
  assert.equal(outcome.outcome, 'discard');
  assert.ok(Object.values(outcome.metrics).every((value) => value === null || Number.isFinite(value)));
  const fold = { ...good(FOLD_DAYS), dayEquity: new Float64Array(FOLD_DAYS).fill(Number.NaN) };
  assert.deepEqual(failed(await judged(play(train, fold))), ['selection.held_back held_back']);
});

test('a process that gives no answer is a crash with its reason; on held-back data the reason stays silent', async () => {
  const throws = cannedWorkbench(() => good(10), {
    simulate: async () => ({ ok: false, kind: 'timeout', message: 'no answer within 60 s' }),
  });
  const outcome = await judged(throws);
  assert.deepEqual([outcome.outcome, failed(outcome)], ['crash', ['smoke.timeout crash']]);
  const leak = cannedWorkbench(() => good(10), {
    audit: async () => ({
      ok: true,
      value: { cuts: 20, compared: 9, leak: { cut: 3, decision: 5, message: 'buys before the jump' } },
    }),
  });
  assert.deepEqual(failed(await judged(leak)), ['causality.future leak']);
  const train = good(TRAIN_DAYS);
  const tells = cannedWorkbench(() => train);
  const canned = tells.simulate;
  tells.simulate = async (window, requests) =>
    window === 'train' ? canned(window, requests) : { ok: false, kind: 'throw', message: 'the price was 4711' };
  const silent = await judged(tells);
  assert.ok(!JSON.stringify(silent.gates).includes('4711'));
});

test('nothing an agent may see tells a number of the held-back data', async () => {
  const train = good(TRAIN_DAYS);
  for (const sharpe of [3, 0.2, -2]) {
    const outcome = await judged(play(train, resultOf(dailyReturns(FOLD_DAYS, sharpe, 'fold'))));
    const [gate] = outcome.gates.filter(({ stage }) => stage === 'selection');
    assert.deepEqual([gate.value, gate.threshold], [null, null]);
    assert.doesNotMatch(gate.message, /\d/);
  }
  const texts = await Promise.all(
    [-6, -2].map(async (sharpe) => {
      const { gates, metrics, score } = await judged(play(train, resultOf(dailyReturns(FOLD_DAYS, sharpe, 'fold'))));
      return JSON.stringify({ gates, metrics, score });
    }),
  );
  assert.equal(texts[0], texts[1], 'a near and a far miss look the same');
});

test('where nothing can be kept any more, held-back data stay closed and no look is taken', async () => {
  const workbench = play(good(TRAIN_DAYS));
  let looked = 0;
  const outcome = await judged(workbench, {
    trainOnly: true,
    look: () => {
      looked += 1;
    },
  });
  assert.deepEqual(failed(outcome), ['selection.held_back held_back']);
  assert.equal(looked, 0);
  assert.ok(!workbench.asked.includes('selection:base'));
});

test('stages named in `off` do not run, except train, on which the others build', async () => {
  const outcome = await judged(
    play(good(TRAIN_DAYS)),
    {},
    { ...config, off: ['stress', 'neighbours', 'train', 'pbo'] },
  );
  assert.deepEqual(Object.keys(outcome.stageMs), [
    'causality',
    'smoke',
    'train',
    'subperiods',
    'redundancy',
    'deflation',
    'null',
    'selection',
  ]);
});

test('the nulls that are printed for a keep are not played where the null is off', async () => {
  const printed = async (...off: (typeof config.off)[number][]) => {
    const held = shippedGates({ surrogates: { count: 200, most: 200, held: 4 } });
    const { outcome, metrics } = await judged(play(good(TRAIN_DAYS)), {}, { ...held, off });
    assert.equal(outcome, 'keep');
    return Object.keys(metrics).filter((name) => /^null(Hour|Day)P$/.test(name));
  };
  assert.deepEqual(await printed(), ['nullHourP', 'nullDayP']);
  assert.deepEqual(await printed('null'), []);
});

test('a printed null that breaks leaves its number out and the keep in; a leak in it ends the candidate', async () => {
  const held = shippedGates({ surrogates: { count: 200, most: 200, held: 4 } });
  const brokenAs = (kind: BoxFailure['kind']) => {
    const sound = play(good(TRAIN_DAYS));
    return judged(
      {
        ...sound,
        surrogates: async (requests) =>
          requests.some(({ surrogate }) => surrogate?.holdMinutes === 60)
            ? { ok: false, kind, message: 'it broke' }
            : sound.surrogates(requests),
      },
      {},
      held,
    );
  };
  for (const kind of ['throw', 'timeout', 'memory', 'protocol'] as const) {
    const { outcome, metrics } = await brokenAs(kind);
    assert.equal(outcome, 'keep', kind);
    assert.equal(metrics.nullHourP, null);
    assert.ok(metrics.nullDayP! >= 0);
  }
  assert.equal((await brokenAs('leak')).outcome, 'discard');
});

test('the order of the stages changes where a trial ends, never whether it is kept', async () => {
  const context = (train: SimulationResult) => ({
    config,
    params: { fast: 10 },
    family: 'trend',
    train: { from: 0, to: TRAIN_DAYS * DAY },
    workbench: play(train),
    history: emptyHistory(),
  });
  for (const sharpe of [0.6, 1.2, 1.6, 2, 3]) {
    const train = resultOf(dailyReturns(TRAIN_DAYS, sharpe, `order ${sharpe}`));
    const usual = await judge(context(train), FOLD_DAYS);
    const thrifty = await judge(context(train), FOLD_DAYS, [
      'causality',
      'smoke',
      'train',
      'deflation',
      'pbo',
      'subperiods',
      'redundancy',
      'neighbours',
      'stress',
      'null',
      'selection',
    ]);
    assert.equal(thrifty.outcome, usual.outcome);
  }
});

test('a fold that ruins the account fails selection, whatever its days look like', async () => {
  const outcome = await judged(play(good(TRAIN_DAYS), { ...good(FOLD_DAYS), ruined: true }));
  assert.deepEqual(failed(outcome), ['selection.held_back held_back']);
});

test('a world that ruins the account fails stress, whatever its days look like', async () => {
  const train = good(TRAIN_DAYS);
  const workbench = cannedWorkbench((_, { scenario }) => ({ ...train, ruined: scenario.name === 'delay' }));
  assert.deepEqual(failed(await judged(workbench)), ['stress.delay execution_fragile']);
});

test('a train window of less than a month says nothing of a Sharpe ratio', async () => {
  for (const [days, missed] of [
    [29, true],
    [30, false],
  ] as const) {
    const found = failed(await judged(play(resultOf(dailyReturns(days, 9, 'short')))));
    assert.equal(found.includes('train.sharpe no_edge'), missed, `${days} days: ${found}`);
  }
});

test('an evaluation that is found out as a leak is a discard, and one that throws is a crash', async () => {
  const ends = async (kind: 'leak' | 'throw') => {
    const audit = async () => ({ ok: false as const, kind, message: 'x' });
    return (await judged({ ...play(good(TRAIN_DAYS)), audit })).outcome;
  };
  assert.deepEqual([await ends('leak'), await ends('throw')], ['discard', 'crash']);
});
