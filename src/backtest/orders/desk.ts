import type { Bars } from '../../market/bars.ts';
import type { Account } from '../account/account.ts';
import type { Costs } from '../account/costs.ts';
import type { Funding } from '../account/funding.ts';
import type { Sizer } from '../account/sizing.ts';
import { CLOSE, HIGH, LOW, OPEN, STEP } from '../minute/tape.ts';
import type { Frame } from '../view/frames.ts';
import { KIND, newOrder, type Order } from './orders.ts';

/** No 1-minute bar has this index. */
export const NEVER = 0x3fffffff;

/** What a desk is made with. */
type Given = Pick<
  Desk,
  'index' | 'symbol' | 'account' | 'bars' | 'tape' | 'frame' | 'costs' | 'sizer' | 'funding' | 'delay' | 'spot'
>;

/** Position, exits and working orders of one symbol, and the prices at which something could happen next. */
export class Desk {
  declare readonly index: number;
  declare readonly symbol: string;
  declare readonly account: Account;
  declare readonly bars: Bars;
  /** Prices of minutes, see Tape; `tapeFrom` is the first on it. See readsTape. */
  declare readonly tape: Float64Array;
  tapeFrom = 0;
  declare readonly frame: Frame;
  declare readonly costs: Costs;
  declare readonly sizer: Sizer;
  declare readonly funding: Funding | undefined;
  declare readonly spot: boolean;
  /** Decision bars are single minutes. */
  declare readonly fine: boolean;
  /** Extra 1-minute bars before an order is live. */
  declare readonly delay: number;

  /** Index of the decision bar that closed last, -1 before the first. */
  decision = -1;

  /** Signed base units, and the weight that they stand for (NaN while an order is partly filled). */
  position = Number.NaN;
  held = Number.NaN;
  stop = Number.NaN;
  target = Number.NaN;
  trail = Number.NaN;
  /** Best price since the entry, for the trailing stop. */
  best = Number.NaN;
  /** How the position was opened or enlarged in the bar being played; see ENTERED. */
  entered = 0;
  /** Price of the last fill inside that bar that opened or enlarged the position, NaN for none. */
  enteredAt = Number.NaN;

  /** Working orders in the order they were given: the first `count`; the objects behind them are spare. */
  readonly orders: Order[] = [];
  count = 0;
  /** The order being written; `keep` makes it a working one. */
  draft = newOrder();

  /** Nothing can happen before minute `wake` while lows stay above `down` and highs below `up`. */
  wake = NEVER;
  down = Number.NEGATIVE_INFINITY;
  up = Number.POSITIVE_INFINITY;
  /** Set with these three, for loops that keep copies of them. */
  changed = false;
  /** Minute in which the next funding falls due. */
  fundingAt = NEVER;
  /** Funding paid, quote money. */
  funded = Number.NaN;
  /** |position value| over the equity, summed over the minutes; of a universe. */
  exposure = Number.NaN;
  /** Base units that may still be traded in the bar being played. */
  volumeLeft = Number.POSITIVE_INFINITY;

  /** Quote money that may be put into new positions at the open being played, where symbols of a universe compete for it; else NaN. */
  budget = Number.NaN;

  /** The open trade: the minute and the decision bar in which it began, what was bought and sold for it, and the cash it has brought. */
  openedAt = 0;
  openedDecision = 0;
  entryQuantity = Number.NaN;
  /** Equity when it began, and the largest size held since in base units. */
  entryEquity = Number.NaN;
  largest = Number.NaN;
  entryValue = Number.NaN;
  exitQuantity = Number.NaN;
  exitValue = Number.NaN;
  tradeCash = Number.NaN;

  constructor(parts: Given) {
    this.index = parts.index;
    this.symbol = parts.symbol;
    this.account = parts.account;
    this.bars = parts.bars;
    this.tape = parts.tape;
    this.frame = parts.frame;
    this.costs = parts.costs;
    this.sizer = parts.sizer;
    this.funding = parts.funding;
    this.delay = parts.delay;
    this.spot = parts.spot;
    this.fine = parts.frame.timeframe === '1m';
    // Born as NaN, see README.
    this.position = 0;
    this.held = 0;
    this.funded = 0;
    this.exposure = 0;
  }

  /** Close of the decision bar that closed last. */
  mark(): number {
    return this.frame.close[this.decision];
  }

  /** Index of the first 1-minute bar after the decision bar: the first that an undelayed order can fill in. */
  next(): number {
    // Avoids a cache miss on 1-minute decision bars, the hot case.
    return this.fine ? this.decision + 1 : this.frame.end[this.decision];
  }

  /** What orders that wait for a price would add on a side, 1 or -1, to a share `held` of the equity; of a universe. */
  waitingWeight(side: number, held: number): number {
    let sum = 0;
    for (let i = 0; i < this.count; i++) {
      const { kind, weight, limit, trigger, reduceOnly, expires } = this.orders[i];
      if (kind === KIND.protect || reduceOnly || expires <= this.next()) continue;
      if (Number.isNaN(limit) && Number.isNaN(trigger)) continue;
      sum += Math.max(0, side * (kind === KIND.target ? weight - held : weight));
    }
    return sum;
  }

  /** Puts a minute on the tape, alone. */
  turnTo(minute: number): void {
    const { tape, bars } = this;
    this.tapeFrom = minute;
    tape[OPEN] = bars.open[minute];
    tape[HIGH] = bars.high[minute];
    tape[LOW] = bars.low[minute];
    tape[CLOSE] = bars.close[minute];
  }

  /** Where a minute is on the tape. */
  row(minute: number): number {
    return (minute - this.tapeFrom) * STEP;
  }

  /** Orders that wait for a price and have not run out. */
  waiting(): number {
    const next = this.next();
    let waiting = 0;
    for (let i = 0; i < this.count; i++) {
      const order = this.orders[i];
      if (order.kind !== KIND.protect && !(order.expires <= next)) waiting += 1;
    }
    return waiting;
  }

  /** Puts the draft behind the working orders. */
  keep(): void {
    const spare = this.count < this.orders.length ? this.orders[this.count] : newOrder();
    this.orders[this.count] = this.draft;
    this.count += 1;
    this.draft = spare;
  }

  /** Drops the orders that are done, keeping the order of the others. */
  sweep(): void {
    const { orders, count } = this;
    let kept = 0;
    for (let i = 0; i < count; i++) {
      const order = orders[i];
      if (order.done) continue;
      orders[i] = orders[kept];
      orders[kept++] = order;
    }
    this.count = kept;
  }

  /**
   * Works out when to look again, given that `next` is the first minute not yet played. Skipping a bar is only safe
   * because every price at which an order, an exit or ruin could be touched is inside these bounds.
   */
  watch(next: number): void {
    let wake = NEVER;
    let down = Number.NEGATIVE_INFINITY;
    let up = Number.POSITIVE_INFINITY;
    const { position } = this;
    if (position !== 0) {
      const { stop, target, trail, best } = this;
      // At or beyond this price the account is worth nothing; a long paid in full never reaches it.
      const ruin = this.account.isSound(this) ? Number.NaN : -this.account.equityAt(this, 0) / position;
      wake = this.fundingAt;
      if (position > 0) {
        if (ruin > 0) down = ruin;
        if (stop > down) down = stop;
        if (target < up) up = target;
        if (trail > 0) {
          if (best - trail > down) down = best - trail;
          if (best < up) up = best;
        }
      } else {
        up = ruin;
        if (stop < up) up = stop;
        if (target > down) down = target;
        if (trail > 0) {
          if (best + trail < up) up = best + trail;
          if (best > down) down = best;
        }
      }
    }
    const { orders, count } = this;
    for (let i = 0; i < count; i++) {
      const order = orders[i];
      if (order.expires < wake) wake = order.expires;
      const pricedBy = !Number.isNaN(order.trigger) && !order.triggered ? order.trigger : order.limit;
      if (!order.rested || Number.isNaN(pricedBy)) {
        const from = order.liveFrom > next ? order.liveFrom : next;
        if (from < wake) wake = from;
      } else if (order.side > 0 === (pricedBy === order.trigger && !order.triggered)) {
        if (pricedBy < up) up = pricedBy;
      } else if (pricedBy > down) down = pricedBy;
    }
    this.changed = true;
    this.wake = wake;
    this.down = down;
    this.up = up;
  }
}
