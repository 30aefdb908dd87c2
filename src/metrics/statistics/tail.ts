import { type Random, seededRandom } from '../../base/random.ts';
import { momentsOf } from './moments.ts';
import { normalCdf } from './normal.ts';

/** Draws at or above the observed value from which their share alone says enough. */
const ENOUGH = 10;
/** Resamples behind the upper limit of a fitted tail. */
const RESAMPLES = 200;

/**
 * Probability that a draw of the null is at or above `observed`. From the share of the draws where 10 or more are, (k + 1) / (B + 1) as a
 * permutation test counts; else from a generalised Pareto tail over the largest quarter of them, at most 250 (Knijnenburg et al. 2009),
 * and of that the larger of its upper 95% limit and the normal tail of the same z. Never below the share of the draws that reach it;
 * 1 where a draw is not a number or fewer than 20 are there.
 */
export function tailProbability(draws: ArrayLike<number>, observed: number): number {
  const count = draws.length;
  const falling = Float64Array.from(draws).sort().reverse();
  if (count < 20 || Number.isNaN(observed) || falling.some(Number.isNaN)) return 1;
  const above = falling.findIndex((value) => value < observed);
  const reached = above < 0 ? count : above;
  if (reached >= ENOUGH) return (reached + 1) / (count + 1);
  const { mean, deviation } = momentsOf(falling);
  if (!(deviation > 0) || !Number.isFinite(deviation)) return 1;
  // A fit smooths over what was seen: a null with a few draws far out, such as that of who stops when ahead, would be called a thin tail.
  const fitted = Math.max(paretoLimit(falling, observed), normalCdf((mean - observed) / deviation));
  return Math.min(1, Math.max(reached / count, fitted));
}

/** Upper 95% limit, by parametric bootstrap, of the tail area that a generalised Pareto fit gives. */
function paretoLimit(falling: Float64Array, observed: number): number {
  const size = Math.min(250, Math.floor(falling.length / 4));
  const threshold = (falling[size - 1] + falling[size]) / 2;
  const share = size / falling.length;
  if (observed <= threshold) return share;
  const excess = falling.slice(0, size).map((value) => value - threshold);
  const own = fit(excess);
  const random = seededRandom('generalised Pareto');
  const limits = Float64Array.from({ length: RESAMPLES }, () => {
    const drawn = Float64Array.from(excess, () => quantile(own, random));
    return survival(fit(drawn), observed - threshold);
  }).sort();
  return share * Math.max(survival(own, observed - threshold), limits[Math.ceil(RESAMPLES * 0.95) - 1]);
}

/** Shape positive for a heavy tail, 0 exponential, negative for one that ends. */
interface Pareto {
  readonly shape: number;
  readonly scale: number;
}

/** Probability-weighted moments (Hosking & Wallis 1987). */
function fit(excess: Float64Array): Pareto {
  const rising = excess.toSorted();
  const n = rising.length;
  let [first, weighted] = [0, 0];
  for (let i = 0; i < n; i++) {
    first += rising[i] / n;
    weighted += (rising[i] * (1 - (i + 0.65) / n)) / n;
  }
  const ratio = first / (first - 2 * weighted);
  return { shape: 2 - ratio, scale: (2 * first * weighted) / (first - 2 * weighted) };
}

function survival({ shape, scale }: Pareto, x: number): number {
  if (Math.abs(shape) < 1e-9) return Math.exp(-x / scale);
  const base = 1 + (shape * x) / scale;
  return base > 0 ? base ** (-1 / shape) : 0;
}

function quantile({ shape, scale }: Pareto, random: Random): number {
  const u = 1 - random();
  return Math.abs(shape) < 1e-9 ? -scale * Math.log(u) : (scale / shape) * (u ** -shape - 1);
}
