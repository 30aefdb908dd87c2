import { type Compiled, compileCandidate, type NotCompiled } from '../backtest/compile/compile.ts';
import type { SimulationResult } from '../backtest/contract.ts';
import { NEUTRAL } from '../backtest/market.ts';
import { closing } from '../base/closing.ts';
import { EXIT, RalphError } from '../base/errors.ts';
import { DAY, type Range } from '../market/bars.ts';
import type { MarketConfig } from '../market/config.ts';
import type { FrozenWindows } from '../market/snapshot.ts';
import { DAYS_A_YEAR } from '../metrics/returns.ts';
import { detectableSharpe } from '../metrics/statistics/power.ts';
import { bestOfQuantile, sharpeStatistic } from '../metrics/statistics.ts';
import type { CandidateFiles, Params } from '../strategy/candidate.ts';
import type { GatesConfig } from './config.ts';
import { type Evidence, evidenceOf } from './evidence.ts';
import { type KnownDays, knowledgeLine } from './knowledge.ts';
import { boxWorkbench } from './workbench/box-workbench.ts';

/** `consistent, known to the model` is what `confirmed` comes to where the model may have read about days of the holdout. */
export type HoldoutWord = 'confirmed' | 'consistent, known to the model' | 'rejected' | 'insufficient evidence';

export interface HoldoutAnswer {
  readonly answer: HoldoutWord;
  /** Annual Sharpe ratio over the holdout of what holding the market does not explain; null where undefined. */
  readonly sharpe: number | null;
  /** Smallest true annual Sharpe ratio that a window of this length finds at the configured level and power. */
  readonly detectable: number;
  readonly years: number;
  /** One line for a person. */
  readonly message: string;
}

/** An opening that the journal already holds. */
export interface Opening {
  readonly candidate: string;
  /** Fingerprint of code and parameters, so that a copy under another name is the same candidate. */
  readonly fingerprint: string;
}

export interface Promotion {
  readonly candidate: string;
  readonly fingerprint: string;
  readonly files: CandidateFiles;
  readonly compiled?: Compiled | NotCompiled;
  readonly params: Params;
  readonly frozen: Pick<FrozenWindows, 'holdout' | 'universes'>;
  /** Which of the held-back days the model may know; absent: none. */
  readonly known?: KnownDays;
  readonly market: MarketConfig;
  readonly gates: GatesConfig;
  /** Earlier openings of days of this holdout, over every run on the same data. */
  readonly opened: readonly Opening[];
  /** Journals the look; called BEFORE the window is opened. `look` counts from 1. Answers its number where others may have opened one meanwhile. */
  readonly open: (look: number) => Look | Promise<Look>;
  readonly signal?: AbortSignal;
}

// biome-ignore lint/suspicious/noConfusingVoidType: a caller that only counts answers nothing
type Look = number | void;

/**
 * The one place that opens the holdout: once a candidate, within the ration, journaled first. Throws RalphError (exit 3) when
 * the candidate had its look or the ration is spent; nothing is opened then.
 */
export async function promoteCandidate(promotion: Promotion): Promise<HoldoutAnswer> {
  const { candidate, fingerprint, params, frozen, market, gates, opened } = promotion;
  refuseOpening({ candidate, fingerprint }, opened, gates.holdout.openings);
  const compiled = promotion.compiled ?? (await compileCandidate(promotion.files));
  if (!compiled.ok) throw refuse(`${candidate} does not compile: ${compiled.problems.join('; ')}`, 'Fix it first.');
  const look = (await promotion.open(opened.length + 1)) ?? opened.length + 1;
  // The holdout stands in for the only fold of a bench that has no train window.
  await using bench = closing(
    boxWorkbench({
      code: compiled.code,
      symbols: compiled.config.symbols,
      universe: compiled.config.universe,
      frozen: { ...frozen, train: [], selection: [frozen.holdout] },
      market,
      limits: gates.limits,
      signal: promotion.signal,
    }),
  );
  const values = { ...compiled.defaults, ...compiled.config.params, ...params };
  const played = await bench.simulate({ fold: 0 }, [{ params: values, scenario: NEUTRAL, detail: 'summary' }]);
  if (played.ok) return holdoutAnswer(played.value[0], look, gates.holdout, promotion.known);
  return rejectedFor(played.kind, frozen.holdout[0].range, gates.holdout);
}

/** Throws RalphError (exit 3) when the candidate had its look or the ration is spent. */
export function refuseOpening({ candidate, fingerprint }: Opening, opened: readonly Opening[], openings: number): void {
  const before = opened.find((opening) => opening.fingerprint === fingerprint);
  if (before) {
    throw refuse(
      `${candidate} has had its look at the holdout (as ${before.candidate})`,
      'See `npm run ralph -- results` for its answer; a second look would be fitting to it.',
    );
  }
  if (opened.length >= openings) {
    throw refuse(
      `all ${openings} openings of the holdout are spent: ${opened.map((each) => each.candidate).join(', ')}`,
      'Add newer data and move every window forward, which starts a new segment.',
    );
  }
}

/** The answer for a candidate that came to nothing on the holdout. */
export function rejectedFor(why: string, { from, to }: Range, { alpha, power }: GatesConfig['holdout']): HoldoutAnswer {
  const years = (to - from) / DAY / DAYS_A_YEAR;
  const detectable = detectableSharpe(years, alpha, power);
  return { answer: 'rejected', sharpe: null, detectable, years, message: `rejected: ${why} on the holdout` };
}

/** What a simulation of the holdout comes to. */
export function holdoutAnswer(
  result: SimulationResult,
  look: number,
  config: GatesConfig['holdout'],
  knowledge?: KnownDays,
): HoldoutAnswer {
  return answerFrom(evidenceOf(result), result.ruined, look, config, knowledge);
}

/**
 * Three-valued: rejected when nothing is earned beyond the market, confirmed when the k-th opening clears the (1 - alpha) quantile of
 * the best of k, else insufficient evidence. A window that is too short to see the truth can so veto but not confirm, and neither can
 * days that the model may know.
 */
export function answerFrom(
  { activeSharpe, sample, returns }: Pick<Evidence, 'activeSharpe' | 'sample' | 'returns'>,
  ruined: boolean,
  look: number,
  { alpha, power }: GatesConfig['holdout'],
  knowledge?: KnownDays,
): HoldoutAnswer {
  const years = returns.length / DAYS_A_YEAR;
  const detectable = detectableSharpe(years, alpha, power);
  const z = sharpeStatistic(sample, 0);
  const known = Number.isFinite(activeSharpe) && Number.isFinite(z);
  const answer: HoldoutWord =
    !known || ruined || activeSharpe <= 0
      ? 'rejected'
      : z >= bestOfQuantile(look, alpha)
        ? knowledge && knowledge.holdout.known > 0
          ? 'consistent, known to the model'
          : 'confirmed'
        : 'insufficient evidence';
  const shown = known ? activeSharpe.toFixed(2) : 'undefined';
  return {
    answer,
    sharpe: known ? activeSharpe : null,
    detectable,
    years,
    message:
      `${answer}: sharpe ${shown} over ${years.toFixed(2)} years at opening ${look}; ` +
      `the smallest Sharpe that a window of this length can detect is ${detectable.toFixed(2)}${knowledge ? `. ${knowledgeLine(knowledge)}` : ''}`,
  };
}

function refuse(message: string, remedy: string): RalphError {
  return new RalphError(message, { remedy, exitCode: EXIT.limit });
}
