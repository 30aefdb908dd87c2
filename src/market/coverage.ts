import { z } from 'zod';
import { UsageError } from '../base/errors.ts';
import { isoDay } from '../base/numbers.ts';
import { DAY, MINUTE } from './bars.ts';
import type { FrozenSet } from './freeze-range.ts';
import { openHoles, type Session } from './sessions.ts';
import { readWindowSpan } from './window-header.ts';

/** How far the bars of a symbol fill a window. Times are epoch ms UTC. */
export const coverageSchema = z.object({
  symbol: z.string(),
  window: z.string(),
  from: z.number(),
  to: z.number(),
  /** First and last bar inside the window; null for a member of a set that has none there. */
  first: z.number().nullable(),
  last: z.number().nullable(),
  bars: z.number(),
  /** Minutes with a bar, as a fraction of all minutes of the window in which the market is open. */
  share: z.number(),
  /** Length of a bar in ms, when it is not a minute: the execution bar. */
  interval: z.number().optional(),
  /** Beginning of the fingerprint of what was frozen. */
  print: z.string().optional(),
});

export type Coverage = z.infer<typeof coverageSchema>;

/** Days without a bar at either end of a window: a market that is closed over a weekend and holidays still fills it. */
const MOST_CLOSED_DAYS = 5;

/** What each window holds, by symbol and in order of time. Without its session a market counts as always open. */
export function coverageOf(
  { train, selection, holdout }: FrozenSet,
  sessionOf: (symbol: string) => Session | undefined = () => undefined,
): Coverage[] {
  const folds = selection.map((files, k) => [`selection fold ${k + 1}`, files] as const);
  return [['train', train] as const, ...folds, ['holdout', holdout] as const].flatMap(([window, files]) =>
    files.map(({ path, symbol }) => coverageOfFile(window, path, sessionOf(symbol))),
  );
}

/** What one window file holds. */
export function coverageOfFile(window: string, path: string, session?: Session): Coverage {
  const { header, first, last } = readWindowSpan(path);
  const { symbol, range, warmupBars, interval = MINUTE, fingerprint } = header;
  const { from, to } = range;
  const bars = header.bars - warmupBars;
  const open = openHoles(session, [range]).reduce((sum, stretch) => sum + stretch.to - stretch.from, 0);
  // An hour may begin before the open; a bar of a closed market fills none of its minutes.
  const share = open > 0 ? Math.min(1, (bars * interval) / open) : 0;
  return {
    symbol,
    window,
    from,
    to,
    first,
    last,
    bars,
    share,
    ...(interval !== MINUTE && { interval }),
    print: fingerprint.slice(0, 16),
  };
}

/** One window in words: dates, first and last bar, share of minutes. */
function coverageLine({ window, from, to, first, last, share }: Coverage): string {
  const dates = `${window} ${isoDay(from)} to ${isoDay(to)}`;
  if (first === null || last === null) return `${dates} has no bars`;
  return `${dates} has bars from ${isoDay(first)} to ${isoDay(last)} (${(share * 100).toFixed(1)}% of its minutes)`;
}

/**
 * Throws RalphError (exit 2) when a window reaches beyond the bars of a symbol: years without bars would count as years of evidence, and
 * each would lower the Sharpe ratio that luck asks for. Names first and last bar of every window.
 */
export function refuseUncovered(coverage: readonly Coverage[]): void {
  const short = coverage.filter((each) => beginsLate(each) || endsEarly(each));
  if (short.length === 0) return;
  const [{ symbol }] = short;
  const own = coverage.filter((each) => each.symbol === symbol);
  const moves = short
    .filter((each) => each.symbol === symbol)
    .map((each) => {
      const { window, first, last } = each;
      if (first === null || last === null) return `${window} to days with bars`;
      const start = beginsLate(each) ? ` from: ${isoDay(first)}` : '';
      const end = endsEarly(each) ? ` to: ${isoDay(last + DAY)}` : '';
      return `${window}${start}${end}`;
    });
  const named = short.map(({ window }) => window).join(', ');
  throw new UsageError(
    `windows.yaml reaches beyond the bars of ${symbol} (${named}): ${own.map(coverageLine).join('; ')}`,
    {
      remedy: `In config/windows.yaml set ${moves.join('; ')}, or bring the missing bars: npm run ralph -- data ingest FILES --symbol ${symbol}.`,
    },
  );
}

const LEEWAY = MOST_CLOSED_DAYS * DAY;

/** Its bars begin after the window does. */
function beginsLate({ from, first }: Coverage): boolean {
  return first === null || first - from > LEEWAY;
}

/** Its bars end before the window does. */
function endsEarly({ to, last }: Coverage): boolean {
  return last === null || to - last > LEEWAY;
}
