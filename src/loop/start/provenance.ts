import { knowledgeEnd } from '../../agent/knowledge.ts';
import type { RalphConfig } from '../config.ts';

/** The model that proposes, and the first day that it cannot know: the user's word, else by its name; a baseline knows nothing. */
export function modelOf({ agent, endpoint }: RalphConfig, served: string | undefined) {
  const model = served ?? endpoint.model;
  const named = agent === 'builtin' ? knowledgeEnd(model) : null;
  const without = agent !== 'builtin' && 'proposer' in agent ? 'none' : 'unknown';
  return { model, knowledge: endpoint.knowledgeUntil || (named ?? without) };
}
