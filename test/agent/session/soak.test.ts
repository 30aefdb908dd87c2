import assert from 'node:assert/strict';
import { availableParallelism } from 'node:os';
import { test } from 'node:test';
import type { RunSession, SessionEnd } from '../../../src/agent/contract.ts';
import { runSession } from '../../../src/agent/session/session.ts';
import { runChildSession } from '../../../src/agent/spawn.ts';
import { say } from '../../../src/base/draw/terminal.ts';
import { startModelServer } from '../../../src/lab/server/serve.ts';
import { BRAIN, lend, SOURCE, specFor } from '../fixtures/desk.ts';

// The long form, 200 sessions in processes of their own: RALPH_SOAK=200 node --test test/agent/session/soak.test.ts
const LONG = Number(process.env.RALPH_SOAK ?? 0);
const SESSIONS = LONG || 120;
// Not the number of cores: which session meets which fault must not depend on the machine more than it has to.
const TOGETHER = LONG ? availableParallelism() : 4;

test(`${SESSIONS} sessions with a fault in every fifth request`, async () => {
  const server = await startModelServer({ brain: BRAIN, seed: 5, faults: { rate: 0.2 }, silenceMs: 2500 });
  const run: RunSession = LONG ? runChildSession : runSession;
  const ends: SessionEnd[] = [];
  let wrong = 0;
  const one = async (i: number) => {
    const box = lend();
    const task = `Job ${i}: write a.ts, check it, finish.`;
    const end = await run(specFor(server.baseUrl, { task, limits: { idleMs: 1000 } }), box);
    ends.push(end);
    if (end.reason === 'finished' && box.files.get('a.ts') !== SOURCE) wrong += 1;
  };
  for (let i = 0; i < SESSIONS; i += TOGETHER) {
    await Promise.all(Array.from({ length: Math.min(TOGETHER, SESSIONS - i) }, (_, k) => one(i + k)));
  }
  await server.close();
  const { faults, refused, requests } = server.stats();
  const finished = ends.filter(({ reason }) => reason === 'finished').length;
  const others = ends.filter(({ reason }) => reason !== 'finished').map(({ reason, detail }) => `${reason}: ${detail}`);
  const injected = Object.values(faults).reduce((sum, count) => sum + count, 0);
  say(
    `${SESSIONS} sessions, ${requests} requests, ${injected} faults of ${Object.keys(faults).length} kinds: ${finished} finished (${((100 * finished) / SESSIONS).toFixed(1)}%), ${refused.length} refused histories`,
  );
  for (const line of others) say(`  ${line}`);
  assert.deepEqual(refused, [], 'a poisoned history');
  assert.equal(ends.length, SESSIONS);
  assert.equal(wrong, 0, 'a session finished with a file that is not what the model wrote');
  assert.ok(ends.every(({ reason }) => reason !== 'crashed'));
  assert.ok(finished / SESSIONS >= 0.95, `${finished} of ${SESSIONS} finished`);
});
