import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openSpares } from '../../src/backtest/box/spares.ts';
import { compileCandidate } from '../../src/backtest/compile/compile.ts';
import { NEUTRAL } from '../../src/backtest/market.ts';
import { closing } from '../../src/base/closing.ts';
import { canaryMarket, canaryWindows } from '../../src/gates/canaries/market.ts';
import { boxWorkbench } from '../../src/gates/workbench/box-workbench.ts';
import { windowSets } from '../../src/gates/workbench/window-sets.ts';
import { childrenOf, commandOf, needsProc } from '../../src/lab/processes.ts';
import { DAY, rowsOf } from '../../src/market/bars.ts';
import { readMarketConfig } from '../../src/market/config.ts';
import { readWindowFile, writeWindowFile } from '../../src/market/window-file.ts';
import { shippedGates } from './support.ts';

const frozen = canaryWindows(mkdtempSync(join(tmpdir(), 'ralph-workbench-')));
const market = canaryMarket(readMarketConfig(join(import.meta.dirname, '../../config/market.yaml')));
const { limits } = shippedGates({});

const source = (value: string) => `import { defineStrategy, ema, rolling } from 'ralph/strategy';
const seen: number[] = [];
export default defineStrategy({
  family: 'a', hypothesis: 'none', timeframe: '1h', params: { n: 12 }, warmup: (p) => 2 * p.n,
  indicators: ({ close }, p) => {
    const slow = ema(close, p.n);
    const first = rolling(1, ([x]) => { seen.push(x); return x; })(close);
    let at = 0;
    return { slow, first, next: rolling(1, ([x]) => { at += 1; return ${value}; })(close) };
  },
  decide(now) { now.target(now.next > now.slow ? 1 : 0); },
});
`;

async function wanted(value: string) {
  const yaml = 'strategy: a.ts\nsymbols: [CANARY]\n';
  const compiled = await compileCandidate({ name: 'a', source: source(value), yaml });
  assert.ok(compiled.ok, JSON.stringify(compiled));
  return { code: compiled.code, symbols: compiled.config.symbols, frozen, market, limits };
}

const evaluations = () => childrenOf(process.pid).filter((pid) => commandOf(pid).includes('--permission')).length;

async function answersOf(value: string, processors: number) {
  const bench = boxWorkbench({ ...(await wanted(value)), processors });
  const request = { params: { n: 12 }, scenario: NEUTRAL, detail: 'summary' as const };
  const others = [6, 18, 24].map((n) => ({ ...request, params: { n } }));
  try {
    const audit = await bench.audit({ n: 12 }, 20);
    const processes = evaluations();
    const simulated = [await bench.simulate('train', [request]), await bench.simulate('train', [request, ...others])];
    const single = await Promise.all(others.map((each) => bench.simulate('train', [each])));
    return { audit, simulated, single, processes };
  } finally {
    await bench.close();
  }
}

test('two processes of the train window give what one gives, byte for byte', needsProc, async () => {
  const [one, two] = [await answersOf('x', 1), await answersOf('x', 4)];
  assert.deepEqual([one.processes, two.processes], [1, 2]);
  assert.ok(one.audit.ok && one.audit.value.memory, JSON.stringify(one.audit));
  const { processes: _, ...expected } = one;
  assert.deepEqual({ ...two, processes: undefined }, { ...expected, processes: undefined });
});

test('a leak is told as a leak, whatever the second process finds out', async () => {
  const [one, two] = [await answersOf('seen[at] ?? x', 1), await answersOf('seen[at] ?? x', 4)];
  assert.ok(one.audit.ok && one.audit.value.leak && one.audit.value.memory === undefined, JSON.stringify(one.audit));
  assert.deepEqual(two.audit, one.audit);
});

test('surrogates are shared by as many processes as there are processors, and as memory holds', needsProc, async () => {
  const own = await wanted('x');
  const bars = frozen.train.reduce((sum, file) => sum + file.bars + file.warmupBars, 0);
  const played = async (memory: number) => {
    const bench = boxWorkbench({ ...own, processors: 3, memory: () => memory });
    const requests = [0, 1, 2, 3, 4, 5].map((index) => ({
      params: { n: 12 },
      scenario: NEUTRAL,
      detail: 'days' as const,
      surrogate: { index, holdMinutes: 1, drift: false },
    }));
    try {
      const found = await bench.surrogates(requests);
      assert.ok(found.ok, JSON.stringify(found));
      const processes = evaluations();
      return { processes, found: found.value };
    } finally {
      await bench.close();
    }
  };
  const [scarce, some, plenty] = [await played(bars), await played(2.5 * 220 * bars), await played(1e12)];
  assert.deepEqual([scarce.processes, some.processes, plenty.processes], [1, 2, 3]);
  assert.deepEqual(some.found, scarce.found);
  assert.deepEqual(plenty.found, scarce.found);
});

test('two processes wait for the train window, one where it is large or processors or memory are few', () => {
  const trains = (windows: typeof frozen, processors: number, memory = 1e12) =>
    windowSets(windows, { symbols: ['CANARY'] }, limits, { processors, memory: () => memory })
      .filter(({ windows: [[file]] }) => file === windows.train[0].path)
      .map(({ exercise }) => exercise);
  assert.deepEqual(trains(frozen, 4), ['future', 'memory']);
  assert.deepEqual(trains(frozen, 2), ['future', 'memory']);
  assert.deepEqual(trains(frozen, 1), ['ready']);
  assert.deepEqual(trains(frozen, 2, 1e6), ['audit']);
  assert.deepEqual(trains({ ...frozen, train: frozen.train.map((file) => ({ ...file, bars: 5_000_000 })) }, 4), [
    'audit',
  ]);
});

test('surrogates of a window with more than 40 million bars over all symbols are written over it, and over no other', () => {
  const overwritten = (...bars: number[]) => {
    const train = bars.map((each, i) => ({ ...frozen.train[0], symbol: `S${i}`, bars: each, warmupBars: 1_000_000 }));
    const traded = { symbols: train.map(({ symbol }) => symbol) };
    const sets = windowSets({ train, selection: [] }, traded, limits, { processors: 2, memory: () => 1e12 });
    return sets.map(({ overwrite }) => overwrite);
  };
  assert.deepEqual(overwritten(19_000_000, 19_000_000), [false]);
  assert.deepEqual(overwritten(19_000_000, 19_000_001), [true]);
});

test(
  'on two processors the second process is one that waits; a trial that finds none starts those of the folds beside its own',
  needsProc,
  async () => {
    const room = { processors: 2, memory: () => 1e12 };
    await using spares = closing(openSpares(() => false));
    const ofTrain = (pid: number) => commandOf(pid).includes(frozen.train[0].path);
    const audited = async () => {
      await using bench = closing(boxWorkbench({ ...(await wanted('x')), spares, ...room }));
      const before = spares.size;
      const asked = bench.audit({ n: 12 }, 20);
      const during = spares.size;
      const audit = await asked;
      assert.ok(audit.ok && audit.value.memory, JSON.stringify(audit));
      return { before, during, after: spares.size, trains: childrenOf(process.pid).filter(ofTrain).length, audit };
    };
    const alone = await audited();
    await spares.settled();
    const pair = await audited();
    assert.deepEqual([alone.before, alone.during, alone.after, alone.trains], [0, 1, 1, 1]);
    assert.deepEqual([pair.before, pair.after, pair.trains], [3, 1, 2]);
    assert.deepEqual(pair.audit, alone.audit);
  },
);

const REQUEST = { params: { n: 12 }, scenario: NEUTRAL, detail: 'summary' } as const;

/** The canary's train window cut into four folds. */
const folds = [0, 1, 2, 3].map((k) => {
  const [{ path, ...file }] = frozen.train;
  const { bars, range } = readWindowFile(path);
  const quarter = (range.to - range.from) / 4;
  const own = { from: range.from + k * quarter, to: range.from + (k + 1) * quarter };
  const name = `${path}.${k}`;
  const from = bars.time.findIndex((time) => time >= own.from - DAY);
  const part = rowsOf(bars, from, from + bars.time.subarray(from).filter((time) => time < own.to).length);
  const header = writeWindowFile(name, part, { symbol: file.symbol, range: own, warmupMs: DAY, provenance: 'test' });
  return [{ ...file, path: name, fingerprint: header.fingerprint, range: own }];
});

test('folds share processes, one for every second processor, and answer the same', needsProc, async () => {
  const played = async (processors: number) => {
    await using bench = closing(
      boxWorkbench({ ...(await wanted('x')), frozen: { ...frozen, selection: folds }, processors }),
    );
    const answers = await Promise.all(folds.map((_, fold) => bench.simulate({ fold }, [REQUEST])));
    return { processes: evaluations(), answers };
  };
  const [one, two, four, many] = [await played(1), await played(2), await played(4), await played(16)];
  assert.deepEqual(
    [one, two, four, many].map(({ processes }) => processes),
    [1, 1, 2, 4],
  );
  assert.ok(one.answers.every(({ ok }) => ok));
  assert.equal(new Set(one.answers.map((answer) => JSON.stringify(answer))).size, 4);
  for (const { answers } of [two, four, many]) assert.deepEqual(answers, one.answers);
});

test('after a process that had to be ended, the folds behind it are played in another', needsProc, async () => {
  const { bars } = readWindowFile(folds[0][0].path);
  const hangs = source('x').replace('decide(now) {', `decide(now) { if (now.close === ${bars.close[200]}) for (;;) {}`);
  const compiled = await compileCandidate({ name: 'a', source: hangs, yaml: 'strategy: a.ts\nsymbols: [CANARY]\n' });
  assert.ok(compiled.ok, JSON.stringify(compiled));
  const own = {
    ...(await wanted('x')),
    frozen: { ...frozen, selection: folds },
    code: compiled.code,
    limits: { ...limits, seconds: 2 },
  };
  await using bench = closing(boxWorkbench({ ...own, processors: 2 }));
  const together = await Promise.all([0, 1].map((fold) => bench.simulate({ fold }, [REQUEST])));
  assert.deepEqual(
    together.map((answer) => answer.ok || answer.kind),
    ['timeout', 'timeout'],
  );
  assert.deepEqual((await bench.simulate({ fold: 3 }, [REQUEST])).ok, true);
  assert.equal(evaluations(), 1);
});

test('closed again while its first close waits for a process that starts, it waits as well', needsProc, async () => {
  const bench = boxWorkbench(await wanted('x'));
  const answer = bench.simulate('train', [REQUEST]);
  void bench.close();
  await bench.close();
  assert.equal(evaluations(), 0);
  assert.equal((await answer).ok, false);
});

test('a pool that is closed leaves no process of a bench that was closed before it', needsProc, async () => {
  const spares = openSpares();
  const bench = boxWorkbench({ ...(await wanted('x')), spares });
  assert.ok((await bench.simulate('train', [REQUEST])).ok);
  await bench.close();
  await spares.close();
  assert.equal(evaluations(), 0);
});
