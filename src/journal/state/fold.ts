import type { RunEvent } from '../events.ts';

/** A state that events are added to, one after the other. */
export interface Fold {
  take(event: RunEvent, place: number): void;
}

type Kind<F extends Fold> = new (events: readonly RunEvent[]) => F;

const folds = new WeakMap<readonly RunEvent[], Map<Kind<Fold>, { seen: number; fold: Fold }>>();

/** The state that a list of events gives. Asked again for a list that has grown, it takes only the new events. */
export function folded<F extends Fold>(events: readonly RunEvent[], kind: Kind<F>): F {
  const known = folds.getOrInsertComputed(events, () => new Map());
  let memory = known.get(kind);
  if (memory === undefined || memory.seen > events.length) {
    memory = { seen: 0, fold: new kind(events) };
    known.set(kind, memory);
  }
  for (; memory.seen < events.length; memory.seen++) memory.fold.take(events[memory.seen], memory.seen);
  return memory.fold as F;
}
