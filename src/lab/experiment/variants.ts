import type { RunEvent } from '../../journal/events.ts';
import { EVERYTHING_ON } from '../../search/directive/directive.ts';
import { historyOf } from '../../search/memory/history.ts';
import { geneticProposer } from '../../search/proposers/genetic.ts';
import { randomProposer } from '../../search/proposers/space.ts';
import { sweepProposer } from '../../search/proposers/sweep.ts';
import type { Arena } from './arena.ts';
import type { Player } from './play.ts';

const off = (name: keyof typeof EVERYTHING_ON): Player => ({ switches: { ...EVERYTHING_ON, [name]: false } });

/** What the ablation compares: the whole search, each part switched off in turn, and the baselines. */
export const VARIANTS: Readonly<Record<string, (arena: Arena, seed: number) => Player>> = {
  full: () => ({ switches: EVERYTHING_ON }),
  'no directive': () => off('directive'),
  'no archive': () => off('archive'),
  'no novelty': () => off('novelty'),
  genetic: ({ spaces }) => ({ proposer: geneticProposer(spaces) }),
  random: ({ spaces }) => ({ proposer: randomProposer(spaces) }),
  sweep: ({ spaces }, seed) => ({ proposer: sweepProposer(spaces, seed) }),
};

/** One run of one variant. */
export interface AblationRow {
  readonly variant: string;
  readonly seed: number;
  readonly trials: number;
  readonly refused: number;
  readonly cycles: number;
  readonly keeps: number;
  /** Planted edges with a keep in a family that is made for them. */
  readonly found: readonly string[];
  /** Trials to the first keep; null without one. */
  readonly firstKeep: number | null;
  readonly families: number;
  readonly requiredSharpe: number | null;
  readonly keptFamilies: readonly string[];
  readonly seconds: number;
}

/** Reads a played run into a row. `edgeOf` says which planted edge a family is made for. */
export function rowOf(
  variant: string,
  seed: number,
  events: readonly RunEvent[],
  edgeOf: (family: string) => string | null,
  rest: { refused: number; seconds: number },
): AblationRow {
  const { trials, cycles, families } = historyOf(events);
  const kept = trials.filter(({ outcome }) => outcome === 'keep');
  const first = trials.findIndex(({ outcome }) => outcome === 'keep');
  const keptFamilies = [...new Set(kept.map(({ family }) => family))];
  const found = [...new Set(keptFamilies.map(edgeOf).filter((edge) => edge !== null))].sort();
  const needed = trials.findLast(({ metrics }) => typeof metrics.sharpeNeeded === 'number')?.metrics.sharpeNeeded;
  return {
    variant,
    seed,
    trials: trials.length,
    cycles: cycles.length,
    keeps: kept.length,
    found,
    firstKeep: first < 0 ? null : first + 1,
    families: families.size,
    requiredSharpe: needed ?? null,
    keptFamilies,
    ...rest,
  };
}
