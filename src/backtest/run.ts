import type { Params } from '../strategy/candidate.ts';
import type { StrategyDefinition } from '../strategy/definition.ts';
import type { Account } from './account/account.ts';
import type { Curve } from './account/curve.ts';
import type { SymbolDays } from './account/days.ts';
import type { Variation } from './account/variation.ts';
import type { Desk } from './orders/desk.ts';
import type { Prepared } from './view/prepare.ts';
import type { View } from './view/view.ts';

/** One simulation while it is played. */
export interface Run {
  readonly strategy: StrategyDefinition;
  readonly params: Params;
  readonly view: View;
  readonly account: Account;
  /** One a symbol, in the candidate's order. */
  readonly desks: readonly Desk[];
  readonly symbols: readonly Prepared[];
  readonly columns: readonly Readonly<Record<string, Float64Array>>[];
  /** One a symbol. */
  readonly days: readonly SymbolDays[];
  readonly curve: Curve;
  /** Closed bars before the first decision. */
  readonly warmup: number;
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
