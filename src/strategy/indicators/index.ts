export { type Bands, bollinger, donchian, keltner } from './bands.ts';
export { type Indicator, map, rolling, scan } from './custom.ts';
export { dema, efficiencyRatio, ema, hma, kama, rma, sma, tema, vwma, wma } from './moving-average.ts';
export {
  type Aroon,
  adx,
  aroon,
  cci,
  type DirectionalMovement,
  type Macd,
  macd,
  rsi,
  type Stochastic,
  stochastic,
  williamsR,
} from './oscillators.ts';
export { correlation, percentileRank, quantile, slope } from './statistics.ts';
export { psar, supertrend, type TrailingLine } from './stops.ts';
export { atr, jump, jumpShare, realisedVolatility, trueRange } from './volatility.ts';
export { cmf, dayVwap, mfi, obv, vwap } from './volume.ts';
export { highest, lag, lowest, momentum, roc, stdev, sum, zscore } from './windows.ts';
