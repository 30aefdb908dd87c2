import { seededRandom } from '../../base/random.ts';
import { keyOf, type ProposedTrial, type Proposer, type SearchSpace, triedKeys } from './space.ts';

/** Largest part of one space's grid that is laid out, points. */
const LARGEST = 20_000;

/** Walks the grids: the strategies in turn, the points of each in a shuffled order that the seed fixes. */
export function sweepProposer(spaces: readonly SearchSpace[], seed: number): Proposer {
  const grids = spaces.map((space) => shuffledGrid(space, seed));
  return (history, _, count) => {
    const tried = triedKeys(history, spaces);
    const found: ProposedTrial[] = [];
    const at = grids.map(() => 0);
    // The count of trials says whose turn it is, so that a resumed sweep goes on in turn.
    for (let turn = history.trials.length, idle = 0; found.length < count && idle < grids.length; turn++) {
      const g = turn % grids.length;
      while (at[g] < grids[g].length && tried.has(keyOf(spaces[g], grids[g][at[g]].params))) at[g]++;
      idle = at[g] < grids[g].length ? 0 : idle + 1;
      if (at[g] < grids[g].length) found.push(grids[g][at[g]++]);
    }
    return found;
  };
}

function shuffledGrid({ strategy, family, values }: SearchSpace, seed: number): ProposedTrial[] {
  const points = Object.entries(values).reduce<Record<string, number>[]>(
    (grid, [name, list]) =>
      grid.length > LARGEST ? grid : grid.flatMap((point) => list.map((value) => ({ ...point, [name]: value }))),
    [{}],
  );
  const random = seededRandom(`${seed}/sweep/${strategy}`);
  const order = points.map((params) => ({ params, place: random() })).sort((a, b) => a.place - b.place);
  return order.map(({ params }) => ({ strategy, family, params }));
}
