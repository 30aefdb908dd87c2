import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { EvaluationDisturbed } from '../../../src/backtest/box/disturbed.ts';
import { type LoadedChild, loadChild } from '../../../src/backtest/box/loaded.ts';
import { openLoaded } from '../../../src/backtest/box/open.ts';
import type { Exercise } from '../../../src/backtest/box/protocol.ts';
import { openSpares } from '../../../src/backtest/box/spares.ts';
import { toScript } from '../../../src/backtest/compile/transform.ts';
import { closing } from '../../../src/base/closing.ts';
import { childrenOf, commandOf, isAlive, needsProc } from '../../../src/lab/processes.ts';
import { until } from '../../../src/lab/until.ts';
import { readWindowFile } from '../../../src/market/window-file.ts';
import { FOLDER, MARKET, REQUEST, simulateSource, strategySource, windowFile } from './support.ts';

const limits = { wallMs: 240_000, heapMb: 128 };
const setOf = (...windowFiles: string[]) => ({ windows: [windowFiles], limits });

test('a spare evaluates like a process of its own, byte for byte, and on the bytes that it read', async () => {
  const file = windowFile(3_000);
  const copy = join(FOLDER, 'copy.window');
  copyFileSync(file, copy);
  const spares = openSpares();
  spares.want([setOf(copy)]);
  await spares.settled();
  // Whatever becomes of the file: the spare says what it holds, and evaluates on that.
  writeFileSync(copy, 'something else');
  const child = await spares.take(setOf(copy));
  assert.ok(child);
  assert.deepEqual(child.fingerprints, [readWindowFile(file).fingerprint]);
  assert.deepEqual(await simulateIn(child), await simulateSource(strategySource({}), [file]));
  assert.equal(spares.size, 0, 'a spare is given away once');
  await spares.close();
});

for (const exercise of ['audit', 'future', 'memory'] as const)
  for (const timeframe of ['1m', '1h'] as const)
    test(`a spare made ready (${exercise}, ${timeframe}) audits and evaluates like a process of its own, byte for byte`, () =>
      auditsAlike(exercise, timeframe));

async function auditsAlike(exercise: Exercise, timeframe: string) {
  const set = { ...setOf(windowFile(15_000)), exercise };
  const spares = openSpares(() => true);
  spares.want([set]);
  assert.equal(spares.waits(set), false);
  await spares.settled();
  assert.equal(spares.waits(set), true);
  const child = await spares.take(set);
  assert.equal(spares.waits(set), false);
  const fresh = await loadChild(set);
  assert.ok(child && fresh.ok);
  const over = await fresh.value.channel.ask(
    { kind: 'warm', round: 9, exercise: 'audit' },
    limits.wallMs,
    limits.wallMs,
  );
  assert.deepEqual(over, { ok: true, value: false }, 'exercise has an end');
  const code = await toScript(strategySource({ timeframe }));
  const answers = [child, fresh.value].map(async (each) => {
    const box = await openLoaded(each, { code, market: MARKET });
    assert.ok(box.ok);
    const late = await each.channel.ask({ kind: 'warm', round: 0, exercise: 'audit' }, limits.wallMs, limits.wallMs);
    assert.ok(!late.ok && /has its candidate/.test(late.message), 'none is shown a candidate');
    // What remembers first: its market may have been written before there was a candidate. Then again, on memory that the other part has used.
    const found = [
      await box.value.memory(REQUEST.params, 1),
      await box.value.audit(REQUEST.params, 20, 1),
      await box.value.memory(REQUEST.params, 1),
      await box.value.simulate([REQUEST]),
    ];
    await box.value.close();
    return found;
  });
  const [warm, cold] = await Promise.all(answers);
  assert.ok(cold.every(({ ok }) => ok));
  assert.deepEqual(warm, cold);
  await spares.close();
}

test('a spare exercises as long as a processor is free, and is made ready in any case', async () => {
  const set = { ...setOf(windowFile(15_000)), exercise: 'play' as const };
  const asked = async (answers: boolean[]) => {
    let count = 0;
    await using spares = closing(openSpares(() => answers[count++] ?? true));
    spares.want([set]);
    await spares.settled();
    return count;
  };
  assert.equal(await asked([false]), 1);
  assert.equal(await asked([true, true, false]), 3);
  assert.ok((await asked([])) > 3, 'until another round pays no more');
});

test('a spare that is wanted with another exercise goes on with that, and is not told to be ready again', async () => {
  const windows = setOf(windowFile(15_000));
  let rounds = 0;
  await using spares = closing(
    openSpares(() => {
      rounds += 1;
      return true;
    }),
  );
  const told = async (...exercises: Exercise[]) => {
    const before = rounds;
    for (const exercise of exercises) spares.want([{ ...windows, exercise }]);
    await spares.settled();
    return rounds - before;
  };
  assert.equal(spares.has(windows), false);
  assert.equal(await told('ready'), 0);
  assert.equal(spares.has(windows), true);
  const all = await told('play');
  assert.ok(all > 3);
  assert.equal(await told('play'), 0);
  assert.equal(await told('ready'), 0);
  assert.equal(await told('audit', 'future'), all, 'the rounds of one exercise, not of both');
});

test('a file that was changed is not loaded, and a taker is left to hear why', async () => {
  const path = join(FOLDER, 'broken.window');
  const bytes = readFileSync(windowFile(500));
  bytes[bytes.length - 9] ^= 1;
  writeFileSync(path, bytes);
  const spares = openSpares();
  spares.want([setOf(path)]);
  await spares.settled();
  assert.equal(await spares.take(setOf(path)), undefined);
  const answer = await loadChild(setOf(path));
  assert.ok(!answer.ok);
  assert.equal(answer.kind, 'throw');
  assert.match(answer.message, /do not match their fingerprint/);
  await assert.rejects(loadChild(setOf(join(FOLDER, 'none'))), /ENOENT/);
});

test('a process takes its windows once and one candidate', async () => {
  const answer = await loadChild(setOf(windowFile(500)));
  assert.ok(answer.ok);
  const { channel } = answer.value;
  const ask = (request: Parameters<typeof channel.ask>[0]) => channel.ask(request, limits.wallMs, limits.wallMs);
  const open = {
    kind: 'open',
    code: await toScript(strategySource({})),
    stateless: false,
    pure: false,
    market: MARKET,
  } as const;
  const early = await ask({ kind: 'simulate', requests: [REQUEST], window: 0 });
  assert.ok(!early.ok && /nothing is open/.test(early.message));
  const again = await ask({ kind: 'load', windows: [[windowFile(500)]], overwrite: false });
  assert.ok(!again.ok && /has its windows/.test(again.message));
  const [first, second] = [await ask(open), await ask(open)];
  assert.ok(first.ok);
  assert.ok(!second.ok && /has its candidate/.test(second.message));
  await channel.end();
});

test('a child whose exercise was broken off is ended: its windows may be those of another market', async () => {
  const answer = await loadChild(setOf(windowFile(15_000)));
  assert.ok(answer.ok);
  const { channel } = answer.value;
  const broken = await channel.ask({ kind: 'warm', round: 1, exercise: 'audit' }, 5, 60_000);
  assert.ok(!broken.ok && broken.kind === 'timeout', JSON.stringify(broken));
  const ping = await channel.ask({ kind: 'ping' }, 60_000, 60_000);
  assert.deepEqual(ping, broken);
  await channel.end();
});

test('exactly what is wanted waits; other windows and other limits get nothing', needsProc, async () => {
  const [a, b, c] = [setOf(windowFile(500)), setOf(windowFile(501)), setOf(windowFile(502))];
  const spares = openSpares();
  spares.want([a, b]);
  await spares.settled();
  assert.equal(boxes().length, 2);
  spares.want([b, c]);
  await spares.settled();
  await until('the spare that is not wanted any more has gone', () => boxes().length === 2);
  assert.equal(await spares.take(a), undefined);
  assert.equal(await spares.take({ ...b, limits: { ...limits, heapMb: 64 } }), undefined);
  assert.equal(spares.size, 2);
  await spares.close();
  assert.deepEqual(boxes(), [], 'a closed pool leaves nobody behind');
  spares.want([a]);
  await spares.settled();
  assert.deepEqual(boxes(), [], 'and starts nobody');
});

test('whoever comes while a spare loads waits for it; while it is in the queue, not', async () => {
  const [a, b] = [setOf(windowFile(500)), setOf(windowFile(501))];
  const spares = openSpares();
  spares.want([a, b]);
  await Promise.resolve();
  const [first, second] = await Promise.all([spares.take(a), spares.take(b)]);
  assert.ok(first);
  assert.equal(second, undefined);
  await first.channel.end();
  await spares.close();
});

test('a process whose first question the world disturbed is ended', needsProc, async () => {
  const loaded = await loadChild(setOf(windowFile(500)));
  assert.ok(loaded.ok);
  const ask = () => Promise.reject(new EvaluationDisturbed('slept', 'the machine stood still'));
  const child = { ...loaded.value, channel: { ...loaded.value.channel, ask } };
  await assert.rejects(simulateIn(child), { name: 'EvaluationDisturbed' });
  await until('the process has ended', () => boxes().length === 0);
});

test('a spare that died is not handed out', needsProc, async () => {
  const set = setOf(windowFile(500));
  const spares = openSpares();
  spares.want([set]);
  await spares.settled();
  const [pid] = boxes();
  process.kill(pid, 'SIGKILL');
  await until('the spare is dead', () => boxes().length === 0);
  assert.equal(await spares.take(set), undefined);
  await spares.close();
});

for (const [how, argument] of [
  ['is killed', 'stay'],
  ['ends and forgot to close the pool', 'end'],
] as const) {
  test(`no spare outlives a harness that ${how}`, needsProc, async () => {
    const harness = spawn(process.execPath, [join(import.meta.dirname, 'fixtures/idle.ts'), argument], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = once(harness, 'exit');
    const [folder] = (await Promise.race([
      once(harness.stdout, 'data'),
      ended.then(() => assert.fail('the harness ended before its pool was full')),
    ])) as [Buffer];
    if (argument === 'stay') {
      const waiting = boxes(harness.pid);
      assert.equal(waiting.length, 2);
      harness.kill('SIGKILL');
      await ended;
      rmSync(folder.toString(), { recursive: true });
      await until('the spares have ended', () => !waiting.some(isAlive));
    } else {
      assert.deepEqual(await ended, [0, null]);
    }
  });
}

async function simulateIn(child: LoadedChild) {
  const box = await openLoaded(child, { code: await toScript(strategySource({})), market: MARKET });
  if (!box.ok) return box;
  const answer = await box.value.simulate([REQUEST]);
  await box.value.close();
  return answer.ok ? { ok: true, value: answer.value[0] } : answer;
}

/** The evaluation processes of a harness. */
function boxes(harness = process.pid): number[] {
  return childrenOf(harness).filter((pid) => isAlive(pid) && commandOf(pid).includes('--permission'));
}

test('two of the same windows wait and are given away one by one', needsProc, async () => {
  const set = setOf(windowFile(500));
  const spares = openSpares();
  spares.want([set, set]);
  await spares.settled();
  assert.equal(boxes().length, 2);
  const taken = [await spares.take(set), await spares.take(set)];
  assert.ok(taken[0] && taken[1] && taken[0] !== taken[1]);
  assert.equal(await spares.take(set), undefined);
  assert.equal(spares.size, 0);
  for (const child of taken) await child?.channel.end();
  await spares.close();
});

test('a pool starts nothing before those that are going have gone, and is not closed before', async () => {
  const pool = openSpares();
  const gone = Promise.withResolvers<void>();
  const path = windowFile(500);
  pool.want([setOf(path)], gone.promise);
  assert.equal(await pool.take(setOf(path)), undefined);
  let closed = false;
  const closing = pool.close().then(() => {
    closed = true;
  });
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(closed, false);
  gone.resolve();
  await closing;
});
