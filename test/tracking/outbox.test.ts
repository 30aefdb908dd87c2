import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { readJournal } from '../../src/journal/journal.ts';
import { buildRunFolder } from '../../src/lab/bench/run-folder.ts';
import { digestOf, openOutbox } from '../../src/tracking/outbox.ts';
import { fillOutbox } from '../../src/tracking/sync.ts';
import type { TrackedRun } from '../../src/tracking/tracker.ts';

const run = (id: string): TrackedRun => ({
  id,
  name: id,
  config: {},
  summary: {},
  history: [],
  exitCode: 0,
  group: 't',
  jobType: 'trial',
  tags: ['ema', 'discard'],
  notes: 'a hypothesis',
  files: [],
  alert: null,
});
const folder = () => mkdtempSync(join(tmpdir(), 'ralph-outbox-'));

test('a note of a delivery that a crash tore takes nothing of the next one with it', () => {
  const dir = folder();
  const outbox = openOutbox(dir);
  const deliver = (id: string) => outbox.delivered(outbox.read(outbox.put(run(id))));
  deliver('a');
  appendFileSync(join(dir, 'outbox', 'delivered.jsonl'), '{"id":"b","dig');
  deliver('c');
  deliver('d');
  const expected = ['a', 'c', 'd'].map((id) => [id, digestOf(run(id))]);
  assert.deepEqual([...outbox.deliveredDigests()], expected);
});

test('what was put aside comes back in its old order, and new items go behind it', () => {
  const outbox = openOutbox(folder());
  const [first, second] = [outbox.put(run('a')), outbox.put(run('b'))];
  outbox.setAside(first);
  assert.deepEqual([outbox.pending(), outbox.failed()], [[second], [first]]);
  const third = outbox.put(run('c'));
  assert.equal(outbox.retry(), 1);
  assert.deepEqual([outbox.pending(), outbox.failed()], [[first, second, third], []]);
});

test('a damaged item is never sent, and the next filling makes it again from the journal', () => {
  const dir = folder();
  const outbox = openOutbox(dir);
  const events = readJournal(join(buildRunFolder(2), 'journal.jsonl'));
  const options = { returnsOf: () => new Float64Array() };
  const all = fillOutbox(outbox, events, options);
  const [first, second] = outbox.pending();
  const path = (file: string) => join(dir, 'outbox', 'pending', file);
  writeFileSync(path(first), readFileSync(path(first), 'utf8').replace('"name":"', '"name":"x'));
  truncateSync(path(second), 20);
  for (const file of [first, second])
    assert.throws(() => outbox.read(file), { name: 'RalphError', remedy: /track sync$/ });
  assert.equal(fillOutbox(outbox, events, options), 2);
  const again = outbox.pending();
  assert.deepEqual([again.length, outbox.failed()], [all, []]);
  for (const file of again) outbox.read(file);
});
