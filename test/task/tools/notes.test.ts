import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Cycle } from '../../../src/task/task.ts';
import { answerHint, finish, proposeChange } from '../../../src/task/tools/notes.ts';
import { JournalBuilder } from '../../search/build.ts';

/** A session of the builder's last cycle, as far as the tools that take notes look at it. */
function sessionOf(run: JournalBuilder): Cycle {
  const record = (event: Parameters<JournalBuilder['add']>[0]) => void run.add(event);
  return { id: run.cycles, events: run.events, record } as unknown as Cycle;
}

const hintOf = (hint: string, scope: string) =>
  ({ type: 'hint.taken', hint, text: hint, sha256: hint, cycle: 1, priority: 5, expiresAt: null, scope }) as const;

test('finish waits for the answers to the hints of its own brief, and for no others', async () => {
  const run = new JournalBuilder().start().add(hintOf('slow', 'run')).add(hintOf('rsi', 'family:reversion-rsi'));
  run.cycleStart({ family: 'trend', hints: ['slow'] });
  run.trial({ family: 'trend' });
  const session = sessionOf(run);
  // Taken by another session while this one is held: it has not read it.
  run.add(hintOf('late', 'run'));
  const early = await finish({ summary: 'done' }, session, undefined);
  assert.deepEqual({ ok: early.ok, final: early.final }, { ok: false, final: undefined });
  assert.match(early.content, /answer_hint: slow\./);
  assert.equal((await answerHint({ hint: 'slow', accepted: true, why: 'a daily bar' }, session, undefined)).ok, true);
  assert.equal((await finish({ summary: 'done' }, session, undefined)).final, true);
});

test('a hint that is withdrawn while a session is held no longer wants its answer', async () => {
  const run = new JournalBuilder().start().add(hintOf('slow', 'run'));
  run.cycleStart({ hints: ['slow'] });
  run.trial({ family: 'trend' });
  assert.equal((await finish({ summary: 'done' }, sessionOf(run), undefined)).ok, false);
  run.add({ type: 'hint.dropped', hint: 'slow', why: 'withdrawn' });
  assert.equal((await finish({ summary: 'done' }, sessionOf(run), undefined)).final, true);
});

test('propose_change leaves a file for the human and changes nothing else', async (t) => {
  const runDir = mkdtempSync(join(tmpdir(), 'ralph-proposal-'));
  t.after(() => rmSync(runDir, { recursive: true }));
  const run = new JournalBuilder().start().cycleStart({});
  const session = { ...sessionOf(run), runDir } as Cycle;
  assert.equal((await proposeChange({ text: 'lower it' }, session, undefined)).ok, false);
  const wish = 'Lower train.minTrades from 30 to 20: trials 3 and 5 missed it by two trades.';
  assert.equal((await proposeChange({ text: wish }, session, undefined)).ok, true);
  const files = readdirSync(runDir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  assert.equal(files.length, 1);
  assert.ok(readFileSync(join(files[0].parentPath, files[0].name), 'utf8').includes(wish));
  assert.equal(run.events.at(-1)?.type, 'proposal.made');
});
