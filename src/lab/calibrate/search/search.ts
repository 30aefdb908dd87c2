import type { SimulationData } from '../../../backtest/engine.ts';
import { canonicalJson } from '../../../base/hash.ts';
import type { Random } from '../../../base/random.ts';
import type { GatesConfig } from '../../../gates/config.ts';
import type { EarlierTrial } from '../../../gates/history.ts';
import { judge, type StageOutcome } from '../../../gates/judge.ts';
import type { Stage } from '../../../gates/verdict.ts';
import type { Workbench } from '../../../gates/workbench/workbench.ts';
import { DAY, type Range } from '../../../market/bars.ts';
import { DAYS_A_YEAR } from '../../../metrics/returns.ts';
import { type Axes, freeAxes } from '../../../strategy/axes.ts';
import type { Params } from '../../../strategy/candidate.ts';
import type { StrategyDefinition } from '../../../strategy/definition.ts';
import { type Defence, gatesWithout } from './defences.ts';

/** A library strategy with the values that each parameter may take. */
export interface Space {
  readonly name: string;
  readonly definition: StrategyDefinition;
  /** A new evaluation for every simulation, where the file keeps state between bars. */
  readonly fresh?: () => StrategyDefinition;
  readonly values: Readonly<Record<string, readonly number[]>>;
}

export interface Proposal {
  readonly space: Space;
  readonly params: Params;
  /** Parameters that the harness is to tune. */
  readonly axes?: Axes;
}

/** Proposes the next trial from the ones before it; null ends the search early. */
export type Proposer = (done: readonly Trial[], random: Random) => Proposal | null | Promise<Proposal | null>;

export interface Trial extends Proposal {
  readonly outcome: StageOutcome;
}

/** What one search found, and where its trials ended. */
export interface SearchFinding {
  readonly trials: number;
  readonly keeps: number;
  /** Trials that ended in each stage. */
  readonly ended: Partial<Record<Stage, number>>;
  readonly stageMs: Partial<Record<Stage, number>>;
  /** Name and active Sharpe ratios (train, selection) of the kept ones. */
  readonly kept: readonly { readonly name: string; readonly train: number; readonly selection: number }[];
  /**
   * Active Sharpe ratio of every trial that reached train, in standard errors of one without skill (1 / sqrt(years)): where nobody has
   * skill these are about standard normal, below 0 by what costs take.
   */
  readonly statistics: readonly number[];
  readonly looks: number;
}

/**
 * The stages that need no further simulation before those that do: many times faster, and the same candidates are kept, because each must
 * pass every stage and selection stays last.
 */
export const THRIFTY: readonly Stage[] = [
  'tuning',
  'smoke',
  'train',
  'subperiods',
  'redundancy',
  'deflation',
  'pbo',
  'stress',
  'neighbours',
  'causality',
  'null',
  'selection',
];

/** What a search is played on: where results come from for a proposal, and the windows that they are of. */
export interface Ground {
  readonly benchOf: (proposal: Proposal, off?: readonly Defence[]) => Workbench;
  readonly train: Range;
  /** Bars of the train window, where there are any. */
  readonly market?: readonly SimulationData[];
  /** Scored days of all selection folds together. */
  readonly selectionDays: number;
}

/** How a search is run, beyond what it tries. */
export interface SearchRules {
  /** Ends the search at its first keep: whether it found something is then known. */
  readonly untilKeep?: boolean;
  /** Defences that are switched off. */
  readonly off?: readonly Defence[];
  /** Runs on the same market that the trials are spread over: each starts its counts anew where there is no ledger. */
  readonly nights?: number;
}

/**
 * One whole search with the production gates: proposals, charged one by one, judged with the history that a run would have at that
 * moment. Repeats are refused before they are charged, as in the loop.
 */
export async function runSearch(
  propose: Proposer,
  trials: number,
  ground: Ground,
  gates: GatesConfig,
  random: Random,
  { untilKeep = false, off = [], nights = 1 }: SearchRules = {},
): Promise<SearchFinding> {
  const config = gatesWithout(gates, off);
  const night = off.includes('ledger') ? Math.ceil(trials / nights) : trials;
  const done: Trial[] = [];
  const seen = new Set<string>();
  let earlier: EarlierTrial[] = [];
  let [looks, looksBefore] = [0, 0];
  for (let refusals = 0; done.length < trials && refusals < 50 * trials; ) {
    const proposal = await propose(done, random);
    if (proposal === null) break;
    const { space, params } = proposal;
    const identity = `${space.name} ${canonicalJson(params)}`;
    if (seen.has(identity)) {
      refusals += 1;
      continue;
    }
    seen.add(identity);
    if (done.length % night === 0) [earlier, looksBefore] = [[], looks];
    const outcome = await judge(
      {
        config,
        params: { ...space.definition.params, ...params },
        family: space.definition.family,
        seasonal: space.definition.seasonal,
        train: ground.train,
        tuning: tuningOf(proposal, `${ground.market?.[0].bars.close.slice(-9).join(' ')}`),
        workbench: ground.benchOf(proposal, off),
        history: {
          trials: (done.length % night) + 1,
          earlier,
          looks: looks - looksBefore,
          look: () => {
            looks += 1;
          },
        },
      },
      ground.selectionDays,
      THRIFTY,
    );
    done.push({ ...proposal, outcome });
    if (untilKeep && outcome.outcome === 'keep') break;
    earlier.push({
      trial: `${done.length}`,
      family: space.definition.family,
      fingerprint: outcome.fingerprint,
      returns: outcome.returns,
      score: outcome.score,
      outcome: outcome.outcome,
      selectionSharpe: outcome.selectionSharpe,
    });
  }
  return findingOf(done, looks, (ground.train.to - ground.train.from) / DAY / DAYS_A_YEAR);
}

function findingOf(done: readonly Trial[], looks: number, years: number): SearchFinding {
  const ended: Partial<Record<Stage, number>> = {};
  const stageMs: Partial<Record<Stage, number>> = {};
  for (const { outcome } of done) {
    for (const [stage, ms] of Object.entries(outcome.stageMs) as [Stage, number][]) {
      stageMs[stage] = (stageMs[stage] ?? 0) + ms;
    }
    const last = outcome.gates.at(-1);
    if (last && outcome.outcome !== 'keep') ended[last.stage] = (ended[last.stage] ?? 0) + 1;
  }
  const kept = done.filter(({ outcome }) => outcome.outcome === 'keep');
  return {
    trials: done.length,
    keeps: kept.length,
    ended,
    stageMs,
    kept: kept.map(({ space, outcome }) => ({
      name: space.name,
      train: outcome.metrics.activeSharpe ?? Number.NaN,
      selection: outcome.selectionSharpe ?? Number.NaN,
    })),
    statistics: done.flatMap(({ outcome }) => {
      const { activeSharpe = null } = outcome.metrics;
      return activeSharpe === null ? [] : [Number((activeSharpe * Math.sqrt(years)).toFixed(3))];
    }),
    looks,
  };
}

/** What the judge needs to know of a tuned proposal; undefined for any other. The coins come from the market's own numbers. */
function tuningOf({ space, params, axes }: Proposal, market: string) {
  if (!axes) return undefined;
  const fixed = Object.entries({ ...space.definition.params, ...params }).filter(
    ([name]) => !Object.hasOwn(axes, name),
  );
  return { axes: freeAxes(axes, params), fixed: Object.fromEntries(fixed), seed: canonicalJson(market) };
}
