import { z } from 'zod';
import { readConfig } from '../../base/config.ts';
import { canonicalJson } from '../../base/hash.ts';
import { pick, type Random } from '../../base/random.ts';
import type { Params } from '../../strategy/candidate.ts';
import type { History, TrialRecord } from '../memory/records.ts';

/** A library strategy and the values that each of its parameters may take, rising. */
export interface SearchSpace {
  /** Name of the strategy file without its ending. */
  readonly strategy: string;
  readonly family: string;
  readonly values: Readonly<Record<string, readonly number[]>>;
}

/** A point to try: one charged trial. Its candidate must be called `strategy` or `strategy-…`, so that it can be told later. */
export interface ProposedTrial {
  readonly strategy: string;
  readonly family: string;
  readonly params: Params;
}

/** A baseline without a model. Its only state is the history, so a killed run continues. Returns fewer points when its spaces are exhausted. */
export type Proposer = (history: History, random: Random, count: number) => ProposedTrial[];

/** A point drawn evenly from a space. */
export function drawPoint(space: SearchSpace, random: Random): ProposedTrial {
  const params = Object.fromEntries(Object.entries(space.values).map(([name, values]) => [name, pick(random, values)]));
  return { strategy: space.strategy, family: space.family, params };
}

/** The space that a trial came from: the longest strategy name that its candidate's name begins with; undefined for none. */
export function spaceOf(
  trial: Pick<TrialRecord, 'candidate' | 'family'>,
  spaces: readonly SearchSpace[],
): SearchSpace | undefined {
  let found: SearchSpace | undefined;
  for (const space of spaces) {
    const named = trial.candidate === space.strategy || trial.candidate.startsWith(`${space.strategy}-`);
    if (named && trial.family === space.family && space.strategy.length > (found?.strategy.length ?? 0)) found = space;
  }
  return found;
}

/** Equal for equal points of a space. */
export function keyOf(space: SearchSpace, params: Params): string {
  return `${space.strategy} ${canonicalJson(Object.keys(space.values).map((name) => params[name] ?? null))}`;
}

/** Keys of everything that was tried, or sent back as a repeat. */
export function triedKeys(history: History, spaces: readonly SearchSpace[]): Set<string> {
  const keys = new Set<string>();
  for (const trial of [...history.trials, ...history.refused]) {
    const space = spaceOf(trial, spaces);
    if (space) keys.add(keyOf(space, trial.params));
  }
  return keys;
}

/** Collects points that neither this run nor this batch has tried; gives up when the spaces seem to be exhausted. */
export function fresh(
  history: History,
  spaces: readonly SearchSpace[],
  count: number,
  next: () => ProposedTrial,
): ProposedTrial[] {
  const byName = new Map(spaces.map((space) => [space.strategy, space]));
  const seen = triedKeys(history, spaces);
  const found: ProposedTrial[] = [];
  for (let attempts = 0; found.length < count && attempts < 100 * count; attempts++) {
    const point = next();
    const key = keyOf(byName.get(point.strategy)!, point.params);
    if (seen.has(key)) continue;
    seen.add(key);
    found.push(point);
  }
  return found;
}

/** Draws a strategy, then each parameter, evenly. The baseline that any search must beat. */
export function randomProposer(spaces: readonly SearchSpace[]): Proposer {
  return (history, random, count) => fresh(history, spaces, count, () => drawPoint(pick(random, spaces), random));
}

const values = z.array(z.number()).min(1);

const schema = z.record(
  z.string().regex(/^[a-z0-9-]+$/),
  z.strictObject({ family: z.string(), params: z.record(z.string(), values) }),
);

/** Reads spaces.yaml: of each strategy file the family and the values worth trying of every parameter. Throws RalphError (exit 2). */
export function readSpaces(path: string): SearchSpace[] {
  return Object.entries(readConfig(path, schema)).map(([strategy, { family, params }]) => ({
    strategy,
    family,
    values: Object.fromEntries(Object.entries(params).map(([name, list]) => [name, list.toSorted((a, b) => a - b)])),
  }));
}
