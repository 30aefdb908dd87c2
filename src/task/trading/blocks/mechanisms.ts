/** A rule that a request spells out, so that the model has only to write it down as a strategy. */
export interface Mechanism {
  readonly timeframes: readonly string[];
  /** Values of each parameter to draw from. */
  readonly params: Readonly<Record<string, readonly number[]>>;
  /** Entries of the object that `indicators` returns. */
  readonly series: readonly string[];
  /** Conditions of `decide` for going long and for leaving. */
  readonly enter: string;
  readonly leave: string;
  /** Further property of the strategy. */
  readonly extra?: string;
}

const HOURS = ['1h', '4h'];
const ATR = 'range: atr(high, low, close, 14)';

/** Rules by their family that trade often enough in two years to be judged, each by another mechanism. */
export const MECHANISMS: Readonly<Record<string, Mechanism>> = {
  'breakout-donchian': {
    timeframes: HOURS,
    params: { entry: [20, 40, 60], exit: [10, 20] },
    series: ['ceiling: donchian(high, low, p.entry).upper', 'floor: donchian(high, low, p.exit).lower'],
    enter: "now.close > now.ago('ceiling', 1)",
    leave: "now.close < now.ago('floor', 1)",
  },
  'breakout-volume': {
    timeframes: ['15m', '1h'],
    params: { period: [24, 48], factor: [1.5, 2], hold: [12, 24] },
    series: ['ceiling: highest(high, p.period)', 'usual: sma(volume, p.period)'],
    enter: "now.close > now.ago('ceiling', 1) && now.volume > p.factor * now.usual",
    leave: 'now.barsHeld >= p.hold',
  },
  'breakout-squeeze': {
    timeframes: ['15m', '1h'],
    params: { period: [20, 30], hold: [12, 24] },
    series: [
      'upper: bollinger(close, p.period, 2).upper',
      'spread: stdev(close, p.period)',
      'usual: sma(stdev(close, p.period), 100)',
    ],
    enter: "now.close > now.upper && now.ago('spread', 1) < now.ago('usual', 1)",
    leave: 'now.barsHeld >= p.hold',
  },
  'breakout-keltner': {
    timeframes: HOURS,
    params: { period: [20, 40], width: [1, 1.5] },
    series: [
      'upper: keltner(high, low, close, p.period, p.width).upper',
      'middle: keltner(high, low, close, p.period, p.width).middle',
    ],
    enter: "now.close > now.ago('upper', 1)",
    leave: 'now.close < now.middle',
  },
  'reversion-bollinger': {
    timeframes: ['15m', ...HOURS],
    params: { period: [20, 30], width: [1.5, 2] },
    series: ['lower: bollinger(close, p.period, p.width).lower', 'middle: bollinger(close, p.period, p.width).middle'],
    enter: 'now.close < now.lower',
    leave: 'now.close > now.middle',
  },
  'reversion-rsi': {
    timeframes: ['15m', ...HOURS],
    params: { period: [7, 14], low: [25, 30], high: [50, 60] },
    series: ['strength: rsi(close, p.period)'],
    enter: 'now.strength < p.low',
    leave: 'now.strength > p.high',
  },
  'reversion-stochastic': {
    timeframes: HOURS,
    params: { period: [14, 21], low: [20, 30], high: [70, 80] },
    series: ['k: stochastic(high, low, close, p.period, 3, 3).k', 'd: stochastic(high, low, close, p.period, 3, 3).d'],
    enter: 'now.k < p.low && now.k > now.d',
    leave: 'now.k > p.high',
  },
  'reversion-vwap': {
    timeframes: ['15m', '1h'],
    params: { period: [24, 48], far: [0.01, 0.02] },
    series: ['fair: vwap(high, low, close, volume, p.period)'],
    enter: 'now.close < now.fair * (1 - p.far)',
    leave: 'now.close > now.fair',
  },
  'reversion-range-fade': {
    timeframes: HOURS,
    params: { period: [24, 48], quiet: [20, 25] },
    series: ['bottom: lowest(low, p.period)', 'mean: sma(close, p.period)', 'strength: adx(high, low, close, 14).adx'],
    enter: "now.low <= now.ago('bottom', 1) && now.strength < p.quiet",
    leave: 'now.close > now.mean',
  },
  'reversion-hourly': {
    timeframes: ['1h'],
    params: { period: [48, 72], far: [1.5, 2], hold: [2, 4] },
    series: ['move: roc(close, 1)', 'usual: realisedVolatility(close, p.period)'],
    enter: 'now.move < -p.far * now.usual',
    leave: 'now.barsHeld >= p.hold',
  },
  'grid-scalp': {
    timeframes: ['15m'],
    params: { period: [24, 48], deep: [2, 3] },
    series: ['mean: sma(close, p.period)', ATR],
    enter: 'now.close < now.mean - p.deep * now.range',
    leave: 'now.close > now.mean',
  },
  'trend-macd': {
    timeframes: HOURS,
    params: { fast: [12], slow: [26], signal: [9] },
    series: ['histogram: macd(close, p.fast, p.slow, p.signal).histogram'],
    enter: "now.histogram > 0 && now.ago('histogram', 1) <= 0",
    leave: 'now.histogram < 0',
  },
  'trend-supertrend': {
    timeframes: HOURS,
    params: { period: [10, 14], width: [2, 3] },
    series: ['side: supertrend(high, low, close, p.period, p.width).direction'],
    enter: 'now.side === 1',
    leave: 'now.side === -1',
  },
  'trend-dual-filter': {
    timeframes: HOURS,
    params: { fast: [5, 8], slow: [20, 30], trend: [100, 200] },
    series: ['fast: ema(close, p.fast)', 'slow: ema(close, p.slow)', 'trend: sma(close, p.trend)'],
    enter: 'now.fast > now.slow && now.close > now.trend',
    leave: 'now.fast < now.slow',
  },
  'trend-ema-cross': {
    timeframes: ['15m', '4h'],
    params: { quick: [8, 12], lazy: [30, 40] },
    series: ['quick: hma(close, p.quick)', 'lazy: ema(close, p.lazy)'],
    enter: "now.quick > now.lazy && now.ago('quick', 1) <= now.ago('lazy', 1)",
    leave: 'now.quick < now.lazy',
  },
  'trend-ema-divergence': {
    timeframes: HOURS,
    params: { fast: [12], slow: [48], gap: [0.5, 1] },
    series: ['fast: ema(close, p.fast)', 'slow: ema(close, p.slow)', ATR],
    enter: 'now.fast - now.slow > p.gap * now.range',
    leave: 'now.fast < now.slow',
  },
  'trend-volatility-adjusted': {
    timeframes: ['1h'],
    params: { lookback: [24, 48], strong: [3, 5] },
    series: ['change: roc(close, p.lookback)', 'usual: realisedVolatility(close, p.lookback)'],
    enter: 'now.change > p.strong * now.usual',
    leave: 'now.change < 0',
  },
  'trend-aroon': {
    timeframes: HOURS,
    params: { period: [14, 25], level: [50, 70] },
    series: ['swing: aroon(high, low, p.period).oscillator'],
    enter: 'now.swing > p.level',
    leave: 'now.swing < 0',
  },
  'momentum-atr': {
    timeframes: ['1h'],
    params: { lookback: [12, 24], rise: [0.01, 0.02], trail: [4, 6] },
    series: ['change: roc(close, p.lookback)', ATR],
    enter: 'now.change > p.rise',
    leave: 'now.change < 0',
  },
  'drift-post-jump': {
    timeframes: ['15m', '1h'],
    params: { period: [48, 96], size: [3, 4], hold: [12, 24] },
    series: ['move: roc(close, 1)', 'usual: realisedVolatility(close, p.period)'],
    enter: "now.move > p.size * now.ago('usual', 1)",
    leave: 'now.barsHeld >= p.hold',
  },
  'seasonal-hour-of-day': {
    timeframes: ['1h'],
    params: { from: [4, 14, 20], hold: [4, 6] },
    series: ['mean: sma(close, 24)'],
    enter: 'now.hour === p.from',
    leave: 'now.barsHeld >= p.hold',
    extra: 'seasonal: true',
  },
  'volume-mfi': {
    timeframes: HOURS,
    params: { period: [14, 21], low: [25, 30], high: [60, 70] },
    series: ['flow: mfi(high, low, close, volume, p.period)'],
    enter: 'now.flow < p.low',
    leave: 'now.flow > p.high',
  },
};
