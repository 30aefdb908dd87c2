import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { ForwardRow, Seen } from '../../../src/forward/row.ts';
import { forwardLooks } from '../../../src/loop/steps/forward.ts';
import { readForward } from '../../../src/page/forward.ts';

const HOUR = 3_600_000;

test('a run looks after its first cycle and then when it is due; a look that fails, or a stop, costs it nothing', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'ralph-looks-'));
  t.after(() => rmSync(dir, { recursive: true }));
  let [now, asked, stopping] = [0, 0, false];
  let answer = async (): Promise<Seen[] | null> => null;
  const run = (everyHours: number) =>
    forwardLooks(
      {
        tag: 'one',
        dir,
        config: { forward: { everyHours, controls: 3 }, notify: { command: [], url: '', perHour: 6 } },
        control: { stopping: () => (stopping ? 'STOP' : null) },
        journal: { events: [] },
        task: {
          forward: (_: unknown, controls: number) => {
            assert.equal(controls, 3);
            asked += 1;
            return answer();
          },
        },
        evaluating: (step: () => Promise<unknown>) => step(),
      } as never,
      () => now,
    );
  await run(0)();
  assert.equal(asked, 0);
  const look = run(2);
  await Promise.all([look(), look()]);
  assert.equal(asked, 1, 'of two sessions that end together one looks');
  now = 2 * HOUR - 1;
  await look();
  assert.equal(asked, 1);
  now = 2 * HOUR;
  answer = () => Promise.reject(new Error('no database answers'));
  await look();
  assert.equal(asked, 2);
  now = 4 * HOUR;
  stopping = true;
  await look();
  assert.equal(asked, 2);
  stopping = false;
  const row = {
    trial: '0001-1',
    candidate: 'ema',
    role: 'keep',
    state: 'dead',
    since: '2026-01-02',
    added: 4,
    days: 9,
  };
  answer = async () => [
    { row: { ...row, promise: null, sharpe: {}, problem: null } as unknown as ForwardRow, record: null },
  ];
  assert.equal(readForward(dir), null);
  await look();
  assert.equal(readForward(dir)?.trials[0].state, 'dead');
});
