import type { Spares } from '../../backtest/box/spares.ts';
import type { GatesConfig } from '../../gates/config.ts';
import type { Bench } from '../../gates/workbench/box-workbench.ts';
import type { Workbench } from '../../gates/workbench/workbench.ts';
import type { MarketConfig } from '../../market/config.ts';
import type { FrozenWindows } from '../../market/snapshot.ts';
import type { CandidateFiles } from '../../strategy/candidate.ts';
import type { Task } from '../task.ts';
import type { HeldBench } from './held.ts';

/** What the trading task was opened with; shared by its tools, brief and evaluation. */
export interface Trading {
  readonly projectDir: string;
  readonly runDir: string;
  readonly frozen: FrozenWindows;
  readonly market: MarketConfig;
  readonly gates: GatesConfig;
  /** Symbols whose windows are frozen. */
  readonly symbols: readonly string[];
  /** On the blocks wire: plain numbers of a strategy become ranges for the tuner. */
  readonly tuneNumbers: boolean;
  readonly duplicateOf: Task['duplicateOf'];
  /** Evaluation processes for the next trial, and those of a candidate that was probed and not tried yet. */
  readonly spares: Spares;
  readonly held: HeldBench;
  /** Opens a candidate by workers; undefined where this host evaluates by itself. */
  readonly openBench?: (bench: Bench) => Workbench;
  /** Lets go of the workers. */
  readonly closeFleet?: () => Promise<void>;
}

/** Symbols that a candidate of several can trade: those of the run, and the members of its sets. */
export function breadthOf({ symbols, frozen }: Pick<Trading, 'symbols' | 'frozen'>): number {
  const members = Object.values(frozen.universes ?? {}).flatMap((set) => Object.keys(set));
  return new Set([...symbols, ...members]).size;
}

/** The candidate back from its two files. Throws when one is missing: a trial always has both. */
export function candidateFrom(name: string, files: Readonly<Record<string, string>>): CandidateFiles {
  const source = files[`${name}.ts`];
  const yaml = files[`${name}.yaml`];
  if (source === undefined || yaml === undefined)
    throw new Error(`candidate ${name} needs ${name}.ts and ${name}.yaml, got ${Object.keys(files).join(', ')}`);
  return { name, source, yaml };
}
