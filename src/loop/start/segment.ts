import { say } from '../../base/terminal.ts';
import { SCHEMA_VERSION } from '../../journal/events.ts';
import type { Journal } from '../../journal/journal.ts';
import type { Provenance } from '../../task/task.ts';
import { changedParts, provenanceAt } from './provenance.ts';
import { openTrials } from './recover.ts';

export interface Start {
  readonly tag: string;
  readonly task: string;
  readonly seed: number | null;
  readonly provenance: Provenance;
  readonly config: unknown;
  readonly plan: readonly string[];
}

/** First start, plain resume, or a resume under another provenance key: then a new segment, said aloud. */
export function startSegment(journal: Journal, { tag, task, seed, provenance, config, plan }: Start): number {
  const first = journal.events[0];
  if (first?.type !== 'run.started') {
    journal.append({
      type: 'run.started',
      schema: SCHEMA_VERSION,
      tag,
      task,
      seed: seed ?? 1,
      provenance: { ...provenance },
      config,
    });
    return seed ?? 1;
  }
  if (seed !== null && seed !== first.seed)
    say(`the run keeps its own seed ${first.seed}; --seed ${seed} is for a new tag`);
  journal.append({ type: 'run.resumed', recovered: [...plan], trials: openTrials(journal.events) });
  const segments = journal.events.filter((event) => event.type === 'segment.started');
  const changed = changedParts(provenanceAt(journal.events, Number.POSITIVE_INFINITY), provenance);
  if (changed.length > 0) {
    journal.append({ type: 'segment.started', segment: segments.length + 2, provenance: { ...provenance }, changed });
    say(
      `${changed.join(', ')} changed since the last start: segment ${segments.length + 2} begins, and its results are not compared with earlier ones`,
    );
  }
  return first.seed;
}
