import type { BoxAnswer, CausalityReport, SimulationRequest, SimulationResult } from '../../backtest/contract.ts';
import type { Params } from '../../strategy/candidate.ts';

/** Windows that ordinary trials may be simulated on. The holdout is not among them: src/gates/holdout.ts alone opens it. */
export type WindowName = 'train' | { readonly fold: number };

/** Simulations of the train window or its surrogates. */
export type Simulate = (requests: readonly SimulationRequest[]) => Promise<BoxAnswer<readonly SimulationResult[]>>;

/** Work that asks for simulations as it goes. */
export type Job<T> = (simulate: Simulate) => Promise<BoxAnswer<T>>;

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
  /**
   * Runs jobs side by side where there are processors for it; what one job simulates is simulated in one process, one after the other. The first
   * failure ends all of them.
   */
  spread<T>(jobs: readonly Job<T>[]): Promise<BoxAnswer<readonly T[]>>;
  /** Which of these parameters the candidate's `where` allows. */
  allowed(points: readonly Params[]): Promise<BoxAnswer<readonly boolean[]>>;
  /** Proof on the train window that no decision depends on its future. */
  audit(params: Params, cuts: number): Promise<BoxAnswer<CausalityReport>>;
  close(): Promise<void>;
}
