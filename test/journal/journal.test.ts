import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs, { appendFileSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { RalphEvent } from '../../src/journal/events.ts';
import { openJournal, readJournal } from '../../src/journal/journal.ts';
import { JournalDamaged } from '../../src/journal/lines.ts';
import { rowsOf } from '../../src/journal/projections/rows.ts';
import { cycleEvents, startOfRun } from '../../src/lab/story.ts';

const folder = () => mkdtempSync(join(tmpdir(), 'ralph-journal-'));
const resumed = (text: string): RalphEvent => ({ type: 'run.resumed', recovered: [text], trials: [] });

function written(count: number): string {
  const path = join(folder(), 'journal.jsonl');
  const journal = openJournal(path);
  for (let i = 1; i <= count; i++) journal.append(resumed(`number ${i}`));
  journal.close();
  return path;
}

test('what was appended is replayed, and the chain goes on over a restart', () => {
  const path = written(3);
  const journal = openJournal(path);
  assert.equal(journal.head.seq, 3);
  journal.append(resumed('after'));
  journal.close();
  const events = readJournal(path);
  assert.deepEqual(
    events.map(({ seq }) => seq),
    [1, 2, 3, 4],
  );
  assert.equal(events[3].type === 'run.resumed' && events[3].recovered[0], 'after');
});

test('when append returns the event is on the disk, whatever its type', (context) => {
  const path = join(folder(), 'journal.jsonl');
  const journal = openJournal(path);
  let durable = 0;
  const { fdatasyncSync } = fs;
  context.mock.method(fs, 'fdatasyncSync', (file: number) => {
    fdatasyncSync(file);
    durable = fs.fstatSync(file).size;
  });
  syncBuiltinESMExports();
  try {
    const notes: RalphEvent[] = [
      { type: 'lesson.noted', cycle: 1, lesson: 'l1', trials: ['0001-1'], text: 'Slow pairs trade too rarely.' },
      { type: 'hint.answered', hint: 'h1', cycle: 1, accepted: true, why: 'It helps.' },
      { type: 'selection.answered', trial: '0001-1', cycle: 1, look: 1, passed: false, sharpe: null },
    ];
    for (const event of [startOfRun, ...cycleEvents(1), ...notes]) {
      journal.append(event);
      assert.equal(durable, fs.statSync(path).size, event.type);
    }
  } finally {
    context.mock.restoreAll();
    syncBuiltinESMExports();
    journal.close();
  }
});

test('a torn last line is cut, kept aside and reported, wherever it was torn', () => {
  const whole = readFileSync(written(3));
  const start = whole.lastIndexOf(10, whole.length - 2) + 1;
  for (let end = start + 1; end < whole.length; end += 7) {
    const path = join(folder(), 'journal.jsonl');
    writeFileSync(path, whole.subarray(0, end));
    const cuts: string[] = [];
    const journal = openJournal(path, { onCut: (line) => cuts.push(line) });
    assert.equal(journal.events.length, 2);
    assert.match(cuts[0], /event 3 was left unfinished/);
    journal.append(resumed('again'));
    journal.close();
    assert.equal(readJournal(path).length, 3);
    assert.ok(readdirSync(join(path, '..')).some((name) => name.startsWith('journal.jsonl.torn-3-')));
  }
});

test('the cut of a torn line is on the disk before anything is appended behind it', (context) => {
  const path = written(3);
  appendFileSync(path, '{"seq":4,');
  const { fdatasyncSync } = fs;
  const synced: number[] = [];
  context.mock.method(fs, 'fdatasyncSync', (file: number) => {
    fdatasyncSync(file);
    synced.push(fs.fstatSync(file).size);
  });
  syncBuiltinESMExports();
  try {
    const journal = openJournal(path);
    assert.deepEqual(synced, [fs.statSync(path).size]);
    journal.close();
  } finally {
    context.mock.restoreAll();
    syncBuiltinESMExports();
  }
});

for (const [name, call, sealed] of [
  ['took place although its sync failed', 'fsyncSync', true],
  ['did not take place', 'renameSync', false],
] as const)
  test(`a seal whose last step failed and ${name} leaves a journal that goes on or says so`, (context) => {
    const path = join(folder(), 'journal.jsonl');
    const journal = openJournal(path, { sealBytes: 10 });
    journal.append(startOfRun);
    const { renameSync, fsyncSync } = fs;
    let renamed = false;
    context.mock.method(fs, 'renameSync', (from: string, to: string) => {
      const last = to === path;
      if (last && call === 'renameSync') throw new Error('EIO');
      renameSync(from, to);
      renamed = last;
    });
    context.mock.method(fs, 'fsyncSync', (file: number) => {
      if (renamed && call === 'fsyncSync') throw new Error('EIO');
      fsyncSync(file);
    });
    syncBuiltinESMExports();
    try {
      const append = () => journal.append({ type: 'cycle.mirrored', cycle: 1, runs: [] });
      if (sealed) append();
      else assert.throws(append, /EIO/);
    } finally {
      context.mock.restoreAll();
      syncBuiltinESMExports();
    }
    journal.append(resumed('on'));
    journal.close();
    assert.equal(readFileSync(path, 'utf8').includes('"journal.sealed"'), sealed);
    assert.deepEqual(
      readJournal(path).map(({ type }) => type),
      ['run.started', 'cycle.mirrored', ...(sealed ? ['journal.sealed' as const] : []), 'run.resumed'],
    );
  });

test('of two verdicts of one cycle the first counts, in rows and state', () => {
  const path = join(folder(), 'journal.jsonl');
  const journal = openJournal(path);
  journal.append(startOfRun);
  for (const event of cycleEvents(1)) journal.append(event);
  const verdict = cycleEvents(1).find(({ type }) => type === 'verdict.given');
  if (verdict?.type === 'verdict.given') journal.append({ ...verdict, route: 'patch' });
  assert.equal(rowsOf(journal.events)[0].route, 'new');
  journal.close();
});

test('a last line whose sectors never reached the disk is torn, not damage', () => {
  const path = written(2);
  appendFileSync(path, `${'\0'.repeat(200)}\n`);
  const journal = openJournal(path);
  assert.equal(journal.events.length, 2);
  journal.close();
});

test('a reader ignores a line that is being written and changes nothing', () => {
  const path = written(2);
  appendFileSync(path, '{"seq":3,');
  assert.equal(readJournal(path).length, 2);
  assert.ok(readFileSync(path, 'utf8').endsWith('{"seq":3,'));
});

test('damage anywhere else stops with file, line and sequence, and nothing is cut', () => {
  const path = written(5);
  const text = readFileSync(path, 'utf8');
  writeFileSync(path, text.replace('number 2', 'number 9'));
  const before = readFileSync(path, 'utf8');
  assert.throws(
    () => openJournal(path),
    (error) =>
      error instanceof JournalDamaged &&
      error.damage.line === 3 &&
      error.damage.seq === 3 &&
      error.message.includes(path),
  );
  assert.equal(readFileSync(path, 'utf8'), before);
  writeFileSync(path, text.replace('"recovered":["number 3"]', '"recovered":["number 3'));
  assert.throws(() => openJournal(path), /:3: event 3: the line is not JSON/);
});

test('an event that its schema refuses is not written', () => {
  const path = written(1);
  const journal = openJournal(path);
  assert.throws(() => journal.append({ type: 'run.ended', reason: 'x', exitCode: Number.NaN }), /run\.ended: exitCode/);
  journal.close();
  assert.equal(readJournal(path).length, 1);
});

test('a journal of a later schema is refused, not misread', () => {
  const path = join(folder(), 'journal.jsonl');
  const journal = openJournal(path);
  journal.append({ type: 'run.started', schema: 99, tag: 't', task: 'x', seed: 1, provenance: {}, config: null });
  journal.close();
  assert.throws(() => readJournal(path), /:1: event 1 is of version 99; this version reads up to \d/);
});

test('a full disk adds nothing, leaves the journal usable, and the end of the run still finds room', (context) => {
  const mount = mkdtempSync(join(tmpdir(), 'ralph-small-'));
  const system = (program: string, ...args: string[]) => execFileSync(program, args, { stdio: 'pipe' });
  try {
    system('mount', '-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', mount);
  } catch {
    context.skip('this user may not mount a small file system');
    return;
  }
  try {
    const path = join(mount, 'journal.jsonl');
    const journal = openJournal(path);
    const fill = () => {
      for (let i = 0; i < 1000; i++) journal.append(resumed(`${i} ${'x'.repeat(3000)}`));
    };
    assert.throws(fill, (error) => (error as NodeJS.ErrnoException).code === 'ENOSPC');
    const count = journal.events.length;
    assert.equal(readJournal(path).length, count);
    journal.append({ type: 'run.ended', reason: 'the disk is full', exitCode: 3 });
    journal.close();
    assert.deepEqual(
      readJournal(path)
        .slice(count)
        .map(({ type }) => type),
      ['run.ended'],
    );
  } finally {
    system('umount', mount);
  }
});
