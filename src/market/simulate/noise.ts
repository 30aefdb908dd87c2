import { type Random, seededRandom } from '../../base/random.ts';
import { MINUTES_PER_YEAR, type ResolvedSpec } from './spec.ts';

/** Of the regimes 0 quiet, 1 trending, 2 stormy. */
export const TRENDING = 1;
/** Volatility of each regime relative to the others; normalised to a mean square of one. */
const LOUDNESS = [0.65, 0.95, 1.45] as const;
const LOUDNESS_SCALE = Math.sqrt(3 / LOUDNESS.reduce((sum, v) => sum + v * v, 0));
/** GARCH(1,1): the share of a shock that remains after a minute (a half-life of about a day), and a minute's weight. */
const PERSISTENCE = 0.9995;
const ALPHA = 0.018;
/** Slow volatility: the share of a log variance that remains after a day (a half-life of about five weeks). */
const SLOW_PERSISTENCE = 0.98;

/** The part of a market that no strategy can know beforehand, bar by bar. */
export interface Noise {
  /** Return of each bar without any planted edge, as a fraction; 0 in the mean. */
  readonly shock: Float64Array;
  /** Standard deviation of the bar's ordinary return, known at its start. */
  readonly sigma: Float64Array;
  readonly regime: Uint8Array;
  /** -1, 0 or 1: the direction of a jump at the open of that bar. */
  readonly jump: Int8Array;
  /** Its size, part of the shock, as a fraction; 0 without one. */
  readonly leap: Float64Array;
}

/**
 * Draws regimes (a Markov chain stepping every hour), volatility clusters (GARCH(1,1)) and jumps.
 * The next return has mean 0 whatever came before: without an edge the price is a martingale.
 * Only + - * / and sqrt, which IEEE 754 rounds exactly, so that a seed gives the same market on every machine:
 * no Math.log, exp or sin.
 */
export function drawNoise(spec: ResolvedSpec): Noise {
  const random = seededRandom(`${spec.seed}:noise`);
  const n = barsIn(spec);
  const noise: Noise = {
    shock: new Float64Array(n),
    sigma: new Float64Array(n),
    regime: new Uint8Array(n),
    jump: new Int8Array(n),
    leap: new Float64Array(n),
  };
  const variance = (spec.annualVolatility * spec.annualVolatility * spec.barMinutes) / MINUTES_PER_YEAR;
  const jumpChance = (spec.jumpsPerYear * spec.barMinutes) / MINUTES_PER_YEAR;
  const diffusion = variance * (jumpChance > 0 ? 1 - spec.jumpShare : 1);
  const jumpSize = jumpChance > 0 ? Math.sqrt((variance * spec.jumpShare) / jumpChance) : 0;
  const switchChance = 60 / (spec.regimeDays * 1440);
  const hour = 60 / spec.barMinutes;
  let persistence = 1;
  for (let k = 0; k < spec.barMinutes; k++) persistence *= PERSISTENCE;
  const alpha = spec.clustering ? Math.min(0.1, ALPHA * Math.sqrt(spec.barMinutes)) : 0;
  const beta = spec.clustering ? persistence - alpha : 0;
  const omega = 1 - alpha - beta;
  const slow = slowVolatility(spec.slowVolatility, seededRandom(`${spec.seed}:slow`));
  let regime = Math.floor(random() * 3);
  let heat = 1;
  let tide = 1;
  for (let i = 0; i < n; i++) {
    if (i % hour === 0 && random() < switchChance) regime = (regime + 1 + Math.floor(random() * 2)) % 3;
    if (spec.slowVolatility > 0 && i % (24 * hour) === 0) tide = slow();
    const sigma = Math.sqrt(diffusion * heat * tide) * (spec.clustering ? LOUDNESS[regime] * LOUDNESS_SCALE : 1);
    const z = bell(random);
    heat = omega + (alpha * z * z + beta) * heat;
    let shock = sigma * z;
    if (random() < jumpChance) {
      const up = random() < 0.5 ? -1 : 1;
      noise.jump[i] = up;
      // between 0.6 and 1.4 of the mean size: none can be mistaken for an ordinary minute
      noise.leap[i] = up * jumpSize * (0.6 + 0.8 * random());
      shock += noise.leap[i];
    }
    noise.shock[i] = shock;
    noise.sigma[i] = sigma;
    noise.regime[i] = regime;
  }
  return noise;
}

/** Draws a variance a day, 1 in the mean: its logarithm is an AR(1) with the given standard deviation. */
function slowVolatility(deviation: number, random: Random): () => number {
  const scale = exponential((deviation * deviation) / 2);
  const step = Math.sqrt(1 - SLOW_PERSISTENCE * SLOW_PERSISTENCE);
  let level = bell(random);
  return () => {
    level = SLOW_PERSISTENCE * level + step * bell(random);
    return exponential(deviation * level) / scale;
  };
}

/** exp(x) as (1 + x/64)^64: near enough for a volatility, and equal on every machine. */
function exponential(x: number): number {
  let value = 1 + x / 64;
  for (let k = 0; k < 6; k++) value *= value;
  return value;
}

/** Number of bars of the whole span, those lost in gaps included. */
export function barsIn(spec: ResolvedSpec): number {
  return Math.floor(spec.minutes / spec.barMinutes);
}

/**
 * A bell-shaped draw with mean 0 and variance 1: the sum of four uniforms (Irwin-Hall), bounded at 3.5.
 * Fat tails come from the clusters and the jumps. Each 32-bit draw serves as two of 16 bits;
 * each of the four has its half step added, so that the mean is exactly 0.
 */
function bell(random: Random): number {
  const a = random() * 65536;
  const b = random() * 65536;
  const highA = Math.floor(a);
  const highB = Math.floor(b);
  const sum = (highA + highB + 2) / 65536 + (a - highA) + (b - highB);
  return (sum - 2) * 1.7320508075688772;
}
