import type { EventOf, RunEvent } from './events.ts';
import { type ResultRow, rowsOf } from './projections/rows.ts';

/** The parts whose change makes results incomparable, each by its fingerprint. */
type Provenance = Readonly<Record<string, string>>;

/** The provenance key in force at an event: that of the newest segment before it. */
export function provenanceAt(events: readonly RunEvent[], seq: number): Provenance {
  return segmentAt(events, seq)?.provenance ?? {};
}

/** What opened the segment that an event lies in. */
export function segmentAt(
  events: readonly RunEvent[],
  seq: number,
): EventOf<'run.started' | 'segment.started'> | undefined {
  return events.findLast(
    (event): event is EventOf<'run.started' | 'segment.started'> =>
      (event.type === 'segment.started' || event.type === 'run.started') && event.seq <= seq,
  );
}

/** What the windows hold of each symbol, in the segment that an event lies in: by default in the newest. */
export function coverageAt(events: readonly RunEvent[], seq = Number.POSITIVE_INFINITY) {
  return segmentAt(events, seq)?.coverage ?? [];
}

/** Names of the parts that differ; a part that only one side has differs too. */
export function changedParts(before: Provenance, now: Provenance): string[] {
  return [...new Set([...Object.keys(before), ...Object.keys(now)])].filter((part) => before[part] !== now[part]);
}

/** Parts that propose candidates and judge none. */
const OF_THE_PROPOSER: ReadonlySet<string> = new Set(['prompts', 'model', 'knowledge']);

/** A keep that is judged by rules which no longer hold. */
interface EarlierKeep {
  readonly row: ResultRow & { readonly trial: string };
  /** Parts of the provenance key that changed since, without those that only propose. */
  readonly changed: readonly string[];
}

/** Keeps of trials that ran under another engine, other gates, data or costs than `now`: by default the newest segment's. */
export function earlierKeeps(
  events: readonly RunEvent[],
  now: Provenance = provenanceAt(events, Number.POSITIVE_INFINITY),
): EarlierKeep[] {
  const started = events.filter((event) => event.type === 'trial.started');
  const seqOf = new Map(started.map(({ trial, seq }) => [trial, seq]));
  return rowsOf(events).flatMap((row) => {
    if (row.outcome !== 'keep' || row.trial === null) return [];
    const then = provenanceAt(events, seqOf.get(row.trial) ?? 0);
    const changed = changedParts(then, now).filter((part) => part in now && !OF_THE_PROPOSER.has(part));
    return changed.length > 0 ? [{ row: { ...row, trial: row.trial }, changed }] : [];
  });
}
