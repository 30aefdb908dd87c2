import type { SimulationResult } from '../../backtest/contract.ts';
import type { GatesConfig } from '../config.ts';
import { evidenceOf } from '../evidence.ts';
import { scoreOf } from '../score.ts';

/** What one simulation is worth to the tuner, and its annual Sharpe ratio. */
export interface Measured {
  readonly score: number;
  readonly sharpe: number;
  readonly measures: Measures;
  /** Day by day. */
  readonly returns: Float64Array;
}

/** What a point can say about the gates of train. */
export interface Measures {
  readonly sharpe: number;
  readonly trades: number;
  readonly exposure: number;
  readonly drawdown: number;
  readonly hiddenRisk: number;
}

/**
 * What the tuner maximises: the score of gates.yaml, after costs, on the part that was played. With fewer round trips than `train.minTrades` leaves
 * that part it shrinks in proportion, as below the floor of exposure. Null for a ruined account and a flat line.
 */
export function objectiveOf(result: SimulationResult, config: GatesConfig, trainDays: number): Measured | null {
  if (result.ruined || result.fillCount === 0) return null;
  const { returns, hiddenRisk, sharpe } = evidenceOf(result);
  const score = scoreOf(returns, result.meanExposure, config.score, hiddenRisk);
  if (score === null) return null;
  const needed = (config.train.minTrades * result.days.length) / trainDays;
  const share = score > 0 ? Math.min(1, result.roundTrips / Math.max(1, needed)) : 1;
  const { roundTrips: trades, meanExposure: exposure, maxDrawdown: drawdown } = result;
  return { score: score * share, sharpe, returns, measures: { sharpe, trades, exposure, drawdown, hiddenRisk } };
}
