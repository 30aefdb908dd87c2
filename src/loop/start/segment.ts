import { knowledgeEnd } from '../../agent/knowledge.ts';
import { say } from '../../base/draw/terminal.ts';
import { SCHEMA_VERSION } from '../../journal/events.ts';
import type { Journal } from '../../journal/journal.ts';
import { changedParts, provenanceAt } from '../../journal/provenance.ts';
import type { LostHistory } from '../../journal/verify/heads.ts';
import type { Provenance, Task } from '../../task/task.ts';
import type { RalphConfig } from '../config.ts';
import { openTrials } from './recover.ts';

export interface Start {
  readonly tag: string;
  readonly task: string;
  readonly seed: number | null;
  readonly provenance: Provenance;
  readonly coverage: Task['coverage'];
  readonly config: unknown;
  readonly plan: readonly string[];
  /** What the journal lost and a person goes on without; null for nothing. */
  readonly accepted: (LostHistory & { readonly why: string }) | null;
}

/** First start, plain resume, or a resume under another provenance key: then a new segment, said aloud. */
export function startSegment(
  journal: Journal,
  { tag, task, seed, provenance, config, plan, accepted, ...start }: Start,
): number {
  const coverage = start.coverage.length > 0 && { coverage: [...start.coverage] };
  const first = journal.events[0];
  if (first?.type !== 'run.started') {
    journal.append({
      type: 'run.started',
      schema: SCHEMA_VERSION,
      tag,
      task,
      seed: seed ?? 1,
      provenance: { ...provenance },
      ...coverage,
      config,
    });
    accept(journal, accepted);
    return seed ?? 1;
  }
  if (seed !== null && seed !== first.seed)
    say(`the run keeps its own seed ${first.seed}; --seed ${seed} is for a new tag`);
  journal.append({ type: 'run.resumed', recovered: [...plan], trials: openTrials(journal.events) });
  const segments = journal.events.filter((event) => event.type === 'segment.started');
  accept(journal, accepted);
  const changed = changedParts(provenanceAt(journal.events, Number.POSITIVE_INFINITY), provenance);
  if (accepted) changed.push('history');
  if (changed.length > 0) {
    journal.append({
      type: 'segment.started',
      segment: segments.length + 2,
      provenance: { ...provenance },
      ...coverage,
      changed,
    });
    say(
      `${changed.join(', ')} changed since the last start: segment ${segments.length + 2} begins, and its results are not compared with earlier ones`,
    );
  }
  return first.seed;
}

function accept(journal: Journal, accepted: Start['accepted']): void {
  if (!accepted) return;
  const { why, problem, cycle, trials, looks } = accepted;
  journal.append({ type: 'history.accepted', why, lost: problem, cycle, trials, looks });
  say(`going on without a part of the journal (${problem}); ${trials} trials and ${looks} looks of it still count`);
}

/** The model that proposes, and the first day that it cannot know: the user's word, else by its name; a baseline knows nothing. */
export function modelOf({ agent, endpoint }: RalphConfig, served: string | undefined) {
  const model = served ?? endpoint.model;
  const named = agent === 'builtin' ? knowledgeEnd(model) : null;
  const without = agent !== 'builtin' && 'proposer' in agent ? 'none' : 'unknown';
  return { model, knowledge: endpoint.knowledgeUntil || (named ?? without) };
}
