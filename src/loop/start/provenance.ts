import type { RunEvent } from '../../journal/events.ts';
import type { Provenance } from '../../task/task.ts';

/** The provenance key in force at an event: that of the newest segment before it. */
export function provenanceAt(events: readonly RunEvent[], seq: number): Provenance {
  const at = events.findLast(
    (event) => (event.type === 'segment.started' || event.type === 'run.started') && event.seq <= seq,
  );
  return at?.type === 'segment.started' || at?.type === 'run.started' ? at.provenance : {};
}

/** Names of the parts that differ; a part that only one side has differs too. */
export function changedParts(before: Provenance, now: Provenance): string[] {
  return [...new Set([...Object.keys(before), ...Object.keys(now)])].filter((part) => before[part] !== now[part]);
}
