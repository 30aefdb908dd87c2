import { join } from 'node:path';
import { PROJECT_DIR } from '../base/roots.ts';
import type { RunEvent } from '../journal/events.ts';
import { runFolder } from '../journal/folder.ts';
import { readJournal } from '../journal/journal.ts';

/** Where the runs of this project are. */
export const RUNS = join(PROJECT_DIR, 'runs');

/** The folder of a run, without a tag of the one written last, and its events. Throws RalphError (exit 2) where there is none. */
export function readRun(tag: string | undefined, runs = RUNS): { dir: string; events: RunEvent[] } {
  const dir = runFolder(runs, tag);
  return { dir, events: eventsIn(dir) };
}

/** Every whole event in the journal of a run folder. */
export function eventsIn(dir: string): RunEvent[] {
  return readJournal(join(dir, 'journal.jsonl'));
}
