import { pick } from '../../base/random.ts';
import { drawPoint, fresh, type Proposer, type SearchSpace } from './space.ts';

/** Draws a strategy, then each parameter, evenly. The baseline that any search must beat. */
export function randomProposer(spaces: readonly SearchSpace[]): Proposer {
  return (history, random, count) => fresh(history, spaces, count, () => drawPoint(pick(random, spaces), random));
}
