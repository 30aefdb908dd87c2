import type { Range } from '../market/bars.ts';
import type { Params } from '../strategy/candidate.ts';
import type { CausalityReport, FutureReport, MemoryReport, SimulationResult } from './box/answers.ts';

export type * from './box/answers.ts';

/** How pessimistic the world is in one simulation. The neutral one is `{ name: 'base', costMultiplier: 1, delayBars: 0, missEvery: 0 }`. */
export interface Scenario {
  readonly name: string;
  /** Multiplies fees and slippage. */
  readonly costMultiplier: number;
  /** Fills that rested pay this many half spreads (Roll 1984) of the window on top: what bouncing between bid and ask gave them. Default 0. */
  readonly restingSpreads?: number;
  /** Multiplies the cash at the start: what larger money would have made. Default 1. */
  readonly cashMultiplier?: number;
  /** Extra 1-minute bars between a decision and its orders being live. */
  readonly delayBars: number;
  /** One of n entries that would fill is missed, by lot of its symbol and minute; 0 for none. Exits are never missed. */
  readonly missEvery: number;
}

/** A market without direction made from the window; see surrogateOf. */
export interface SurrogateRequest {
  /** Which of many; the coins come from the data and this alone. */
  readonly index: number;
  /** Minutes over which a sign is held. */
  readonly holdMinutes: number;
  /** Keeps the window's mean log return. */
  readonly drift: boolean;
  /** Each symbol has coins of its own; otherwise all share them. */
  readonly ownSigns?: boolean;
  /** Nothing is mirrored; prices and volumes of the window are a little off. `index` 0: not even that. */
  readonly noise?: boolean;
}

/** From `from` (midnight UTC, epoch ms) on, decisions are made with `params`; what is held and what waits is carried on. */
export interface ParamStep {
  readonly from: number;
  readonly params: Params;
}

export interface SimulationRequest {
  readonly params: Params;
  readonly scenario: Scenario;
  /**
   * `full` adds the fills and what stands at the end; sweeps ask for `summary` so that memory stays flat. `days` leaves the rows of trades
   * out, which are most of a summary: the many of a null and of a tuner are read by their days and counts.
   */
  readonly detail: 'days' | 'summary' | 'full';
  /** Part of the window to trade; the bars before it are warm-up. Absent: the whole window. */
  readonly range?: Range;
  /** Parameters that replace `params` from a day on: what a trader would have used who tunes again now and then. Rising. */
  readonly path?: readonly ParamStep[];
  /** Bars from here on (epoch ms UTC) are not there at all: what is measured and what made it cannot know them. */
  readonly until?: number;
  /** Plays on this surrogate in place of the window, without tick, lot, smallest order and funding. */
  readonly surrogate?: SurrogateRequest;
}

/** Why a box gave no answer. The message is readable and names the candidate's line where there is one. */
export interface BoxFailure {
  readonly ok: false;
  readonly kind: 'throw' | 'timeout' | 'memory' | 'leak' | 'policy' | 'protocol';
  readonly message: string;
}

export type BoxAnswer<T> = { readonly ok: true; readonly value: T } | BoxFailure;

/** One evaluation child with one candidate and the window files it was handed. Requests are answered in order. */
export interface Box {
  /** On one of the child's windows, counted from 0; the first where none is named. The other questions are about the first. */
  simulate(requests: readonly SimulationRequest[], window?: number): Promise<BoxAnswer<SimulationResult[]>>;
  /** Keeps the past, replaces the future, compares every decision up to the cut; cuts lie where the candidate acts. */
  future(params: Params, cuts: number, seed: number): Promise<BoxAnswer<FutureReport>>;
  /** Prices scaled, and bars that begin later. */
  memory(params: Params, seed: number): Promise<BoxAnswer<MemoryReport>>;
  /** Both, the second where the first found no leak. */
  audit(params: Params, cuts: number, seed: number): Promise<BoxAnswer<CausalityReport>>;
  /** Which of these parameters the candidate's `where` allows: all of them where it has none. */
  allowed(points: readonly Params[]): Promise<BoxAnswer<boolean[]>>;
  /** Ends the child. Safe to call twice and after a failure. */
  close(): Promise<void>;
}
