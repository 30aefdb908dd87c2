import * as ts from 'indicatorts';
import * as signals from 'trading-signals';
import type { Columns } from './catalogue.ts';

/** What a package says at each bar, NaN or absent where it says nothing. */
type Told = Record<string, ArrayLike<number>>;

interface Candle {
  open: number;
  high: number;
  low: number;
  close: number;
  volume: number;
}

interface Stream<In> {
  update(input: In, replace: boolean): unknown;
}

/** Feeds a streaming indicator of trading-signals bar by bar. */
function fed<In>(indicator: Stream<In>, inputs: readonly In[], read: (answer: never) => Record<string, number>): Told {
  const told: Record<string, number[]> = {};
  inputs.forEach((input, i) => {
    const answer = indicator.update(input, false);
    if (answer === null || answer === undefined) return;
    for (const [key, value] of Object.entries(read(answer as never))) {
      told[key] ??= [];
      told[key][i] = value;
    }
  });
  return told;
}

const one = (answer: number) => ({ value: answer });
const bands = ({ upper, middle, lower }: Record<string, number>) => ({ upper, middle, lower });

/** Oracles by indicator, each from a package that shares no code with ours; the comment says where its convention differs. */
export const PACKAGES: Readonly<Record<string, (bars: Columns, n: number) => Told>> = {
  aroon: (bars, n) =>
    fed(new signals.Aroon(n), candles(bars), ({ aroonUp, aroonDown }: Record<string, number>) => ({
      up: aroonUp,
      down: aroonDown,
      oscillator: aroonUp - aroonDown,
    })),
  atr: (bars, n) => fed(new signals.ATR(n), candles(bars), one),
  bollinger: ({ close }, n) => fed(new signals.BollingerBands(n, 2), [...close], bands),
  // it divides by zero where nothing deviated: NaN there
  cci: (bars, n) => fed(new signals.CCI(n), candles(bars), one),
  // it says 0 where nothing traded, ours NaN
  cmf: (bars, n) => fed(new signals.CMF(n), candles(bars), one),
  dema: ({ close }, n) => fed(new signals.DEMA(n), [...close], one),
  donchian: (bars, n) => fed(new signals.DonchianChannels(n), candles(bars), bands),
  ema: ({ close }, n) => fed(new signals.EMA(n), [...close], one),
  highest: ({ high }, n) => ({ value: ts.movingMax([...high], { period: n }).map(after(n)) }),
  hma: ({ close }, n) => fed(new signals.HMA(n), [...close], one),
  keltner: (bars, n) =>
    fed(new signals.KeltnerChannels({ atrInterval: n, emaInterval: n, multiplier: 2 }), candles(bars), bands),
  lowest: ({ low }, n) => ({ value: ts.movingMin([...low], { period: n }).map(after(n)) }),
  macd: ({ close }, n) => {
    const { macdLine, signalLine } = ts.macd([...close], { fast: n, slow: 2 * n, signal: n });
    return { line: macdLine, signal: signalLine, histogram: macdLine.map((value, i) => value - signalLine[i]) };
  },
  mfi: (bars, n) => fed(new signals.MFI(n), candles(bars), one),
  momentum: ({ close }, n) => fed(new signals.MOM(n), [...close], one),
  rma: ({ close }, n) => fed(new signals.WSMA(n), [...close], one),
  roc: ({ close }, n) => fed(new signals.ROC(n), [...close], one),
  // it says 100 where nothing moved, ours 50
  rsi: ({ close }, n) => fed(new signals.RSI(n), [...close], one),
  sma: ({ close }, n) => fed(new signals.SMA(n), [...close], one),
  // it says 0 where there is no range, ours 50
  stochastic: (bars, n) =>
    fed(
      new signals.StochasticOscillator({ kPeriod: n, kSlowingPeriod: 3, dPeriod: 3 }),
      candles(bars),
      ({ stochK, stochD }: Record<string, number>) => ({ k: stochK, d: stochD }),
    ),
  supertrend: (bars, n) =>
    fed(
      new signals.SuperTrend({ interval: n, multiplier: 3 }),
      candles(bars),
      ({ supertrend, trend }: { supertrend: number; trend: string }) => ({
        line: supertrend,
        direction: trend === signals.TradingSignal.BULLISH ? 1 : -1,
      }),
    ),
  tema: ({ close }, n) => ({ value: ts.tema([...close], { period: n }) }),
  trueRange: (bars) => fed(new signals.TR(), candles(bars), one),
  vwma: (bars, n) => fed(new signals.VWMA(n), candles(bars), one),
  // it says -100 where there is no range, ours -50
  williamsR: (bars, n) => fed(new signals.WilliamsR(n), candles(bars), one),
  wma: ({ close }, n) => fed(new signals.WMA(n), [...close], one),
};

function candles({ open, high, low, close, volume }: Columns): Candle[] {
  return [...close].map((value, i) => ({
    open: open[i],
    high: high[i],
    low: low[i],
    close: value,
    volume: volume[i],
  }));
}

/** indicatorts gives windows that are not full yet; ours are NaN until they are. */
function after(n: number): (value: number, i: number) => number {
  return (value, i) => (i >= n - 1 ? value : Number.NaN);
}
