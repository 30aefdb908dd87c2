import type { SimulationData } from '../../backtest/engine.ts';
import { canonicalJson } from '../../base/hash.ts';
import { pick, type Random } from '../../base/random.ts';
import type { GatesConfig } from '../../gates/config.ts';
import type { EarlierTrial } from '../../gates/history.ts';
import { judge, type StageOutcome } from '../../gates/judge.ts';
import type { Stage } from '../../gates/verdict.ts';
import type { Workbench } from '../../gates/workbench/workbench.ts';
import { DAY, type Range } from '../../market/bars.ts';
import { DAYS_A_YEAR } from '../../metrics/returns.ts';
import type { Params } from '../../strategy/candidate.ts';
import type { StrategyDefinition } from '../../strategy/definition.ts';
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
