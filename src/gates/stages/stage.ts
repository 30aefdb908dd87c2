import type { BoxFailure, Scenario, SimulationRequest, SimulationResult } from '../../backtest/contract.ts';
import { NEUTRAL } from '../../backtest/market.ts';
import { canonicalJson } from '../../base/hash.ts';
import type { Range } from '../../market/bars.ts';
import type { Params } from '../../strategy/candidate.ts';
import type { GatesConfig } from '../config.ts';
import type { Evidence } from '../evidence.ts';
import type { TrialHistory } from '../history.ts';
import { playOf, type Tuning, type Walk } from '../tuning/walk.ts';
import type { GateResult } from '../verdict.ts';
import type { Workbench } from '../workbench/workbench.ts';

/** Everything a stage may look at. */
export interface StageContext {
  readonly config: GatesConfig;
  readonly params: Params;
  readonly family: string;
  /** It reads the hour or the weekday. */
  readonly seasonal?: boolean;
  /** It decides on all symbols at once. */
  readonly universe?: boolean;
  /** Numbers written in the candidate's code. */
  readonly numbers?: readonly number[];
  readonly train: Range;
  /** Of a candidate with ranges: what is tuned. */
  readonly tuning?: Tuning;
  /** Of the same, once it was tuned: what its train window is played with. */
  readonly walk?: Walk;
  readonly workbench: Workbench;
  readonly history: TrialHistory;
  /** Hears how far a long stage is. */
  readonly onProgress?: (words: string) => void;
}

/** What the train stage found; later stages build on it. */
export interface TrainFindings {
  readonly result: SimulationResult;
  readonly evidence: Evidence;
  readonly score: number | null;
}

/** A stage's answer: its gates, or the failure of the evaluation process that ended it. */
export type StageAnswer = readonly GateResult[] | BoxFailure;

/** The train window of the trial in hand: all of it, or the parts that a tuned candidate trades. */
export function trainRequest(
  { params, walk, train }: Pick<StageContext, 'params' | 'walk' | 'train'>,
  scenario: Scenario = NEUTRAL,
): SimulationRequest {
  return { ...(walk ? playOf(walk, train) : { params }), scenario, detail: 'summary' };
}

/** Every set of parameters that the trial trades with, each once. */
export function pointsOf({ params, walk }: Pick<StageContext, 'params' | 'walk'>): Params[] {
  const points = walk ? walk.map((step) => step.params) : [params];
  return [...new Map(points.map((point) => [canonicalJson(point), point])).values()];
}

/** True for a box that gave no answer. */
export function isFailure(answer: StageAnswer): answer is BoxFailure {
  return 'ok' in answer;
}
