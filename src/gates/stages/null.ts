import type { BoxAnswer, BoxFailure, SimulationResult, SurrogateRequest } from '../../backtest/contract.ts';
import { momentsOf } from '../../metrics/statistics/moments.ts';
import { tailProbability } from '../../metrics/statistics/tail.ts';
import { bestOfLevel } from '../../metrics/statistics.ts';
import { atLeast, atMost } from '../check.ts';
import { evidenceOf } from '../evidence.ts';
import type { GateResult } from '../verdict.ts';
import { noiseGates } from './noise.ts';
import { isFailure, type StageContext, type TrainFindings, trainRequest } from './stage.ts';
import { mostTuned, tunedSurrogates } from './tuned-null.ts';

/** Gates of the null, and its numbers for reports. */
export interface NullAnswer {
  readonly gates: readonly GateResult[];
  readonly metrics: Readonly<Record<string, number>>;
}

/** Surrogates that are asked for together. */
const BATCH = 40;
/**
 * Draws from which a candidate may pass, times the level: a tail that no draw has shown yet, of chance c, stays unseen by B of them and is met by the
 * true window with probability c (1 - c)^B, which is 1 / (e B) at most.
 */
const UNSEEN = 1 / Math.E;
/** Draws at or above the observed value after which more of them cannot help (Besag & Clifford 1991). */
const HOPELESS = 10;

/**
 * The candidate's own null (Monte Carlo permutation test: White 2000, Masters 2018): what the same code makes of surrogates of the train
 * window in which no direction can be forecast. The statistic is the active Sharpe ratio; costs are no credit, because a null that loses
 * money is lifted to 0. A second null keeps the drift of the window, so that being long in quiet times does not pass. Both must be
 * beaten at the level that Sidak gives N trials.
 */
export async function nullStage(context: StageContext, train: TrainFindings): Promise<NullAnswer | BoxFailure> {
  const { config, history } = context;
  const level = bestOfLevel(Math.max(history.trials, config.deflation.minTrials), config.deflation.luck);
  const noise = await noiseGates(context, train);
  if (isFailure(noise)) return noise;
  const gates: GateResult[] = [...noise];
  const metrics: Record<string, number> = {};
  if (gates.some(({ passed }) => !passed)) return { gates, metrics };
  const kinds = context.universe ? TOGETHER : KINDS;
  for (const { name, metric, ...kind } of config.surrogates.count > 0 ? kinds : []) {
    const found = await sample(context, train, kind, level, name);
    if ('ok' in found) return found;
    metrics[`${metric}P`] = found.p;
    metrics[`${metric}Surrogates`] = found.draws;
    gates.push(...gatesOf(name, found, level, train));
    if (gates.some(({ passed }) => !passed)) return { gates, metrics };
  }
  return { gates, metrics };
}

/**
 * The same chance for a candidate that passed everything, where signs are held for an hour and for a day: what is left of it when the order
 * within them stays. Printed, never a gate: where a surrogate ends in a crash or out of time, its p is NaN. A leak that shows here ends the
 * candidate all the same.
 */
export async function heldNulls(context: StageContext, train: TrainFindings): Promise<NullAnswer | BoxFailure> {
  const metrics: Record<string, number> = {};
  const { surrogates, off } = context.config;
  const { held } = surrogates;
  // Tuned anew on each surrogate they would take longer than all gates together.
  const asked = held > 0 && !context.walk && !off.includes('null');
  for (const [name, holdMinutes] of asked ? HELD : []) {
    const found = await sample(context, train, { holdMinutes, drift: false }, 0, name, held);
    if ('ok' in found && (found.kind === 'leak' || found.kind === 'policy')) return found;
    metrics[name] = 'ok' in found ? Number.NaN : found.p;
  }
  return { gates: [], metrics };
}

interface Kind extends Omit<SurrogateRequest, 'index'> {
  readonly name: string;
  readonly metric: string;
}

const KINDS: readonly Kind[] = [
  { name: 'signs', metric: 'null', holdMinutes: 1, drift: false },
  { name: 'drift', metric: 'nullDrift', holdMinutes: 1, drift: true },
];

/**
 * Those of a universe. A sign is held for an hour by all symbols, so that they move together as they did, also where one follows the others
 * minutes later or over a gap; then each has signs of its own, so that nothing is left but what each does by itself.
 */
const TOGETHER: readonly Kind[] = [
  ...KINDS.map((kind) => ({ ...kind, holdMinutes: 60 })),
  { name: 'own', metric: 'nullOwn', holdMinutes: 60, drift: false, ownSigns: true },
];

const HELD = [
  ['nullHourP', 60],
  ['nullDayP', 1440],
] as const;

interface Sample {
  readonly p: number;
  readonly draws: number;
  readonly mean: number;
  readonly deviation: number;
  /** Median round trips of a surrogate. */
  readonly trades: number;
}

async function sample(
  context: StageContext,
  train: TrainFindings,
  kind: Omit<SurrogateRequest, 'index'>,
  level: number,
  name: string,
  fixed?: number,
): Promise<Sample | BoxFailure> {
  const { config, onProgress } = context;
  const observed = train.evidence.activeSharpe;
  const most = context.walk ? mostTuned(config, train) : config.surrogates.most;
  const values: number[] = [];
  const trades: number[] = [];
  let wanted = fixed ?? config.surrogates.count;
  const least = Math.min(most, Math.max(wanted, Math.ceil(UNSEEN / level)));
  for (;;) {
    const count = Math.min(BATCH, wanted - values.length);
    const surrogates = Array.from({ length: count }, (_, k) => ({ ...kind, index: values.length + k }));
    const answer = await playOn(context, train, surrogates);
    if (!answer.ok) return answer;
    for (const result of answer.value) {
      // A surrogate that ruins the account or leaves it in cash says nothing for the candidate.
      const { activeSharpe } = evidenceOf(result);
      values.push(result.ruined || !Number.isFinite(activeSharpe) ? 0 : activeSharpe);
      trades.push(result.roundTrips);
    }
    onProgress?.(`null ${name}: ${values.length} of ${wanted} surrogates`);
    const { mean, deviation } = momentsOf(values);
    const lifted = values.map((value) => value - Math.min(0, mean));
    const found = {
      draws: values.length,
      mean,
      deviation,
      trades: trades.toSorted((a, b) => a - b)[trades.length >> 1],
    };
    const reached = lifted.filter((value) => value >= observed).length;
    if (fixed === undefined && reached >= HOPELESS) return { ...found, p: reached / values.length };
    if (values.length < wanted) continue;
    const p = tailProbability(lifted, observed);
    // p is an upper limit. Above ten times the level more draws will not bring it down to the level; at or below it, enough must have been drawn.
    const undecided = p > level && p <= 10 * level;
    const unseen = p <= level && wanted < least;
    if (fixed !== undefined || !(undecided || unseen) || wanted >= most) return { ...found, p };
    wanted = unseen ? least : Math.min(most, 3 * wanted);
  }
}

/** What the candidate makes of some surrogates: with its parameters, or tuned anew on each. */
function playOn(
  context: StageContext,
  train: TrainFindings,
  surrogates: readonly SurrogateRequest[],
): Promise<BoxAnswer<readonly SimulationResult[]>> {
  if (context.walk) return tunedSurrogates(context, train, surrogates);
  return context.workbench.surrogates(
    surrogates.map((surrogate) => ({ ...trainRequest(context), detail: 'days', surrogate })),
  );
}

function gatesOf(
  name: string,
  { p, draws, mean, deviation, trades }: Sample,
  level: number,
  { result, evidence }: TrainFindings,
): GateResult[] {
  const kept = KEPT[name] ?? 'without direction';
  const z = (evidence.activeSharpe - Math.max(0, mean)) / deviation;
  return [
    atMost('null', name, p, level, {
      class: 'luck',
      label: `chance on markets ${kept}`,
      digits: 5,
      note: `${draws} surrogates: active sharpe ${mean.toFixed(2)} +- ${deviation.toFixed(2)}, observed ${evidence.activeSharpe.toFixed(2)}, z ${z.toFixed(1)}`,
    }),
    // A candidate that knows the true market could stand still on every other one.
    atLeast('null', `${name}Trades`, trades / Math.max(1, result.roundTrips), MIN_TRADES, {
      class: 'luck',
      label: 'trades on surrogates, share of those on the market',
    }),
  ];
}

const KEPT: Readonly<Record<string, string>> = {
  drift: 'that keep the drift',
  own: 'whose symbols have signs of their own',
};

/** Share of its trades that a candidate must make on the median surrogate for its null to be one. */
const MIN_TRADES = 0.25;
