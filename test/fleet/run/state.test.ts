import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fleetLines, type Host, stuckReason } from '../../../src/fleet/run/state.ts';

const ENGINE = 'e'.repeat(64);
const host = (more: Partial<Host> = {}): Host => ({
  host: 'a',
  name: 'box-a:7',
  engine: ENGINE,
  version: '0.1.0',
  processes: 2,
  busy: 0,
  done: 5,
  failed: 0,
  late: 0,
  load: 1.5,
  since: new Date(0),
  ...more,
});
const reason = (hosts: readonly Host[], waiting = 2, oldestSeconds = 30) =>
  stuckReason({ hosts, waiting, oldestSeconds }, ENGINE);

test('a queue that stands still is named with its reason, and one that goes on is not', () => {
  for (const [found, expected] of [
    [reason([]), /^2 jobs wait, and no worker is there: start `ralph worker`/],
    [reason([], 1), /^1 job waits, and no worker/],
    [reason([host({ engine: 'f'.repeat(64) })]), /for engine eeeeeeeeeeee, and box-a:7 has engine ffffffffffff/],
    [reason([host()]), /^2 jobs wait, and the workers \(box-a:7\) take none$/],
    [reason([host({ failed: 3 })]), /take none; box-a:7 gave 3 back: read there what it says$/],
  ] as const)
    assert.match(found ?? 'nothing', expected);
  assert.deepEqual([reason([host({ busy: 1 })]), reason([], 0), reason([], 2, 5)], [null, null, null]);
});

test('people read where the time goes, what stands still, and each worker', () => {
  const kinds = [
    { kind: 'train', jobs: 2, milliseconds: 900, overheadMs: 9 },
    { kind: 'surrogates', jobs: 9, milliseconds: 400, overheadMs: 20 },
  ] as const;
  const other = host({ engine: 'f'.repeat(64), name: 'box-b:8' });
  const lines = fleetLines({
    at: 0,
    engine: ENGINE,
    hosts: [host({ busy: 1 }), other],
    waiting: 3,
    oldestSeconds: 12,
    perSecond: 2.5,
    kinds,
    stuck: 'no worker is there',
  });
  assert.deepEqual(lines, [
    '3 waiting, the oldest for 12 s; 2.5 jobs/s; most time in surrogates: 9 jobs of 400 ms, 20 ms more in the queue',
    'STUCK: no worker is there',
    'box-a:7 (0.1.0): 1 of 2 busy, 5 done, 0 failed, 0 late, load 1.5',
    'box-b:8 (0.1.0): 0 of 2 busy, 5 done, 0 failed, 0 late, load 1.5, another engine (ffffffffffff): it takes no job of this run',
  ]);
});
