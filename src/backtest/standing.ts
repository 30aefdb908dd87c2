import type { Timeframe } from '../market/bars.ts';
import type { Desk } from './orders/desk.ts';
import { KIND, type Order } from './orders/orders.ts';
import type { Run } from './run.ts';

/** An order that waits after the last bar. Prices are null where it has none. */
export interface WorkingOrder {
  readonly side: 'buy' | 'sell';
  /** A market order fills at the next bar; a trigger with a limit becomes that limit order once it is touched. */
  readonly kind: 'market' | 'limit' | 'trigger' | 'trigger-limit';
  /** Base units still to trade, above 0. */
  readonly quantity: number;
  readonly limit: number | null;
  readonly trigger: number | null;
  /** Exits that the position gets with its fill. */
  readonly stop: number | null;
  readonly target: number | null;
  /** Distance of the trailing stop from the best price, in quote money. */
  readonly trail: number | null;
  readonly reduceOnly: boolean;
}

/** Where one symbol stands after the last bar of a simulation: nothing is closed at the end. */
export interface Standing {
  readonly symbol: string;
  readonly timeframe: Timeframe;
  /** Start of the last bar, epoch ms UTC, and its close. */
  readonly bar: number;
  readonly close: number;
  /** Close of the bar that was decided on last, epoch ms UTC; null before the end of the warm-up. */
  readonly decided: number | null;
  /** Base units, negative for a short. */
  readonly position: number;
  readonly entryPrice: number | null;
  /** Where the position is left: prices, the trailing stop at the price that it has reached. */
  readonly stop: number | null;
  readonly target: number | null;
  readonly trailingStop: number | null;
  readonly orders: readonly WorkingOrder[];
}

/** One a symbol, in the candidate's order. */
export function standingsOf({ desks, days, warmup }: Run): Standing[] {
  return desks.map((desk, s) => {
    const last = Math.max(0, days[s].to - 1);
    const held = desk.position !== 0;
    return {
      symbol: desk.symbol,
      timeframe: desk.frame.timeframe,
      bar: desk.bars.time[last],
      close: desk.bars.close[last],
      decided: desk.decision + 1 >= warmup ? desk.frame.time[desk.decision] : null,
      position: desk.position,
      entryPrice: held ? desk.entryValue / desk.entryQuantity : null,
      stop: held ? priceOf(desk.stop) : null,
      target: held ? priceOf(desk.target) : null,
      trailingStop: held ? priceOf(desk.best - Math.sign(desk.position) * desk.trail) : null,
      orders: desk.orders.slice(0, desk.count).flatMap((order) => workingOf(desk, order)),
    };
  });
}

/** Changes of exits are no orders; what is left of one that was partly filled is. */
function workingOf(desk: Desk, order: Order): WorkingOrder[] {
  if (order.kind === KIND.protect || order.done) return [];
  const left = order.kind === KIND.target ? order.desired - desk.position : order.left;
  if (left === 0) return [];
  const limit = priceOf(order.limit);
  const trigger = order.triggered ? null : priceOf(order.trigger);
  const atLimit = limit === null ? 'market' : 'limit';
  return [
    {
      side: left > 0 ? 'buy' : 'sell',
      kind: trigger === null ? atLimit : limit === null ? 'trigger' : 'trigger-limit',
      quantity: Math.abs(left),
      limit,
      trigger,
      stop: priceOf(order.stop),
      target: priceOf(order.target),
      trail: priceOf(order.trail),
      reduceOnly: order.reduceOnly,
    },
  ];
}

/** The engine writes NaN for no price and infinity for one that is taken away. */
function priceOf(price: number): number | null {
  return Number.isFinite(price) ? price : null;
}
