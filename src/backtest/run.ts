import type { Params } from '../strategy/candidate.ts';
import type { StrategyDefinition } from '../strategy/definition.ts';
import type { Account } from './account/account.ts';
import type { Curve } from './account/curve.ts';
import type { SymbolDays } from './account/days.ts';
import type { Variation } from './account/variation.ts';
import type { BookLimits, Members } from './market.ts';
import type { Desk } from './orders/desk.ts';
import type { Prepared } from './view/prepare.ts';
import type { View } from './view/view.ts';

/** What decides for a while: a strategy with its parameters and what it sees. */
export interface Act {
  strategy: StrategyDefinition;
  params: Params;
  view: View;
  /** One record a symbol. */
  columns: readonly Readonly<Record<string, Float64Array>>[];
  /** Closed bars before the first decision. */
  warmup: number;
  /** Decisions after this moment are its own, epoch ms. */
  from: number;
}

/** One simulation while it is played; the act under way stands in it. */
export interface Run extends Omit<Act, 'from'> {
  /** Parameters of the first act. */
  readonly asked: Params;
  /** Acts that are still to come, in order. */
  later: readonly Act[];
  readonly account: Account;
  /** Of a universe's book. */
  readonly limits: BookLimits | undefined;
  /** The strategy is shown handles in place of names. */
  readonly anonymous: boolean;
  readonly members: Members | undefined;
  /** One a symbol, in the candidate's order. */
  readonly desks: readonly Desk[];
  readonly symbols: readonly Prepared[];
  /** One a symbol. */
  readonly days: readonly SymbolDays[];
  readonly curve: Curve;
  /** Part of the window that is traded. */
  readonly from: number;
  readonly to: number;
  readonly dayEquity: Float64Array;
  readonly variation: Variation;
  /** Written while playing where there are several symbols. */
  readonly benchmarkVariation: Float64Array;
  /** The last two minutes played, epoch ms; several symbols only. */
  readonly times: Float64Array;
  /** Counted while playing. */
  bars: number;
  barsInPosition: number;
  exposure: number;
  decisions: number;
}

/** Lets the next act begin when its moment has come; whether it did. What is held and what waits stays. */
export function nextAct(run: Run, moment: number): boolean {
  if (run.later.length === 0 || moment < run.later[0].from) return false;
  const [{ from: _, ...act }, ...later] = run.later;
  Object.assign(run, act, { later });
  return true;
}
