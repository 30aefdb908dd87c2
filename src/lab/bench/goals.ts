import type { Figures } from './figures.ts';

/** What was asked of a figure: `least` or `most`. */
interface Goal {
  readonly bench: string;
  readonly figure: string;
  readonly least?: number;
  readonly most?: number;
}

const GOALS: readonly Goal[] = [
  { bench: 'cross 1m in the box', figure: 'limitRatio', least: 0.8 },
  { bench: 'cross 1m in the box, ten symbols', figure: 'timesSingle', most: 1.5 },
  { bench: 'hourly decisions, stops on 1m', figure: 'timesCross', least: 5 },
  { bench: 'universe of 16 symbols', figure: 'timesSingle', most: 1.5 },
  { bench: 'universe of 64 symbols', figure: 'peakMb', most: 8_000 },
  { bench: 'large universe: surrogate', figure: 'peakMb', most: 8_000 },
  { bench: 'sweep of 200 points over a year', figure: 'timesBareSimulation', most: 1.5 },
  { bench: 'box, 200 points in one request', figure: 'timesOneSimulation', most: 1.5 },
  { bench: '5 million bars, first run', figure: 'peakMb', most: 1_000 },
  { bench: 'tuned trial, 4 x 64 points', figure: 'milliseconds', most: 4_000 },
  { bench: 'tuned trial, 4 x 64 points', figure: 'timesBareSimulation', most: 1.01 },
  { bench: 'data server: ingest', figure: 'timesBareCopy', most: 3 },
  { bench: 'data server: refresh of 5 aggregates', figure: 'timesOnePass', most: 1.3 },
  { bench: 'data server: replace in compressed chunks', figure: 'timesFirstIngest', most: 2 },
  { bench: 'trial.total', figure: 'milliseconds', most: 250 },
  { bench: 'trial.total, no process ready', figure: 'milliseconds', most: 600 },
  { bench: 'two workers', figure: 'moreProcessorTime', most: 0.05 },
  { bench: 'two workers', figure: 'aroundMore', most: 0.05 },
  { bench: 'peer: vectorbt, ten symbols', figure: 'timesPeer', least: 2 },
  { bench: 'peer: numba, scan', figure: 'timesPeer', least: 1 },
  { bench: 'peer: numba, rolling deviation', figure: 'timesPeer', least: 1 },
  { bench: 'peer: numba, rolling median', figure: 'timesPeer', least: 1 },
];

/** Every goal of the benches that ran, as rows: what, measured, asked, whether it was met. */
export function goalRows(figures: Figures): string[][] {
  return GOALS.flatMap(({ bench, figure, least, most }) => {
    const value = figures[bench]?.[figure];
    if (typeof value !== 'number') return [];
    const asked = least === undefined ? `at most ${most}` : `at least ${least}`;
    const met = (least === undefined || value >= least) && (most === undefined || value <= most);
    return [[`${bench}: ${figure}`, String(Math.round(value * 100) / 100), asked, met ? 'yes' : 'NO']];
  });
}
