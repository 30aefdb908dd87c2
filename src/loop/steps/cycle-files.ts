import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { replaceFile, syncFile } from '../../base/files.ts';
import { cycleFolder, restoreCycle, sealsOf, textsFromJournal } from '../../journal/cycle-files.ts';
import type { RunEvent } from '../../journal/events.ts';
import type { Objects } from '../../journal/objects.ts';
import type { CycleState } from '../../journal/state/parts.ts';
import type { Run } from '../run.ts';

/** What a power cut can take back of files that nothing waited for: the kernel writes them within half a minute. */
const UNSAFE_MS = 10 * 60_000;

/**
 * Writes verdict.json, report.json, the candidate and the copy of the journal into a judged cycle's folder; the SHA-256 of its files. The
 * journal can make all of it again, so nothing waits for the disk.
 */
export function writeCycleFiles(run: Run, state: CycleState): Record<string, string> {
  const folder = cycleFolder(run.dir, state.cycle);
  mkdirSync(folder, { recursive: true });
  const texts = textsFromJournal(run.journal.events, state, run.objects);
  for (const [name, text] of Object.entries(texts)) replaceFile(join(folder, name), text);
  // Nothing can make a transcript again: it is on the disk before its hash is in the journal.
  const transcript = join(folder, 'transcript.jsonl');
  if (existsSync(transcript)) syncFile(transcript);
  return sealsOf(folder);
}

/** Makes again what a power cut took of the folders of the newest cycles; the names of those cycles. */
export function restoreCycleFiles(runDir: string, events: readonly RunEvent[], objects: Objects): number[] {
  const end = events.at(-1)?.at ?? 0;
  const restored: number[] = [];
  for (let i = events.length - 1; i >= 0 && Math.abs(end - events[i].at) < UNSAFE_MS; i--) {
    const event = events[i];
    if (event.type !== 'cycle.committed') continue;
    if (restoreCycle(runDir, events, event, objects).length > 0) restored.push(event.cycle);
  }
  return restored.reverse();
}
