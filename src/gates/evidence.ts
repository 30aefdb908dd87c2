import type { SimulationResult } from '../backtest/contract.ts';
import { benchmarkReturns, DAYS_A_YEAR, dailyReturns } from '../metrics/returns.ts';
import { type Moments, momentsOf } from '../metrics/statistics/moments.ts';
import { autocorrelation, effectiveCount } from '../metrics/statistics/serial.ts';
import type { SharpeSample } from '../metrics/statistics.ts';

/** What the gates know of one simulation, from daily net returns. */
export interface Evidence {
  readonly returns: Float64Array;
  readonly benchmark: Float64Array;
  /** Returns minus beta times the benchmark's: what holding the market does not explain. */
  readonly active: Float64Array;
  readonly beta: number;
  /** Correlation with the benchmark, 0 where undefined. */
  readonly correlation: number;
  /** Annual; NaN for a flat line. */
  readonly sharpe: number;
  /** Annual Sharpe ratio of `active`; NaN for a flat line. */
  readonly activeSharpe: number;
  /**
   * `active` as every test of luck sees it, per day: the count is reduced for serial correlation, never raised, and positive skew
   * is not believed. A lucky leap raises the Sharpe ratio and the measured skew together, and skew would lower the bar for it.
   */
  readonly sample: SharpeSample;
}

/** Reads the evidence off a simulation. Nothing throws; what is undefined is NaN and fails its gate. */
export function evidenceOf(result: SimulationResult): Evidence {
  return evidenceFrom(dailyReturns(result), benchmarkReturns(result));
}

/** The same for series of daily returns, such as the concatenated folds of a selection window. */
export function evidenceFrom(returns: Float64Array, benchmark: Float64Array): Evidence {
  const own = momentsOf(returns);
  const market = momentsOf(benchmark);
  const covariance = covarianceOf(returns, benchmark, own.mean, market.mean);
  const beta = market.deviation > 0 ? covariance / market.deviation ** 2 : 0;
  const correlation = own.deviation > 0 && market.deviation > 0 ? covariance / own.deviation / market.deviation : 0;
  const active = returns.map((value, day) => value - beta * benchmark[day]);
  const rest = momentsOf(active);
  const rho = Math.max(0, autocorrelation(active));
  return {
    returns,
    benchmark,
    active,
    beta,
    correlation,
    sharpe: annual(own.mean / own.deviation),
    activeSharpe: annual(rest.mean / rest.deviation),
    sample: {
      sharpe: rest.mean / rest.deviation,
      count: effectiveCount(rest.count, rho),
      skew: Math.min(0, rest.skew),
      kurtosis: rest.kurtosis,
    },
  };
}

/** A daily Sharpe ratio per year. */
export function annual(daily: number): number {
  return daily * Math.sqrt(DAYS_A_YEAR);
}

/** Correlation of two series of daily returns over their common end; 0 where undefined. */
export function correlationOf(a: Float64Array, b: Float64Array): number {
  if (a.length !== b.length) {
    const length = Math.min(a.length, b.length);
    return correlationOf(a.slice(a.length - length), b.slice(b.length - length));
  }
  const [x, y] = [knownMoments(a), knownMoments(b)];
  if (!(x.deviation > 0) || !(y.deviation > 0)) return 0;
  return covarianceOf(a, b, x.mean, y.mean) / x.deviation / y.deviation;
}

const known = new WeakMap<Float64Array, Moments>();

/** Every new trial is compared with every earlier one, whose moments do not change. */
function knownMoments(values: Float64Array): Moments {
  const found = known.get(values) ?? momentsOf(values);
  known.set(values, found);
  return found;
}

function covarianceOf(a: Float64Array, b: Float64Array, meanA: number, meanB: number): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] - meanA) * (b[i] - meanB);
  return sum / (a.length - 1);
}
