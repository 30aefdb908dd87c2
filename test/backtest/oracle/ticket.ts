import type { Candle } from './candles.ts';

/** An order as the oracle keeps it: absent is undefined, taken away is null. */
export interface Ticket {
  readonly kind: 'target' | 'change' | 'protect';
  readonly weight: number;
  readonly side: number;
  readonly desired: number;
  left: number;
  readonly limit: number | undefined;
  readonly trigger: number | undefined;
  stop: number | null | undefined;
  target: number | null | undefined;
  trail: number | null | undefined;
  /** Index of the first minute that it can fill in, and of the first that it no longer can. */
  readonly from: number;
  until: number;
  readonly reduceOnly: boolean;
  readonly oco: boolean;
  waited: boolean;
  touched: boolean;
  begun: boolean;
  dead: boolean;
  seen: number;
  readonly reason: string | undefined;
}

/** Waits for its trigger price. */
export function waits(ticket: Ticket): boolean {
  return ticket.trigger !== undefined && !ticket.touched;
}

export function atMarket(ticket: Ticket): boolean {
  return ticket.limit === undefined && !waits(ticket);
}

export function reasonOf(ticket: Ticket): string {
  return ticket.reason ?? (ticket.limit !== undefined ? 'limit' : ticket.trigger !== undefined ? 'trigger' : 'market');
}

/** Where inside a minute an order fills, before costs; undefined for nowhere. Marks a touched trigger. */
export function insidePrice(
  ticket: Ticket,
  { high, low, close }: { high: number; low: number; close: number },
): number | undefined {
  const { side, limit, trigger } = ticket;
  const through = (price: number) => (side > 0 ? low < price : high > price);
  if (!waits(ticket)) return limit !== undefined && through(limit) ? limit : undefined;
  const reached = side > 0 ? high >= trigger! : low <= trigger!;
  if (!reached) return undefined;
  if (limit === undefined || side * limit >= side * trigger!) return trigger;
  ticket.touched = true;
  return (side > 0 ? close < limit : close > limit) ? limit : undefined;
}

/** Of the orders that cancel each other, those that are not the touched one that looks worst at the close; none for one touched. */
export function betterOfPair(tickets: readonly Ticket[], candle: Candle, index: number): Ticket[] {
  const pair = tickets.filter(({ oco }) => oco);
  const touched = pair
    .filter((ticket) => !ticket.dead && ticket.from <= index && !atMarket(ticket))
    .map((ticket) => ({ ticket, price: insidePrice({ ...ticket }, candle) }))
    .filter(({ price }) => price !== undefined);
  if (touched.length < 2) return [];
  const gains = touched.map(({ ticket, price }) => ticket.side * (candle.close - price!));
  const worst = touched[gains.indexOf(Math.min(...gains))].ticket;
  return pair.filter((ticket) => ticket !== worst);
}

/** What is left of an exit that the volume of its minute did not take: goes at the market from the next one. */
export function restOf(side: number, index: number, reason: string): Ticket {
  return {
    kind: 'target',
    weight: 0,
    side,
    desired: 0,
    left: 0,
    limit: undefined,
    trigger: undefined,
    stop: undefined,
    target: undefined,
    trail: undefined,
    from: index + 1,
    until: Infinity,
    reduceOnly: true,
    oco: false,
    waited: false,
    touched: false,
    begun: true,
    dead: false,
    seen: index,
    reason,
  };
}
