import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cycleFolder, sealsOf, textsFromJournal } from '../../src/journal/cycle-files.ts';
import { journalTrailers } from '../../src/journal/git/branch.ts';
import { openWorktree } from '../../src/journal/git/git.ts';
import { openJournal } from '../../src/journal/journal.ts';
import { openObjects } from '../../src/journal/objects.ts';
import { writeProjections } from '../../src/journal/projections/projections.ts';
import { stateOf } from '../../src/journal/state/run-state.ts';
import { cycleEvents, startOfRun } from '../../src/lab/story.ts';

/**
 * A run folder of `cycles` complete cycles as the loop leaves it: journal, objects, cycle files, commits, projections. `lie` may change what a
 * cycle's files and commit say before they are sealed: hashes then find nothing.
 */
export async function makeRunFolder(
  cycles: number,
  sealBytes = 1e9,
  lie: (cycle: number, what: string, text: string) => string = (_, __, text) => text,
): Promise<string> {
  const dir = join(mkdtempSync(join(tmpdir(), 'ralph-run-')), 'runs', 't');
  mkdirSync(dir, { recursive: true });
  const objects = openObjects(dir);
  const journal = openJournal(join(dir, 'journal.jsonl'), { sealBytes });
  const worktree = await openWorktree({ projectDir: join(dir, '..', '..'), runDir: dir, tag: 't' });
  journal.append(startOfRun);
  for (let cycle = 1; cycle <= cycles; cycle++) {
    const folder = cycleFolder(dir, cycle);
    mkdirSync(folder, { recursive: true });
    for (const event of cycleEvents(cycle, (content) => objects.put(content))) {
      if (event.type === 'cycle.started') {
        // Together what the hash in the story was made of.
        writeFileSync(join(folder, 'system.md'), 'brief ');
        writeFileSync(join(folder, 'brief.md'), String(cycle));
      }
      if (event.type === 'cycle.committed') {
        const { n, lookCount, byCycle } = stateOf(journal.events);
        const upTo = journal.head.seq;
        const texts = textsFromJournal(journal.events, byCycle.get(cycle)!, objects);
        for (const [name, text] of Object.entries(texts)) writeFileSync(join(folder, name), lie(cycle, name, text));
        writeFileSync(join(folder, 'transcript.jsonl'), `{"cycle":${cycle}}\n`);
        const trailers = journalTrailers(journal.head, { trials: n, looks: lookCount });
        const message = `DISCARD\n\nwhy\n\nCycle: ${cycle}\nRun: t\nVerdict: discard\n${trailers.join('\n')}\n`;
        const commit = await worktree.commit(
          { 'strategies/t/a.ts': lie(cycle, 'a.ts', `code ${cycle}`), 'strategies/t/a.yaml': `yaml ${cycle}` },
          lie(cycle, 'message', message),
        );
        journal.append({ ...event, commit, upTo, files: sealsOf(folder) });
        writeProjections(dir, journal.events);
      } else journal.append(event);
    }
  }
  writeProjections(dir, journal.events, { whole: true });
  journal.close();
  return dir;
}
