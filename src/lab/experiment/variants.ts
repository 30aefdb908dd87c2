import type { RunEvent } from '../../journal/events.ts';
import { EVERYTHING_ON } from '../../search/directive/directive.ts';
import { historyOf } from '../../search/memory/history.ts';
import { geneticProposer } from '../../search/proposers/genetic.ts';
import { randomProposer } from '../../search/proposers/space.ts';
import { sweepProposer } from '../../search/proposers/sweep.ts';
import type { Arena } from './arena.ts';
import type { Player } from './play.ts';

const without = (name: keyof typeof EVERYTHING_ON) => (): Player => ({ switches: { ...EVERYTHING_ON, [name]: false } });

/** What the ablation compares: the whole search, each part switched off in turn, and the baselines. */
export const VARIANTS: Readonly<Record<string, (arena: Arena, seed: number) => Player>> = {
  whole: () => ({ switches: EVERYTHING_ON }),
  ...Object.fromEntries(
    Object.keys(EVERYTHING_ON).map((name) => [`no ${name}`, without(name as keyof typeof EVERYTHING_ON)]),
  ),
  random: ({ spaces }) => ({ proposer: randomProposer(spaces) }),
  genetic: ({ spaces }) => ({ proposer: geneticProposer(spaces) }),
  sweep: ({ spaces }, seed) => ({ proposer: sweepProposer(spaces, seed) }),
};

/** One search of one variant. */
export interface AblationRow {
  readonly variant: string;
  readonly seed: number;
  /** Trials until every edge was found, or all that it had. */
  readonly trials: number;
  /** Sessions that a model would have been asked for; 0 for a baseline. */
  readonly sessions: number;
  readonly refused: number;
  readonly keeps: number;
  /** Planted edges with a keep in a family that is made for them. */
  readonly found: readonly string[];
  /** Trials that ended at each gate. */
  readonly ends: Readonly<Record<string, number>>;
  readonly seconds: number;
}

/** Reads a played search into a row. */
export function rowOf(
  variant: string,
  seed: number,
  events: readonly RunEvent[],
  rest: Pick<AblationRow, 'refused' | 'seconds' | 'found'> & { readonly asksModel: boolean },
): AblationRow {
  const { asksModel, ...told } = rest;
  const { trials, cycles } = historyOf(events);
  const ends: Record<string, number> = {};
  for (const { failed } of trials) {
    const end = failed[0]?.gate ?? 'keep';
    ends[end] = (ends[end] ?? 0) + 1;
  }
  const keeps = trials.filter(({ outcome }) => outcome === 'keep').length;
  return { variant, seed, trials: trials.length, sessions: asksModel ? cycles.length : 0, keeps, ends, ...told };
}
