import type { Sizing } from '../../../src/backtest/market.ts';
import type { Timeframe } from '../../../src/market/bars.ts';
import type { ClosedBar, Now, OrderOptions, Protection } from '../../../src/strategy/now.ts';
import { type Bucket, bucketsOf } from './candles.ts';
import type { Moment } from './requests.ts';
import type { Stand } from './stand.ts';

/** The view of the decision bar k; a new one each time. */
export function viewOf(k: number, { symbol, candles, buckets, ends, days, counter, sizing }: Stand): Now {
  const { floor } = counter;
  const { holding } = floor;
  const { close, closes } = buckets[k];
  const { holdings } = holding.purse;
  const equity = () =>
    holdings.reduce((sum, { quantity, mark }) => sum + (quantity === 0 ? 0 : quantity * mark), holding.purse.cash);
  const moment: Moment = {
    close,
    next: ends[k],
    minuteAfter: (more) => ends[k + Math.floor(more)] ?? Infinity,
    units: (weight) => sized(sizing, days, buckets[k], equity() / holdings.length, weight),
  };
  const now = {
    ...barOf(buckets[k]),
    symbol,
    get position() {
      return holding.quantity;
    },
    get equity() {
      return equity();
    },
    get weight() {
      return holding.quantity === 0 ? 0 : (holding.quantity * close * holdings.length) / equity();
    },
    get entryPrice() {
      return holding.entryPrice;
    },
    get barsHeld() {
      return holding.quantity === 0 ? 0 : Math.max(0, k - holding.openedDecision - 1);
    },
    get working() {
      return counter.working(moment);
    },
    ago: (name: keyof ClosedBar, bars: number) => (k < bars ? Number.NaN : barOf(buckets[k - bars])[name]),
    tf: (timeframe: Timeframe) => barOf(bucketsOf(candles, timeframe).findLast((bucket) => bucket.closes <= closes)),
    get slow() {
      const [last, before] = bucketsOf(candles, '15m')
        .filter((bucket) => bucket.closes <= closes)
        .reverse();
      return before === undefined ? Number.NaN : (last.close + before.close) / 2;
    },
    target: (weight: number, options?: OrderOptions) => counter.target(moment, weight, options),
    order: (change: number, options?: OrderOptions) => counter.order(moment, change, options),
    protect: (levels: Protection) => counter.protect(moment, levels),
    flat: () => counter.flat(moment),
    cancel: () => counter.cancel(),
  };
  return now as unknown as Now;
}

/** The numbers of a closed bar, NaN where there is none yet. */
function barOf(bucket: Bucket | undefined): ClosedBar & { time: number } {
  if (bucket === undefined) {
    const none = Number.NaN;
    return { time: none, open: none, high: none, low: none, close: none, volume: none };
  }
  const { minutes, closes, close } = bucket;
  return {
    time: closes,
    open: minutes[0].open,
    high: Math.max(...minutes.map(({ high }) => high)),
    low: Math.min(...minutes.map(({ low }) => low)),
    close,
    volume: minutes.reduce((sum, { volume }) => sum + volume, 0),
  };
}

/** Base units of a weight, as the harness is told to size. */
function sized(
  sizing: Sizing,
  days: readonly Bucket[],
  { close, closes }: Bucket,
  equity: number,
  weight: number,
): number {
  if (sizing.mode === 'units') return weight * sizing.units;
  if (sizing.mode === 'fraction') return (weight * sizing.fraction * equity) / close;
  const known = days.filter((day) => day.closes <= closes).slice(-sizing.lookbackDays - 1);
  if (known.length <= sizing.lookbackDays) return 0;
  const returns = known.slice(1).map((day, i) => day.close / known[i].close - 1);
  const mean = returns.reduce((sum, value) => sum + value, 0) / returns.length;
  const variance = returns.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (returns.length - 1);
  const share = Math.min(sizing.maxLeverage, sizing.target / Math.sqrt(variance * 365));
  return (weight * share * equity) / close;
}
