import type { SimulationResult } from '../backtest/contract.ts';
import { benchmarkReturns, DAYS_A_YEAR, dailyReturns } from '../metrics/returns.ts';
import { covarianceOf, type Moments, momentsOf } from '../metrics/statistics/moments.ts';
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
  /**
   * Quadratic variation of the equity by the minute over the variance of its daily returns, by the same ratio of the benchmark around each day: about
   * 1 for risk that is held over days, above it for risk that is taken and closed within a day. NaN for a flat line.
   */
  readonly hiddenRisk: number;
  /** Annual, its variance times max(1, hiddenRisk); NaN for a flat line. */
  readonly sharpe: number;
  /** Annual Sharpe ratio of `active` on the same terms; NaN for a flat line. */
  readonly activeSharpe: number;
  /**
   * `active` as every test of luck sees it, per day: the count is reduced for serial correlation, never raised, and positive skew
   * is not believed. A lucky leap raises the Sharpe ratio and the measured skew together, and skew would lower the bar for it.
   */
  readonly sample: SharpeSample;
}

/** Reads the evidence off a simulation. Nothing throws; what is undefined is NaN and fails its gate. */
export function evidenceOf(result: SimulationResult): Evidence {
  return evidenceFrom(seriesOf(result));
}

/** Daily returns and quadratic variations (1-minute changes) of a candidate and its benchmark. */
export interface DailySeries {
  readonly returns: Float64Array;
  readonly benchmark: Float64Array;
  readonly variation: Float64Array;
  readonly benchmarkVariation: Float64Array;
}

/** Reads them off a simulation. */
export function seriesOf(result: SimulationResult): DailySeries {
  const { dayVariation: variation, benchmarkVariation } = result;
  return { returns: dailyReturns(result), benchmark: benchmarkReturns(result), variation, benchmarkVariation };
}

/** The same for series that are already there, such as the concatenated folds of a selection window. */
export function evidenceFrom({ returns, benchmark, variation, benchmarkVariation }: DailySeries): Evidence {
  const own = momentsOf(returns);
  const market = momentsOf(benchmark);
  const covariance = covarianceOf(returns, benchmark, own.mean, market.mean);
  const beta = market.deviation > 0 ? covariance / market.deviation ** 2 : 0;
  const correlation = own.deviation > 0 && market.deviation > 0 ? covariance / own.deviation / market.deviation : 0;
  const active = returns.map((value, day) => value - beta * benchmark[day]);
  const rest = momentsOf(active);
  const rho = Math.max(0, autocorrelation(active));
  const hiddenRisk = varianceExpected(variation, benchmark, benchmarkVariation) / (own.count - 1) / own.deviation ** 2;
  const inflation = Math.sqrt(Math.max(1, hiddenRisk));
  return {
    returns,
    benchmark,
    active,
    beta,
    correlation,
    hiddenRisk,
    sharpe: annual(own.mean / own.deviation / inflation),
    activeSharpe: annual(rest.mean / rest.deviation / inflation),
    sample: {
      sharpe: rest.mean / rest.deviation / inflation,
      count: effectiveCount(rest.count, rho),
      skew: Math.min(0, rest.skew),
      kurtosis: rest.kurtosis,
    },
  };
}

/** Days on either side from which a day's bounce is taken. A candidate that acts while the market bounces little must not hide behind days on which it bounced more. */
const AROUND = 45;

/** The sum of squared daily returns that this variation by the minute would come to if it were held over days. The benchmark around each day gives the rate. */
function varianceExpected(variation: Float64Array, benchmark: Float64Array, benchmarkVariation: Float64Array): number {
  let sum = 0;
  for (const [day, own] of variation.entries()) {
    let [squares, minutes] = [0, 0];
    const end = Math.min(variation.length, day + AROUND + 1);
    for (let near = Math.max(0, day - AROUND); near < end; near++) {
      squares += benchmark[near] ** 2;
      minutes += benchmarkVariation[near];
    }
    // A market that never moved hides nothing behind its bounce.
    sum += own * (minutes > 0 ? squares / minutes : 1);
  }
  return sum;
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
  if (hasUnknownEnds(a) || hasUnknownEnds(b)) {
    const known = (_: number, i: number) => !Number.isNaN(a[i] + b[i]);
    return correlationOf(a.filter(known), b.filter(known));
  }
  const [x, y] = [knownMoments(a), knownMoments(b)];
  if (!(x.deviation > 0) || !(y.deviation > 0)) return 0;
  return covarianceOf(a, b, x.mean, y.mean) / x.deviation / y.deviation;
}

/** A kept candidate of other windows is known on the days of this train window that both share, and NaN before or after them. */
export function hasUnknownEnds(returns: Float64Array): boolean {
  return Number.isNaN(returns[0]) || Number.isNaN(returns[returns.length - 1]);
}

const known = new WeakMap<Float64Array, Moments>();

/** Every new trial is compared with every earlier one, whose moments do not change. */
function knownMoments(values: Float64Array): Moments {
  const found = known.get(values) ?? momentsOf(values);
  known.set(values, found);
  return found;
}
