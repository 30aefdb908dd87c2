import { RalphError } from '../../../base/errors.ts';
import { duration } from '../../../base/numbers.ts';
import { MINUTE, TIMEFRAME_MS } from '../../../market/bars.ts';
import type { Signal } from './signal.ts';

/** Bars of a feed come some minutes late. */
const LEAST_MINUTES = 10;

/** Throws RalphError where the newest bar is too old to act on: older than `most` minutes, or than two bars that it decides on. */
export function refuseStale(signal: Signal, most: number | null): void {
  const { trial, newestBar, ageMinutes, timeframe } = signal;
  const allowed = most ?? Math.max(LEAST_MINUTES, (2 * TIMEFRAME_MS[timeframe]) / MINUTE);
  if (ageMinutes <= allowed) return;
  const symbols = signal.symbols.map(({ symbol }) => symbol).join(', ');
  throw new RalphError(
    `no signal of ${trial}: the newest bar of ${symbols} ended at ${newestBar}, ${duration(ageMinutes * MINUTE)} ago`,
    {
      expected: `bars that are at most ${duration(allowed * MINUTE)} old`,
      remedy:
        'Bring newer bars: npm run ralph -- data ingest FILES, or data download; or say how old they may be with --max-age MINUTES.',
    },
  );
}
