import { pick, type Random } from '../../../base/random.ts';
import type { StageOutcome } from '../../../gates/judge.ts';
import type { Params } from '../../../strategy/candidate.ts';
import type { Proposal, Proposer, Space, Trial } from './search.ts';

/** Every parameter of a random strategy drawn from its values. */
export function randomProposer(spaces: readonly Space[]): (done: readonly Trial[], random: Random) => Proposal {
  return (_, random) => {
    const space = pick(random, spaces);
    return { space, params: draw(space, random) };
  };
}

/** The loop's sweep: one strategy at a time, two of its parameters on a grid around a random point, then another strategy. */
export function sweepProposer(spaces: readonly Space[]): Proposer {
  const queue: Proposal[] = [];
  return (_, random) => {
    if (queue.length === 0) {
      const space = pick(random, spaces);
      const base = draw(space, random);
      const names = Object.keys(space.values)
        .toSorted(() => random() - 0.5)
        .slice(0, 2);
      const points = names.reduce<Params[]>(
        (all, name) =>
          all.flatMap((point) => near(space.values[name], base[name]).map((value) => ({ ...point, [name]: value }))),
        [base],
      );
      queue.push(...points.map((params) => ({ space, params })));
    }
    return queue.pop() ?? null;
  };
}

/** The loop in short: each strategy of the library in turn at random values, then by turns that and a step away from one of the best on train. */
export function guidedProposer(spaces: readonly Space[], start: number): Proposer {
  let turn = 0;
  return (done, random) => {
    if (done.length < start || random() < 0.3) {
      const space = spaces[turn % spaces.length];
      turn += 1;
      return { space, params: draw(space, random) };
    }
    const { space, params } = pick(random, best(done, 8));
    const moved = Object.keys(space.values).filter(() => random() < 0.5);
    const step = (name: string) => pick(random, near(space.values[name], params[name]));
    return { space, params: { ...params, ...Object.fromEntries(moved.map((name) => [name, step(name)])) } };
  };
}

/** The overfit adversary: one family, and after a random start only mutations of what scored best on the train window. */
export function climbingProposer(spaces: readonly Space[], start: number): Proposer {
  let family: Space | null = null;
  return (done, random) => {
    family ??= pick(random, spaces);
    if (done.length < start) return { space: family, params: draw(family, random) };
    const parent = pick(random, best(done, 5));
    const params = Object.fromEntries(
      Object.entries(family.values).map(([name, values]) => {
        if (random() < 0.5) return [name, parent.params[name]];
        const [low, high] = [values[0], values[values.length - 1]];
        const moved = parent.params[name] + (random() - 0.5) * 0.3 * (high - low);
        const inside = Math.min(high, Math.max(low, moved));
        return [name, values.every(Number.isInteger) ? Math.round(inside) : inside];
      }),
    );
    return { space: family, params };
  };
}

function best(trials: readonly Trial[], count: number): Trial[] {
  return trials.toSorted((a, b) => value(b.outcome) - value(a.outcome)).slice(0, count);
}

function value({ score }: StageOutcome): number {
  return score ?? Number.NEGATIVE_INFINITY;
}

function draw(space: Space, random: Random): Params {
  return Object.fromEntries(Object.entries(space.values).map(([name, values]) => [name, pick(random, values)]));
}

/** The value and its neighbours on the list. */
function near(values: readonly number[], at: number): number[] {
  const index = values.indexOf(at);
  return values.slice(Math.max(0, index - 1), index + 2);
}
