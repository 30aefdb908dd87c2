import { pick, type Random } from '../../base/random.ts';
import { rewardOf } from '../directive/progress.ts';
import type { History, TrialRecord } from '../memory/records.ts';
import { drawPoint, fresh, type ProposedTrial, type Proposer, type SearchSpace, spaceOf } from './space.ts';

/** Trials drawn at random before the first generation. */
const FOUNDERS = 24;
/** Parents come from the newest of this many trials, and from the best of this many ever. */
const POPULATION = 40;
const ELITE = 8;
const TOURNAMENT = 3;
/** Chance of a child that is drawn anew: another strategy gets into the population. */
const IMMIGRANT = 0.1;

/**
 * A genetic search. Genome: the strategy and an index into each parameter's values. Parents win tournaments by nearness to a keep, then score;
 * those of one strategy cross; every child mutates. The journal is the population.
 */
export function geneticProposer(spaces: readonly SearchSpace[]): Proposer {
  return (history, random, count) => {
    const population = populationOf(history, spaces);
    return fresh(history, spaces, count, () => {
      if (population.length === 0 || history.trials.length < FOUNDERS || random() < IMMIGRANT)
        return drawPoint(pick(random, spaces), random);
      const a = tournament(population, random);
      const b = tournament(population, random);
      return child(a, b, random);
    });
  };
}

interface Member {
  readonly trial: TrialRecord;
  readonly space: SearchSpace;
}

function populationOf(history: History, spaces: readonly SearchSpace[]): Member[] {
  const known: Member[] = [];
  for (const trial of history.trials) {
    const space = trial.outcome === null ? undefined : spaceOf(trial, spaces);
    if (space) known.push({ trial, space });
  }
  const elite = known.toSorted((a, b) => fitness(b) - fitness(a)).slice(0, ELITE);
  return [...elite, ...known.slice(-POPULATION)];
}

/** Train-side and pass/fail only: the reward, then the score in steps too small to outweigh it. */
function fitness({ trial }: Member): number {
  return rewardOf(trial) + 1e-3 * Math.tanh(trial.score ?? -1);
}

function tournament(population: readonly Member[], random: Random): Member {
  let best = pick(random, population);
  for (let i = 1; i < TOURNAMENT; i++) {
    const other = pick(random, population);
    if (fitness(other) > fitness(best)) best = other;
  }
  return best;
}

function child(a: Member, b: Member, random: Random): ProposedTrial {
  const { space } = a;
  const names = Object.keys(space.values);
  const params = Object.fromEntries(
    names.map((name) => {
      const values = space.values[name];
      const parent = b.space === space && random() < 0.5 ? b : a;
      const index = nearestIndex(values, parent.trial.params[name]);
      return [name, values[mutated(index, values.length, names.length, random)]];
    }),
  );
  return { strategy: space.strategy, family: space.family, params };
}

/** One parameter in a genome moves on average, by a step or two. */
function mutated(index: number, length: number, genes: number, random: Random): number {
  if (random() >= 1.2 / genes) return index;
  const step = (random() < 0.5 ? -1 : 1) * (random() < 0.7 ? 1 : 2);
  return Math.min(length - 1, Math.max(0, index + step));
}

function nearestIndex(values: readonly number[], value: number | undefined): number {
  if (value === undefined) return Math.floor(values.length / 2);
  let best = 0;
  for (let i = 1; i < values.length; i++) if (Math.abs(values[i] - value) < Math.abs(values[best] - value)) best = i;
  return best;
}
