import { knowledgeEnd } from '../../agent/knowledge.ts';
import type { RunEvent } from '../../journal/events.ts';
import type { Provenance } from '../../task/task.ts';
import type { RalphConfig } from '../config.ts';

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

/** The model that proposes, and the first day that it cannot know: the user's word, else by its name; a baseline knows nothing. */
export function modelOf({ agent, endpoint }: RalphConfig, served: string | undefined) {
  const model = served ?? endpoint.model;
  const named = agent === 'builtin' ? knowledgeEnd(model) : null;
  const without = agent !== 'builtin' && 'proposer' in agent ? 'none' : 'unknown';
  return { model, knowledge: endpoint.knowledgeUntil || (named ?? without) };
}
