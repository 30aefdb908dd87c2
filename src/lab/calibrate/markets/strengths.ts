import type { CrossKind } from './together.ts';

/** Edges that a simulated market of one symbol can hold and the shipped library can express. */
export type PlantedKind = 'momentum' | 'reversion' | 'post-jump';

/**
 * What the library's best expression of an edge of this strength (the simulator's oracle Sharpe, before costs) earned net, over 12
 * markets of five years each: `ralph calibrate --tune` measures it anew. Standard error 0.13.
 */
const MEASURED: Record<PlantedKind | CrossKind, readonly (readonly [strength: number, net: number])[]> = {
  momentum: [
    [0, 0],
    [2, 0.95],
    [4, 1.58],
    [6, 2.42],
    [8, 3.9],
  ],
  reversion: [
    [0, -1.5],
    [2, 0.4],
    [4, 2.15],
    [6, 3.9],
  ],
  'post-jump': [
    [0, 0],
    [2, 1.29],
    [4, 2.35],
    [6, 3.0],
  ],
  // What rank-momentum at its defaults earned over 12 markets of four symbols, warm-up left out. Standard error 0.12.
  'cross-momentum': [
    [0, -0.07],
    [2, 0.69],
    [4, 1.56],
    [6, 2.45],
    [8, 3.39],
  ],
  // The same of rank-reversal.
  'cross-reversal': [
    [0, -0.49],
    [2, 1.08],
    [4, 2.65],
    [6, 4.16],
  ],
};

/** Strength to plant so that the library's best expression of the edge earns a net annual Sharpe ratio: read off the measured points. */
export function strengthFor(kind: PlantedKind | CrossKind, net: number): number {
  const points = MEASURED[kind];
  const reached = points.findIndex(([, earned]) => earned >= net);
  // Beyond the measured ones the last two go on.
  const at = reached < 0 ? points.length - 1 : Math.max(1, reached);
  const [[s0, n0], [s1, n1]] = [points[at - 1], points[at]];
  return s0 + ((net - n0) / (n1 - n0)) * (s1 - s0);
}
