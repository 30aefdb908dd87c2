import assert from 'node:assert/strict';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeSimulator } from '../../../src/backtest/box/child/simulations.ts';
import type { Box, BoxAnswer, SimulationRequest } from '../../../src/backtest/contract.ts';
import type { SimulationData } from '../../../src/backtest/engine.ts';
import { columnsOf } from '../../../src/market/bars.ts';
import { readWindowFile } from '../../../src/market/window-file.ts';
import type { StrategyDefinition } from '../../../src/strategy/definition.ts';
import type { UniverseNow } from '../../../src/strategy/universe.ts';
import { boxFor, FOLDER, MARKET, REQUEST, SYMBOLS, windowFile } from './support.ts';

/** Looks at prices, volumes and two timeframes, so that whatever is left of another market changes an order. */
const SOURCE = `import { defineStrategy, ema, neutralise, rank, roc } from 'ralph/strategy';
export default defineStrategy({
  family: 'cross-rank', hypothesis: 'none', timeframe: '1h', universe: true, params: { bars: 12 }, warmup: 60,
  indicators: ({ close, volume, tf }: any, p: any) => ({ speed: roc(close, p.bars), traded: ema(volume, 24), slow: tf('4h', (h: any) => roc(h.close, 3)) }),
  decide(now: any) {
    const weights = neutralise(rank(now.symbols.map((s: any) => (s.live ? s.speed + s.slow : NaN))));
    for (const [i, s] of now.symbols.entries()) s.target(weights[i] * (s.traded > 50 ? 1 : 0.5), { stop: s.low });
  },
});`;

const SURROGATE = { index: 1, holdMinutes: 60, drift: false };
/** True and mirrored markets in turn. */
const REQUESTS: readonly SimulationRequest[] = [
  { ...REQUEST, surrogate: SURROGATE },
  REQUEST,
  { ...REQUEST, surrogate: { ...SURROGATE, index: 2, ownSigns: true } },
  { ...REQUEST, surrogate: { ...SURROGATE, index: 2, ownSigns: true }, params: { bars: 20 } },
  { ...REQUEST, params: { bars: 20 }, until: Date.UTC(2014, 0, 9) },
  { ...REQUEST, surrogate: { ...SURROGATE, drift: true } },
  { ...REQUEST, surrogate: { ...SURROGATE, noise: true } },
  { ...REQUEST, surrogate: { ...SURROGATE, index: 0, noise: true } },
  { ...REQUEST, scenario: { ...REQUEST.scenario, restingSpreads: 0.5 } },
];

async function opened(files: readonly string[], overwrite: boolean): Promise<Box & AsyncDisposable> {
  const box = await boxFor(SOURCE, files, { overwrite });
  assert.ok(box.ok, JSON.stringify(box));
  return Object.assign(box.value, { [Symbol.asyncDispose]: box.value.close });
}

/** What a box says of everything, the first audit while a surrogate lies over its window. */
async function allOf(files: readonly string[], overwrite: boolean): Promise<unknown> {
  await using box = await opened(files, overwrite);
  const answers: BoxAnswer<unknown>[] = [await box.simulate([REQUESTS[0]]), await box.audit({ bars: 12 }, 6, 1)];
  answers.push(await box.simulate(REQUESTS), await box.memory({ bars: 12 }, 1), await box.simulate(REQUESTS));
  // The same surrogate before and behind the true market.
  answers.push(await box.simulate([REQUESTS[0], REQUEST, REQUESTS[0]]));
  for (const answer of answers) assert.ok(answer.ok, JSON.stringify(answer));
  return answers;
}

const files = () => SYMBOLS.map((symbol) => windowFile(20_000, symbol));

function copiesOf(name: string): string[] {
  return files().map((path, i) => {
    const copy = join(FOLDER, `${name}-${i}.window`);
    copyFileSync(path, copy);
    return copy;
  });
}

test('surrogates that are written over the window give what copies give, and so does the window behind them', async () => {
  const [copied, overwritten] = [await allOf(files(), false), await allOf(files(), true)];
  assert.deepEqual(overwritten, copied);
});

/** A simulator over windows that count how often they are read again, or fail to be. */
function counted(fails: () => boolean) {
  let read = 0;
  const data = SYMBOLS.map((symbol, s): SimulationData => {
    const { bars, range } = readWindowFile(windowFile(20_000, symbol));
    const saved = columnsOf(bars).map((column) => column.slice());
    const reread = () => {
      if (s === 0 && fails()) throw new Error('no such window');
      read += 1;
      for (const [k, column] of columnsOf(bars).entries()) column.set(saved[k]);
    };
    return { symbol, bars, range, reread };
  });
  const strategy = {
    ...{ family: 'test', hypothesis: 'none', timeframe: '1h', universe: true, params: {}, warmup: 2, calendar: 'none' },
    decide: (now: UniverseNow<Record<string, never>>) => {
      for (const symbol of now.symbols) symbol.target(symbol.close > symbol.ago('close', 3) ? 0.5 : -0.5);
    },
  } as unknown as StrategyDefinition;
  return { simulator: makeSimulator(() => strategy, data, MARKET), read: () => read };
}

test('a window is read again before the question is played, and not for the surrogate that lies over it', () => {
  const { simulator, read } = counted(() => false);
  const other = { ...SURROGATE, index: 2 };
  const first = simulator.play({ ...REQUEST, surrogate: SURROGATE });
  simulator.ready(SURROGATE);
  simulator.play({ ...REQUEST, surrogate: SURROGATE });
  assert.equal(read(), 0);
  for (const surrogate of [other, undefined]) {
    const before = read();
    simulator.ready(surrogate);
    assert.equal(read(), before + 2);
    simulator.play({ ...REQUEST, surrogate });
    assert.equal(read(), before + 2);
  }
  simulator.ready(SURROGATE);
  assert.equal(simulator.play({ ...REQUEST, surrogate: SURROGATE }).equityFingerprint, first.equityFingerprint);
});

test('a surrogate whose window could not be read again is not there any more', () => {
  let gone = false;
  const { simulator } = counted(() => gone);
  const request = { ...REQUEST, surrogate: SURROGATE };
  const first = simulator.play(request);
  gone = true;
  assert.throws(() => simulator.ready(), /no such window/);
  assert.throws(() => simulator.play(request), /no such window/);
  gone = false;
  assert.equal(simulator.play(request).equityFingerprint, first.equityFingerprint);
});

test('a window that was written since disturbs the evaluation and is no fault of the candidate', async () => {
  const own = copiesOf('lost');
  await using box = await opened(own, true);
  assert.ok((await box.simulate([REQUESTS[0]])).ok);
  writeFileSync(own[1], readFileSync(own[1]));
  const lost = {
    name: 'EvaluationDisturbed',
    code: 'ELOST',
    message: /lost-1\.window: is no longer the file/,
  };
  await assert.rejects(box.simulate([REQUEST]), lost);
  // Who asks again hears the same: nothing is played on a market that is not there.
  await assert.rejects(box.simulate([REQUESTS[0]]), lost);
});

test('what the clock breaks off in another market ends the process: no number of that market is handed out', async () => {
  // The highest price there is: the scale of four times shows another one.
  const looping = (look: string) => `import { defineStrategy, map, sma } from 'ralph/strategy';
export default defineStrategy({
  family: 'test', hypothesis: 'none', timeframe: '1m', params: {}, warmup: 2,
  indicators: ({ close, volume }: any) => ({ mean: sma(map((x: number) => { ${look} return x; })(close), 2) }),
  decide(now: any) { now.target(now.close > now.mean ? 1 : -1); },
});`;
  const file = windowFile(20_000);
  const { high } = readWindowFile(file).bars;
  const top = high.reduce((most, price) => Math.max(most, price), 0);
  for (const part of ['memory', 'future'] as const) {
    const source = looping(`while (x > ${part === 'memory' ? 2 * top : top * 1.000_001}) {}`);
    const box = await boxFor(source, [file], { wallMs: 3_000 });
    assert.ok(box.ok, JSON.stringify(box));
    const before = await box.value.simulate([REQUEST]);
    assert.ok(before.ok, JSON.stringify(before));
    const broken = part === 'memory' ? await box.value.memory({}, 1) : await box.value.future({}, 20, 1);
    assert.ok(!broken.ok && broken.kind === 'timeout', JSON.stringify(broken));
    const after = await box.value.simulate([REQUEST]);
    assert.ok(!after.ok && after.kind === 'timeout', JSON.stringify(after).slice(0, 300));
    await box.value.close();
  }
});
