import { openJournal } from '../../journal/journal.ts';
import { cycleEvents, startOfRun } from '../story.ts';

export const SEALED_CYCLES = 6;

/** Writes a journal of that many cycles, or goes on with it, and seals it every few cycles. */
export function writeCycles(path: string): void {
  const journal = openJournal(path, { sealBytes: 12_000 });
  if (journal.events.length === 0) journal.append(startOfRun);
  for (let cycle = 1; cycle <= SEALED_CYCLES; cycle++) {
    const has = journal.events.filter((event) => 'cycle' in event && event.cycle === cycle).length;
    for (const event of cycleEvents(cycle).slice(has)) journal.append(event);
  }
  journal.close();
}

// As a program of its own: the process that is killed.
if (import.meta.main) writeCycles(process.argv[2]);
