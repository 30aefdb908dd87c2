import { openObjects, textsOf } from '../../journal/objects.ts';
import { lastTrialOf } from '../../journal/state/run-state.ts';
import type { Cycle } from '../task.ts';
import { bestOf } from './ratchet/best.ts';
import type { Bench } from './run/bench.ts';

const FILE = 'draft.json';

/** The files that a session works on: those of the best so far, or of the candidate that the cycle is to fix, with its edits. */
export function draftOf(cycle: Cycle): Readonly<Record<string, string>> {
  const kept = cycle.readFile(FILE);
  return kept === undefined ? startOf(cycle) : JSON.parse(kept);
}

export function keepDraft(cycle: Cycle, draft: Readonly<Record<string, string>>): void {
  cycle.writeFile(FILE, JSON.stringify(draft));
}

/** What the next draft starts from. */
function startOf({ directive, events, runDir }: Pick<Cycle, 'directive' | 'events' | 'runDir'>) {
  const objects = openObjects(runDir);
  const fixed = directive.kind === 'new' ? undefined : lastTrialOf(events, directive.base);
  return fixed ? textsOf(objects, fixed.started.files) : bestOf(events, objects).changed;
}

/** A file as the draft has it. */
export function textOf(bench: Bench, draft: Readonly<Record<string, string>>, path: string): string | undefined {
  return draft[path] ?? (bench.tracked.has(path) ? bench.text(path) : undefined);
}
