import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { syncFile } from '../../base/files.ts';
import { sha256 } from '../../base/hash.ts';
import { cycleFolder, sealsOf, textsFromJournal } from '../../journal/cycle-files.ts';
import { replaceFile } from '../../journal/replace-file.ts';
import type { CycleState } from '../../journal/state/parts.ts';
import { stateOf } from '../../journal/state/run-state.ts';
import type { Run } from '../run.ts';

/** What a power cut can take back of files that nothing waited for: the kernel writes them within half a minute. */
const UNSAFE_MS = 10 * 60_000;

/**
 * Writes what a person looks for in the folder of a judged cycle: verdict.json, and of the trial that it rests on report.json and the
 * candidate. All of it can be made again from the journal, so nothing waits for the disk. Returns the SHA-256 of every file of the cycle.
 */
export function writeCycleFiles(run: Run, state: CycleState): Record<string, string> {
  const folder = cycleFolder(run.dir, state.cycle);
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries(textsOf(run, state))) replaceFile(join(folder, name), text);
  // Nothing can make a transcript again: it is on the disk before its hash is in the journal.
  const transcript = join(folder, 'transcript.jsonl');
  if (existsSync(transcript)) syncFile(transcript);
  return sealsOf(folder);
}

/** Makes again what a power cut took of the folders of the newest cycles; the names of those cycles. */
export function restoreCycleFiles(run: Run): number[] {
  const { events } = run.journal;
  const end = events.at(-1)?.at ?? 0;
  const restored: number[] = [];
  for (let i = events.length - 1; i >= 0 && Math.abs(end - events[i].at) < UNSAFE_MS; i--) {
    const event = events[i];
    if (event.type !== 'cycle.committed') continue;
    const folder = cycleFolder(run.dir, event.cycle);
    const lost = Object.entries(textsOf(run, stateOf(events).byCycle.get(event.cycle)!)).filter(([name, text]) => {
      const sealed = event.files?.[name] ?? sha256(text);
      return sealed === sha256(text) && contentOf(join(folder, name)) !== text;
    });
    if (lost.length === 0) continue;
    mkdirSync(folder, { recursive: true });
    for (const [name, text] of lost) replaceFile(join(folder, name), text);
    restored.push(event.cycle);
  }
  return restored.reverse();
}

function textsOf(run: Run, state: CycleState): Record<string, string> {
  return textsFromJournal(state, stateOf(run.journal.events).byTrial.get(state.verdict?.trial ?? ''), run.objects);
}

function contentOf(path: string): string | null {
  return existsSync(path) ? readFileSync(path, 'utf8') : null;
}
