import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openJournal } from '../../src/journal/journal.ts';
import { lockRun } from '../../src/journal/lock.ts';
import { startOfRun } from '../../src/lab/story.ts';
import { watchControl, whilePaused } from '../../src/loop/control.ts';
import { Feed } from '../../src/tracking/feed.ts';
import { askRun } from '../../src/verbs/steer.ts';

test('who held a run, let one cycle through and let it go on is journaled once, however many islands wait', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'ralph-hold-'));
  const lock = lockRun(dir);
  const journal = openJournal(join(dir, 'journal.jsonl'));
  const control = watchControl(dir);
  t.after(() => {
    control.close();
    journal.close();
    lock.release();
    rmSync(dir, { recursive: true, force: true });
  });
  journal.append(startOfRun);
  const islands = () => [1, 2].map(() => whilePaused({ control, dir, journal }));
  const steered = () =>
    journal.events.flatMap((event) => (event.type === 'run.steered' ? [`${event.request} ${event.from}`] : []));
  await Promise.all(islands());
  assert.deepEqual(steered(), []);

  askRun(dir, 'pause', 'page');
  const [first, second] = islands();
  askRun(dir, 'step', '');
  await Promise.race([first, second]);
  assert.deepEqual(steered(), ['pause page', 'step command']);
  // The one that did its cycle waits again.
  const again = whilePaused({ control, dir, journal });
  askRun(dir, 'resume', 'page');
  await Promise.all([first, second, again]);
  assert.deepEqual(steered(), ['pause page', 'step command', 'resume page']);
  assert.equal(existsSync(join(dir, 'RESUME')), false);

  writeFileSync(join(dir, 'PAUSE'), '');
  const held = whilePaused({ control, dir, journal });
  rmSync(join(dir, 'PAUSE'));
  await held;
  assert.deepEqual(steered().slice(3), ['pause command', 'resume command']);
  const feed = new Feed();
  assert.equal(journal.events.flatMap((event) => feed.line(event) ?? []).at(-1), 'asked   resume (from the command)');
});
