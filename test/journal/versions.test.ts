import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, readFileSync } from 'node:fs';

import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { GENESIS, sha256 } from '../../src/base/hash.ts';
import { SCHEMA_VERSION } from '../../src/journal/events.ts';
import { openJournal, readJournal } from '../../src/journal/journal.ts';
import { headOf } from '../../src/journal/projections/projections.ts';
import { stateOf } from '../../src/journal/state/run-state.ts';
import { startOfRun } from '../../src/lab/story.ts';

/** Events as a version wrote them that read differently today: the version, the event, and what it is read as. */
const READ_AS = [[1, { type: 'run.resumed', recovered: ['cycle 3 is not mirrored'] }, { trials: [] }]] as const;

function journalOf(...events: object[]): string {
  const path = join(mkdtempSync(join(tmpdir(), 'ralph-versions-')), 'journal.jsonl');
  let prev = GENESIS.hash;
  for (const [i, event] of events.entries()) {
    const line = JSON.stringify({ seq: i + 1, at: 1.7e12, ...event, prev });
    appendFileSync(path, `${line}\n`);
    prev = sha256(line);
  }
  return path;
}

test('every version before this one that asks for something new has its line here', () => {
  assert.deepEqual(
    READ_AS.map(([version]) => version),
    Array.from({ length: SCHEMA_VERSION - 1 }, (_, i) => i + 1),
  );
});

for (const [version, stored, read] of READ_AS)
  test(`an event of version ${version} is read as today's, and its line stays what it was, sealed or not`, () => {
    const v = version === 1 ? {} : { v: version };
    const path = journalOf({ ...v, ...startOfRun, schema: version }, { ...v, ...stored });
    const text = readFileSync(path, 'utf8');
    const check = () => {
      const events = readJournal(path);
      for (const [name, value] of Object.entries(read))
        assert.deepEqual((events[1] as unknown as Record<string, unknown>)[name], value);
      assert.equal(JSON.stringify(events[1]), text.split('\n')[1]);
      assert.equal(stateOf(events).redone.size, 0);
    };
    check();
    assert.equal(headOf(readJournal(path)).hash, sha256(text.split('\n')[1]));
    const journal = openJournal(path, { sealBytes: 1 });
    journal.append({ type: 'cycle.mirrored', cycle: 1, runs: [] });
    journal.close();
    assert.match(readFileSync(path, 'utf8'), /"type":"journal.sealed"/);
    check();
  });

for (const [name, event, why] of [
  [
    'type',
    { v: SCHEMA_VERSION, type: 'moon.landed' },
    /event 2 is of a kind that this version does not know: moon.landed/,
  ],
  ['version', { v: 99, type: 'run.ended' }, /event 2 is of version 99; this version reads up to \d+/],
] as const)
  test(`an event whose ${name} only a later version knows is refused when the journal is opened, with file and line`, () => {
    const path = journalOf(startOfRun, event, { v: 99, type: 'run.ended' });
    const before = readFileSync(path, 'utf8');
    for (const open of [openJournal, readJournal])
      assert.throws(
        () => open(path),
        (error: Error) => why.test(error.message) && error.message.startsWith(`${path}:2`),
      );
    assert.equal(readFileSync(path, 'utf8'), before);
  });
