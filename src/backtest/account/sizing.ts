import type { Sizing } from '../market.ts';
import type { Frame } from '../view/frames.ts';

const DAYS_PER_YEAR = 365;

/** What a weight of 1 is in base units, and how far a position may outgrow its share of the equity. */
export interface Sizer {
  /** Base units for a weight, from the symbol's share of the equity and the decision bar. */
  units(weight: number, share: number, frame: Frame, bar: number): number;
  /** Largest |position value| / share that a fill may lead to. */
  readonly leverage: number;
}

/** The harness's sizing for one symbol; `days` are its daily bars, read only up to the decision. */
export function makeSizer(sizing: Sizing, days: () => Frame): Sizer {
  if (sizing.mode === 'units') return { leverage: Infinity, units: (weight) => weight * sizing.units };
  if (sizing.mode === 'fraction') {
    const fraction = Math.min(1, sizing.fraction);
    return { leverage: 1, units: (weight, share, frame, bar) => (weight * fraction * share) / frame.close[bar] };
  }
  const { target, lookbackDays, maxLeverage } = sizing;
  const daily = days();
  const volatility = realisedVolatility(daily.close, lookbackDays);
  let day = -1;
  return {
    leverage: maxLeverage,
    units(weight, share, frame, bar) {
      const time = frame.time[bar];
      while (day + 1 < daily.length && daily.time[day + 1] <= time) day += 1;
      const annual = day < 0 ? Number.NaN : volatility[day];
      // Size 0 until `lookbackDays` daily closes exist.
      if (!(annual >= 0)) return 0;
      return (weight * Math.min(maxLeverage, target / annual) * share) / frame.close[bar];
    },
  };
}

/** Annual standard deviation of the last `lookback` daily returns at each daily close; NaN before there are that many. */
function realisedVolatility(close: Float64Array, lookback: number): Float64Array {
  const annual = new Float64Array(close.length).fill(Number.NaN);
  for (let k = lookback; k < close.length; k++) {
    let sum = 0;
    for (let i = k - lookback + 1; i <= k; i++) sum += close[i] / close[i - 1] - 1;
    const mean = sum / lookback;
    let squares = 0;
    for (let i = k - lookback + 1; i <= k; i++) {
      const away = close[i] / close[i - 1] - 1 - mean;
      squares += away * away;
    }
    annual[k] = Math.sqrt((squares / (lookback - 1)) * DAYS_PER_YEAR);
  }
  return annual;
}
