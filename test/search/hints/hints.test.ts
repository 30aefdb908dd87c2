import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { until } from '../../../src/lab/until.ts';
import { activeHints, takeHints } from '../../../src/search/hints/hints.ts';
import { JournalBuilder } from '../build.ts';

function place() {
  const root = mkdtempSync(join(tmpdir(), 'hints-'));
  const inbox = join(root, 'inbox');
  mkdirSync(inbox);
  writeFileSync(join(inbox, 'README.md'), 'stay');
  const run = new JournalBuilder().start();
  run.add = function add(event) {
    this.events.push({ ...event, seq: this.events.length + 1, at: Date.now() + 20, prev: '' } as never);
    return this;
  };
  const refused: string[] = [];
  const take = (cycle: number) =>
    takeHints(inbox, root, cycle, { events: run.events, onRefused: (file, why) => refused.push(`${file}: ${why}`) });
  const takeAll = (cycle: number) => {
    for (const hint of take(cycle)) {
      if (hint.event) run.add(hint.event);
      hint.release();
    }
  };
  return { root, inbox, run, refused, take, takeAll };
}

test('a hint is moved into the run folder, journaled, active, and gone from the inbox', () => {
  const { root, inbox, run, takeAll } = place();
  writeFileSync(join(inbox, 'Prefer Reversion.md'), '---\npriority: 8\nscope: cycles:2\n---\nPrefer reversion.');
  takeAll(3);
  assert.deepEqual(readdirSync(inbox), ['README.md']);
  const [hint] = activeHints(run.events, 3);
  assert.equal(hint.text, 'Prefer reversion.');
  assert.match(hint.id, /^prefer-reversion-[0-9a-f]{6}$/);
  assert.match(readFileSync(join(root, 'hints', `${hint.id}.md`), 'utf8'), /Prefer reversion/);
  assert.equal(activeHints(run.events, 4).length, 1);
  assert.equal(activeHints(run.events, 5).length, 0);
});

test('a kill between copy, journal and removal neither loses nor doubles a hint', () => {
  const { inbox, run, take, takeAll } = place();
  writeFileSync(join(inbox, 'a.md'), 'one');
  take(1); // Killed after the copy: nothing journaled, still in the inbox.
  const [again] = take(1);
  run.add(again.event!); // Killed after the journal, before the removal.
  const [third] = take(2);
  assert.equal(third.event, null);
  third.release();
  takeAll(3);
  assert.equal(run.events.filter((event) => event.type === 'hint.taken').length, 1);
  assert.equal(existsSync(join(inbox, 'a.md')), false);
});

test('a hint edited between reading and removal stays for the next boundary', () => {
  const { inbox, run, take } = place();
  writeFileSync(join(inbox, 'a.md'), 'one');
  const [hint] = take(1);
  writeFileSync(join(inbox, 'a.md'), 'two');
  run.add(hint.event!);
  hint.release();
  assert.equal(readFileSync(join(inbox, 'a.md'), 'utf8'), 'two');
});

test('the same hint dropped again later is a new wish', async () => {
  const { inbox, run, takeAll } = place();
  writeFileSync(join(inbox, 'a.md'), 'one');
  takeAll(1);
  // File systems keep their time in steps of some milliseconds, or of a second.
  const again = join(inbox, 'a.md');
  await until('the file is younger than its event', () => {
    writeFileSync(again, 'one');
    return Math.floor(statSync(again).ctimeMs) > run.events.at(-1)!.at;
  });
  takeAll(2);
  const ids = run.events.flatMap((event) => (event.type === 'hint.taken' ? [event.hint] : []));
  assert.equal(new Set(ids).size, 2);
});

test('what cannot be a hint is reported and left alone', () => {
  const { inbox, refused, takeAll, run } = place();
  writeFileSync(join(inbox, 'big.md'), 'x'.repeat(5000));
  writeFileSync(join(inbox, 'binary.md'), Buffer.from([0, 159, 146, 150]));
  writeFileSync(join(inbox, 'typo.md'), '---\npriorty: 3\n---\ntext');
  writeFileSync(join(inbox, 'scope.md'), '---\nscope: everywhere\n---\ntext');
  takeAll(1);
  assert.equal(refused.length, 4);
  assert.match(refused.join('\n'), /typo\.md: .*priority/);
  assert.equal(readdirSync(inbox).length, 5);
  assert.equal(run.events.length, 1);
});

test('dropping withdraws, expiry voids, family scope holds for its family, priority orders', () => {
  const { inbox, run, takeAll } = place();
  writeFileSync(join(inbox, 'a.md'), 'low');
  writeFileSync(join(inbox, 'b.md'), '---\npriority: 9\nscope: family:trend\n---\nhigh');
  writeFileSync(join(inbox, 'c.md'), '---\nexpires: 2001-01-01\n---\nold');
  takeAll(1);
  assert.deepEqual(
    activeHints(run.events, 1).map(({ text }) => text),
    ['high', 'low'],
  );
  assert.deepEqual(
    activeHints(run.events, 1, { family: 'reversion' }).map(({ text }) => text),
    ['low'],
  );
  const low = activeHints(run.events, 1)[1].id;
  writeFileSync(join(inbox, 'drop.md'), `---\ndrop: ${low}\n---\nno longer`);
  takeAll(2);
  assert.deepEqual(
    activeHints(run.events, 2).map(({ text }) => text),
    ['high'],
  );
});

test('a hint no longer holds from the millisecond of its expiry on', () => {
  const { inbox, run, takeAll } = place();
  writeFileSync(join(inbox, 'a.md'), '---\nexpires: 2040-01-01\n---\nuntil then');
  takeAll(1);
  const expiry = Date.UTC(2040, 0, 1);
  const held = [expiry - 1, expiry, expiry + 1].map((now) => activeHints(run.events, 1, { now }).length);
  assert.deepEqual(held, [1, 0, 0]);
});
