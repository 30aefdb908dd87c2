import type { SeasonalBars } from '../../../src/strategy/definition.ts';
import * as indicators from '../../../src/strategy/indicators/index.ts';
import { makeSeries, Series, valuesOf } from '../../../src/strategy/series.ts';

/** Plain columns of bars, as a test makes them. */
export type Columns = { readonly [K in keyof SeasonalBars]: Float64Array };

type Make = (bars: SeasonalBars, n: number) => Series | Readonly<Record<string, Series>>;

interface Entry {
  readonly make: Make;
  /** Smallest period that it accepts. */
  readonly least: number;
  /** Its state reaches back to the first bar, so that an early NaN or another start is never quite forgotten. */
  readonly endless: boolean;
}

const {
  adx,
  aroon,
  atr,
  bollinger,
  cci,
  cmf,
  correlation,
  dayVwap,
  dema,
  donchian,
  efficiencyRatio,
  ema,
  highest,
  hma,
  jump,
  jumpShare,
  kama,
  keltner,
  lag,
  lowest,
  macd,
  map,
  mfi,
  momentum,
  obv,
  percentileRank,
  psar,
  quantile,
  realisedVolatility,
  rma,
  roc,
  rolling,
  rsi,
  scan,
  slope,
  sma,
  stdev,
  stochastic,
  sum,
  supertrend,
  tema,
  trueRange,
  vwap,
  vwma,
  williamsR,
  wma,
  zscore,
} = indicators;

const windowed = (make: Make, least = 1): Entry => ({ make, least, endless: false });
const endless = (make: Make, least = 1): Entry => ({ make, least, endless: true });

/** Every indicator that a candidate can import, with one period as its only setting. */
export const CATALOGUE: Readonly<Record<string, Entry>> = {
  adx: endless(({ high, low, close }, n) => ({ ...adx(high, low, close, n) })),
  aroon: windowed(({ high, low }, n) => ({ ...aroon(high, low, n) })),
  atr: endless(({ high, low, close }, n) => atr(high, low, close, n)),
  bollinger: windowed(({ close }, n) => ({ ...bollinger(close, n, 2) })),
  cci: windowed(({ high, low, close }, n) => cci(high, low, close, n)),
  cmf: windowed(({ high, low, close, volume }, n) => cmf(high, low, close, volume, n)),
  correlation: windowed(({ close, volume }, n) => correlation(close, volume, n), 2),
  dayVwap: endless(({ high, low, close, volume, time }) => dayVwap(high, low, close, volume, time)),
  dema: endless(({ close }, n) => dema(close, n)),
  donchian: windowed(({ high, low }, n) => ({ ...donchian(high, low, n) })),
  efficiencyRatio: windowed(({ close }, n) => efficiencyRatio(close, n)),
  ema: endless(({ close }, n) => ema(close, n)),
  highest: windowed(({ high }, n) => highest(high, n)),
  hma: windowed(({ close }, n) => hma(close, n)),
  jump: windowed(({ close }, n) => jump(close, n), 2),
  jumpShare: windowed(({ close }, n) => jumpShare(close, n), 2),
  kama: endless(({ close }, n) => kama(close, n)),
  keltner: endless(({ high, low, close }, n) => ({ ...keltner(high, low, close, n, 2) })),
  lag: windowed(({ close }, n) => lag(close, n)),
  lowest: windowed(({ low }, n) => lowest(low, n)),
  macd: endless(({ close }, n) => ({ ...macd(close, n, 2 * n, n) })),
  map: windowed(({ high, low }) => map((a, b) => a - b)(high, low)),
  mfi: windowed(({ high, low, close, volume }, n) => mfi(high, low, close, volume, n)),
  momentum: windowed(({ close }, n) => momentum(close, n)),
  obv: endless(({ close, volume }) => obv(close, volume)),
  percentileRank: windowed(({ close }, n) => percentileRank(close, n)),
  psar: endless(({ high, low }) => ({ ...psar(high, low) })),
  quantile: windowed(({ close }, n) => quantile(close, n, 0.3)),
  realisedVolatility: windowed(({ close }, n) => realisedVolatility(close, n)),
  rma: endless(({ close }, n) => rma(close, n)),
  roc: windowed(({ close }, n) => roc(close, n)),
  rolling: windowed(({ high, low }, n) => rolling(n, (a, b) => Math.max(...a) - Math.min(...b))(high, low)),
  rsi: endless(({ close }, n) => rsi(close, n)),
  scan: endless(({ close }, n) =>
    scan(
      { sum: 0, count: 0 },
      ({ sum, count }, x) => (Number.isNaN(x) ? { sum, count } : { sum: sum + x, count: Math.min(n, count + 1) }),
      (state) => state.sum / state.count,
    )(close),
  ),
  slope: windowed(({ close }, n) => slope(close, n), 2),
  sma: windowed(({ close }, n) => sma(close, n)),
  stdev: windowed(({ close }, n) => stdev(close, n)),
  stochastic: windowed(({ high, low, close }, n) => ({ ...stochastic(high, low, close, n, 3, 3) })),
  sum: windowed(({ volume }, n) => sum(volume, n)),
  supertrend: endless(({ high, low, close }, n) => ({ ...supertrend(high, low, close, n, 3) })),
  tema: endless(({ close }, n) => tema(close, n)),
  trueRange: windowed(({ high, low, close }) => trueRange(high, low, close)),
  vwap: windowed(({ high, low, close, volume }, n) => vwap(high, low, close, volume, n)),
  vwma: windowed(({ close, volume }, n) => vwma(close, volume, n)),
  williamsR: windowed(({ high, low, close }, n) => williamsR(high, low, close, n)),
  wma: windowed(({ close }, n) => wma(close, n)),
  zscore: windowed(({ close }, n) => zscore(close, n)),
};

/** Numbers of one indicator by output name; `value` when it has one output. */
export function compute(name: string, columns: Columns, n: number): Record<string, Float64Array> {
  const bars = Object.fromEntries(Object.entries(columns).map(([key, column]) => [key, makeSeries(column)]));
  const made = CATALOGUE[name].make(bars as unknown as SeasonalBars, n);
  const outputs = made instanceof Series ? { value: made } : made;
  return Object.fromEntries(Object.entries(outputs).map(([key, series]) => [key, valuesOf(series)]));
}
