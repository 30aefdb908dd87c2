import assert from 'node:assert/strict';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openWorktree } from '../../../src/journal/git/git.ts';
import { openJournal } from '../../../src/journal/journal.ts';
import { stateOf } from '../../../src/journal/state/run-state.ts';
import { lostHistory, refuseLost } from '../../../src/journal/verify/heads.ts';
import { verifyRun } from '../../../src/journal/verify/verify.ts';
import { buildRunFolder } from '../../../src/lab/bench/run-folder.ts';
import { nextCycle } from '../../../src/loop/steps/claim.ts';

/** The run folder as an older backup would restore it: the journal ends with `last`, projections and later folders are gone. */
function cutAfter(dir: string, last: number): void {
  const path = join(dir, 'journal.jsonl');
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
  const end = lines.findIndex((line) => line.includes(`"cycle.mirrored","cycle":${last}`));
  writeFileSync(path, last === 0 ? '' : `${lines.slice(0, end + 1).join('\n')}\n`);
  for (const name of readdirSync(join(dir, 'cycles')))
    if (Number(name) > last) rmSync(join(dir, 'cycles', name), { recursive: true });
  for (const name of ['history.json', 'results.tsv', 'STATUS.md']) rmSync(join(dir, name));
}

/** What a start compares. */
async function compared(dir: string) {
  const journal = openJournal(join(dir, 'journal.jsonl'));
  const worktree = await openWorktree({ projectDir: join(dir, '..', '..'), runDir: dir, tag: 't' });
  return { journal, lost: lostHistory(stateOf(journal.events), journal.head, worktree.commits) };
}

test('a whole journal is what its branch says', async () => {
  const { journal, lost } = await compared(buildRunFolder(2, { own: true }));
  assert.equal(lost, null);
  journal.close();
});

test('a journal that lost its end is refused with the events and cycles that are missing, by a start and by verify', async () => {
  const dir = buildRunFolder(5, { own: true });
  cutAfter(dir, 3);
  const { ok, problems } = await verifyRun(dir);
  assert.equal(ok, false);
  assert.ok(problems.some(({ what }) => /events \d+ to \d+ are missing, with cycles 4, 5$/.test(what)));
  const { journal, lost } = await compared(dir);
  assert.deepEqual([lost?.cycle, lost?.trials], [5, 2]);
  assert.throws(() => refuseLost('journal.jsonl', lost!), /missing, with cycles 4, 5/);
  journal.close();
});

test('an empty journal beside a branch with cycles is refused', async () => {
  const dir = buildRunFolder(2, { own: true });
  cutAfter(dir, 0);
  const { journal, lost } = await compared(dir);
  assert.match(lost?.problem ?? '', /the journal ends at event 0.*cycles 1, 2/);
  journal.close();
});

test('what was accepted as lost still counts, its cycle numbers are not taken again, and nothing is refused any more', async () => {
  const dir = buildRunFolder(5, { own: true });
  cutAfter(dir, 3);
  const { journal, lost } = await compared(dir);
  const { cycle, trials, looks, problem } = lost!;
  journal.append({ type: 'history.accepted', why: 'the disk broke', lost: problem, cycle, trials, looks });
  assert.equal(stateOf(journal.events).n, 5);
  assert.equal(nextCycle(journal.events, new Set()), 6);
  journal.close();
  const again = await compared(dir);
  assert.equal(again.lost, null);
  again.journal.close();
});

test('a journal whose past was written again, hashes and all, is refused', async () => {
  const [dir, other] = [buildRunFolder(3, { own: true }), buildRunFolder(3, { own: true, start: 1.8e12 })];
  const text = readFileSync(join(other, 'journal.jsonl'), 'utf8');
  // Every event is the same but for times and commits: a chain that is sound and is another one.
  writeFileSync(join(dir, 'journal.jsonl'), text);
  const { journal, lost } = await compared(dir);
  assert.match(lost?.problem ?? '', /the journal was rewritten/);
  journal.close();
});
