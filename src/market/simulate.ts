import { type Random, seededRandom } from '../base/random.ts';
import { type Bars, MINUTE } from './bars.ts';
import { type PlantedEdge, plantEdges } from './simulate/edges.ts';
import { barsIn, drawNoise, type Noise } from './simulate/noise.ts';
import { MINUTES_PER_YEAR, type ResolvedSpec, type SimulationSpec, simulationSpecSchema } from './simulate/spec.ts';

/** Minutes of an outage. */
const SHORTEST = 5;
const LONGEST = 720;

export interface SimulatedEdge extends Pick<PlantedEdge, 'kind' | 'description' | 'annualSharpe'> {
  readonly name: string;
  /** What the oracle made on this very path: daily returns, times sqrt(365.25). Its standard error is about 1/sqrt(years). */
  readonly oracleSharpe: number;
}

/**
 * A seeded market (1-minute bars, or coarser ones for calibrations): regimes, volatility clusters, jumps, gaps and the planted edges.
 * The same spec gives the same bars on every machine (see drawNoise). About 0.15 microseconds a bar.
 */
export function simulateMarket(asked: SimulationSpec): { bars: Bars; edges: SimulatedEdge[] } {
  const spec = simulationSpecSchema.parse(asked);
  const noise = drawNoise(spec);
  const edges = plantEdges(spec, noise);
  const n = barsIn(spec);
  const exact = new Float64Array(n);
  const sides = edges.map(() => new Int8Array(n));
  const meanSquare = noise.sigma.reduce((sum, s) => sum + s * s, 0) / n;
  let price = 1;
  for (let i = 0; i < n; i++) {
    let drift = 0;
    for (let e = 0; e < edges.length; e++) {
      const side = edges[e].rule(i, exact, noise);
      sides[e][i] = side;
      // a drift in step with the variance: timing the volatility must not be an edge of its own
      drift += side * edges[e].push * (edges[e].kind === 'drift' ? (noise.sigma[i] * noise.sigma[i]) / meanSquare : 1);
    }
    price *= 1 + drift + noise.shock[i];
    exact[i] = price;
  }
  return {
    bars: shapeBars(exact, noise, spec),
    edges: edges.map((edge, e) => ({
      name: `planted-${edge.kind}`,
      kind: edge.kind,
      description: edge.description,
      annualSharpe: edge.annualSharpe,
      oracleSharpe: oracleSharpe(exact, sides[e], 1440 / spec.barMinutes),
    })),
  };
}

/**
 * Opens, highs, lows and volumes around the closes, on the tick; bars of an outage are left out. Nothing inside a bar may be an edge:
 * a jump is a gap at the open, so that no stop fills on the near side of it; high and low are the extremes of a Brownian bridge from open to
 * close (each with its exact distribution), so that a limit touched inside a bar is on average worth at the close what was paid for it.
 */
function shapeBars(exact: Float64Array, { sigma, leap }: Noise, spec: ResolvedSpec): Bars {
  const random = seededRandom(`${spec.seed}:shape`);
  const absent = outages(spec, random);
  const n = absent.length;
  const length = n - absent.reduce((sum, missing) => sum + missing, 0);
  const columns = Array.from({ length: 6 }, () => new Float64Array(length));
  const [time, open, high, low, close, volume] = columns;
  const steps = Math.round(1 / spec.tick);
  const round = (value: number) => Math.max(spec.tick, Math.round(value * steps) / steps);
  const scale = spec.startPrice;
  const usual = spec.annualVolatility * Math.sqrt(spec.barMinutes / MINUTES_PER_YEAR);
  let k = 0;
  let before = scale;
  for (let i = 0; i < n; i++) {
    const last = exact[i] * scale;
    if (absent[i] === 0) {
      const from = before * (1 + leap[i]);
      const centre = from + last;
      const square = (last - from) * (last - from);
      const spread = 2 * before * sigma[i] * (before * sigma[i]);
      time[k] = spec.start + i * spec.barMinutes * MINUTE;
      open[k] = round(from);
      close[k] = round(last);
      high[k] = round((centre + Math.sqrt(square + spread * waiting(random))) / 2);
      low[k] = round((centre - Math.sqrt(square + spread * waiting(random))) / 2);
      // loud minutes trade more; 1/u gives the long right tail that real volume has
      volume[k] = Math.round((1e5 * spec.barMinutes * (sigma[i] / usual)) / (0.05 + random())) / 1e4;
      k += 1;
    }
    before = last;
  }
  return { length, time, open, high, low, close, volume };
}

/** An exponential draw of mean 1 by comparisons alone (von Neumann 1951): no logarithm, equal on every machine. */
function waiting(random: Random): number {
  for (let whole = 0; ; whole++) {
    const first = random();
    let last = first;
    let runs = 1;
    for (let next = random(); next < last; next = random()) {
      last = next;
      runs += 1;
    }
    if (runs % 2 === 1) return whole + first;
  }
}

/** Marks the bars that are missing: outages of 5 minutes to 12 hours, short ones far more often. */
function outages(spec: ResolvedSpec, random: Random): Uint8Array {
  const n = barsIn(spec);
  const absent = new Uint8Array(n);
  const count = Math.round((spec.gapsPerYear * spec.minutes) / MINUTES_PER_YEAR);
  for (let k = 0; k < count; k++) {
    const u = random();
    const length = Math.ceil((SHORTEST + (LONGEST - SHORTEST) * u * u * u * u) / spec.barMinutes);
    // the first and the last bar stay, so that the market's length is as asked
    const from = 1 + Math.floor(random() * Math.max(1, n - length - 2));
    absent.fill(1, from, Math.min(from + length, n - 1));
  }
  return absent;
}

/**
 * Annual Sharpe of the oracle that holds one unit on the rule's side in every bar, before costs:
 * mean / standard deviation of its daily returns x sqrt(365.25). `close` are unrounded closes, `side` -1, 0 or 1.
 */
function oracleSharpe(close: Float64Array, side: Int8Array, barsPerDay: number): number {
  const days = Math.floor(close.length / barsPerDay);
  if (days < 2) return 0;
  let sum = 0;
  let squares = 0;
  for (let d = 0; d < days; d++) {
    let made = 0;
    for (let i = Math.max(1, d * barsPerDay); i < (d + 1) * barsPerDay; i++) {
      if (side[i] !== 0) made += side[i] * (close[i] / close[i - 1] - 1);
    }
    sum += made;
    squares += made * made;
  }
  const mean = sum / days;
  const variance = squares / days - mean * mean;
  return variance > 0 ? (mean / Math.sqrt(variance)) * Math.sqrt(365.25) : 0;
}
