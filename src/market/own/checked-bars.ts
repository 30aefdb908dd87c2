import { RalphError } from '../../base/errors.ts';
import { type Bars, barsOf, columnsOf, DAY, MINUTE } from '../bars.ts';

/** The bars of a symbol as a market needs them; `interval` in ms. Throws RalphError for what no market has: two bars at a time, a wrong interval. */
export function checkedBars(
  symbol: string,
  bars: Bars,
  interval: number,
  { table, maxBadShare }: { readonly table: string; readonly maxBadShare: number },
): Bars {
  const good: number[] = [];
  let [empty, broken, off, twice] = [0, 0, 0, 0];
  let closest = Infinity;
  let [previous, example] = [-Infinity, Number.NaN];
  for (let i = 0; i < bars.length; i++) {
    const time = bars.time[i];
    const [open, high, low, close, volume] = [bars.open[i], bars.high[i], bars.low[i], bars.close[i], bars.volume[i]];
    if (time % MINUTE !== 0) {
      off += 1;
      example = time;
    } else if (time === previous) {
      twice += 1;
      example = time;
    } else {
      closest = Math.min(closest, time - previous);
      previous = time;
      if (Number.isNaN(open + high + low + close + volume)) empty += 1;
      else if (
        !(low > 0 && low <= Math.min(open, close) && high >= Math.max(open, close) && high < Infinity && volume >= 0)
      )
        broken += 1;
      else good.push(i);
    }
  }
  const where = Number.isNaN(example) ? '' : ` (${new Date(example).toISOString()})`;
  const refuse = (what: string, remedy: string) => {
    throw new RalphError(`${table}, ${symbol}: ${what}`, { remedy });
  };
  if (off > 0)
    refuse(
      `${off} bars do not begin on a minute${where}`,
      'Set source.label: close for bars named by their end, or read a view that rounds them.',
    );
  if (twice > 0)
    refuse(
      `${twice} bars stand at a time that has one already${where}`,
      'Set source.venue or source.where in market.yaml, so that one row a bar is left.',
    );
  // a local day can have 23 hours
  if (closest < interval - (interval === DAY ? 60 * MINUTE : 0))
    refuse(
      `bars lie ${closest / MINUTE} min apart, and source.interval says ${interval / MINUTE}`,
      'Set source.interval to what the table holds.',
    );
  if (good.length > 30 && closest > interval)
    refuse(
      `no two bars lie closer than ${closest / MINUTE} min, and source.interval says ${interval / MINUTE}`,
      'Set source.interval to what the table holds.',
    );
  if (broken > maxBadShare * bars.length)
    refuse(
      `${broken} of ${bars.length} rows hold no bar (open or close outside of low and high, a price of 0, a negative volume)`,
      'Correct the table, or leave the rows out by source.where.',
    );
  if (empty + broken === 0) return bars;
  return barsOf(columnsOf(bars).map((column) => Float64Array.from(good, (i) => column[i])));
}
