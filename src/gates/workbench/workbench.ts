import type { BoxAnswer, CausalityReport, SimulationRequest, SimulationResult } from '../../backtest/contract.ts';
import type { Params } from '../../strategy/candidate.ts';

/** Windows that ordinary trials may be simulated on. The holdout is not among them: src/gates/holdout.ts alone opens it. */
export type WindowName = 'train' | { readonly fold: number };

/**
 * Where simulation results come from. In production they come from the box; calibration plays trusted strategies in this
 * process. The gates cannot tell the difference, so that they are the same code.
 */
export interface Workbench {
  /** Number of selection folds. */
  readonly folds: number;
  simulate(window: WindowName, requests: readonly SimulationRequest[]): Promise<BoxAnswer<readonly SimulationResult[]>>;
  /** Simulations on surrogates of the train window, side by side where there are processors for it. */
  surrogates(requests: readonly SimulationRequest[]): Promise<BoxAnswer<readonly SimulationResult[]>>;
  /** Proof on the train window that no decision depends on its future. */
  audit(params: Params, cuts: number): Promise<BoxAnswer<CausalityReport>>;
  close(): Promise<void>;
}
