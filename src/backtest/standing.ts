import type { Standing, WorkingOrder } from './contract.ts';
import type { Desk } from './orders/desk.ts';
import { KIND, type Order } from './orders/orders.ts';
import type { Run } from './run.ts';

/** One a symbol that has bars, in the candidate's order. */
export function standingsOf({ desks, days, warmup }: Run): Standing[] {
  return desks.flatMap((desk, s) => {
    if (desk.bars.length === 0) return [];
    const last = Math.max(0, days[s].to - 1);
    const held = desk.position !== 0;
    const standing: Standing = {
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
    return [standing];
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
