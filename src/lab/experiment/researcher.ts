import { drawWeighted, pick, type Random } from '../../base/random.ts';
import type { Directive } from '../../search/directive/directive.ts';
import { better, type History, type TrialRecord } from '../../search/memory/records.ts';
import { drawPoint, type ProposedTrial, type SearchSpace, spaceOf } from '../../search/proposers/space.ts';
import type { Params } from '../../strategy/candidate.ts';

/** How often a model that may choose stays with what it did last, and how often it says again what it has said before. */
const STICKY = 0.5;
const REPEATS = 0.2;

/**
 * A stand-in for a model, with the habits that such loops report: a fixed taste among families (favourites are far likelier),
 * staying with the last family, saying the same again. It follows a directive's family and base. It knows no numbers but
 * those of the brief: train-side results of earlier trials.
 */
export function proposeLikeAModel(
  directive: Directive,
  history: History,
  spaces: readonly SearchSpace[],
  random: Random,
): ProposedTrial {
  const base = history.trials.findLast(({ candidate }) => candidate === directive.base);
  const from = base && spaceOf(base, spaces);
  if (base && from) return moved(base, from, random, directive.kind === 'patch' ? 1 : 2);
  const asked = spaces.filter(({ family }) => family === directive.family);
  const space = asked.length > 0 ? pick(random, asked) : byTaste(history, spaces, random);
  const tried = history.trials.filter((trial) => spaceOf(trial, spaces) === space);
  if (tried.length > 0 && random() < REPEATS) return pointOf(pick(random, tried), space);
  const best = tried.reduce<TrialRecord | null>((top, trial) => (better(trial, top) ? trial : top), null);
  return best && random() < 0.5 ? moved(best, space, random, 2) : drawPoint(space, random);
}

/** Left alone: the last family again, else by taste. */
function byTaste(history: History, spaces: readonly SearchSpace[], random: Random): SearchSpace {
  const newest = history.trials.at(-1);
  const last = newest && spaceOf(newest, spaces);
  if (last && random() < STICKY) return last;
  // Zipf: the n-th favourite is n times less likely than the first.
  return drawWeighted(random, spaces, (space) => 1 / (1 + spaces.indexOf(space)));
}

/** The base with some parameters a step or two away. */
function moved(base: { readonly params: Params }, space: SearchSpace, random: Random, most: number): ProposedTrial {
  const names = Object.keys(space.values);
  const params: Record<string, number> = { ...pointOf(base, space).params };
  const changes = 1 + Math.floor(random() * Math.min(most, names.length));
  for (let i = 0; i < changes; i++) {
    const name = pick(random, names);
    const values = space.values[name];
    const step = (random() < 0.5 ? -1 : 1) * (1 + Math.floor(random() * 2));
    params[name] = values[Math.min(values.length - 1, Math.max(0, values.indexOf(params[name]) + step))];
  }
  return { strategy: space.strategy, family: space.family, params };
}

function pointOf(trial: { readonly params: Params }, space: SearchSpace): ProposedTrial {
  const params = Object.fromEntries(
    Object.entries(space.values).map(([name, values]) => {
      const value = trial.params[name];
      return [name, values.includes(value) ? value : values[Math.floor(values.length / 2)]];
    }),
  );
  return { strategy: space.strategy, family: space.family, params };
}
