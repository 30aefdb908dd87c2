import { type RalphError, UsageError } from '../../base/errors.ts';
import { isoDay } from '../../base/numbers.ts';
import { DAY, type Range } from '../bars.ts';
import type { MarketConfig } from '../config.ts';
import { type Database, withClient } from '../database.ts';
import { selectBars } from '../store/copy.ts';
import { entryOf, type Membership, type UniversesConfig } from './config.ts';

/** Who belongs to a set and when: spans of epoch ms that rise and do not touch; open ends are null, so that it is plain JSON. */
export type Members = Readonly<Record<string, readonly { readonly from: number | null; readonly to: number | null }[]>>;

/** The sets of a market by name. */
export type Universes = Readonly<Record<string, Members>>;

/** What is asked of the sets: the rule of a set chooses for the first time at `from`. Epoch ms, UTC midnights. */
export interface UniversesRequest {
  readonly universes: UniversesConfig;
  /** Symbols of the market: what a rule without `of` chooses from. */
  readonly symbols: readonly string[];
  readonly range: Range;
}

/**
 * Members of every set. A rule looks at the dollar volume (close x volume, summed) of the days before the day that it chooses for: bars of
 * that day and later are not read. Of equal volumes the first name counts. Throws RalphError (exit 2) for a rule that finds fewer symbols than it
 * asks for on the first day.
 */
export async function membersOf(db: Database, { universes, symbols, range }: UniversesRequest): Promise<Universes> {
  const found: Record<string, Members> = {};
  const rules = Object.values(universes).filter(({ top }) => top !== undefined);
  const first = range.from - Math.max(0, ...rules.map(({ days }) => days)) * DAY;
  const volumes = new Map<string, Promise<Map<number, number>>>();
  const volumesOf = (symbol: string) =>
    volumes.getOrInsertComputed(symbol, () => dollarVolumes(db, symbol, { from: first, to: range.to }));
  for (const [name, { members, top = 0, of = symbols, days, everyDays }] of Object.entries(universes)) {
    if (members) {
      found[name] = spansOf(members.map(entryOf));
      continue;
    }
    const byDay = new Map<string, Map<number, number>>();
    for (const symbol of of) byDay.set(symbol, await volumesOf(symbol));
    const chosen: Membership[] = [];
    const step = (everyDays ?? Number.POSITIVE_INFINITY) * DAY;
    for (let from = range.from; from < range.to; from += step) {
      const names = highest(byDay, top, { from: from - days * DAY, to: from });
      if (from === range.from && names.length < top) throw tooFew(name, top, days, names, from);
      chosen.push(...names.map((symbol) => ({ symbol, from, to: from + step })));
    }
    found[name] = spansOf(chosen);
  }
  return found;
}

/** Symbols with the most money traded in a stretch of days; those without any are none. */
function highest(byDay: ReadonlyMap<string, ReadonlyMap<number, number>>, top: number, { from, to }: Range): string[] {
  const totals = [...byDay].map(([symbol, days]) => {
    let sum = 0;
    for (let day = from; day < to; day += DAY) sum += days.get(day / DAY) ?? 0;
    return { symbol, sum };
  });
  return totals
    .filter(({ sum }) => sum > 0)
    .sort((a, b) => b.sum - a.sum || (a.symbol < b.symbol ? -1 : 1))
    .slice(0, top)
    .map(({ symbol }) => symbol);
}

/** Money traded in a symbol, by day since 1970. */
async function dollarVolumes(db: Database, symbol: string, range: Range): Promise<Map<number, number>> {
  const bars = db.source ? db.source.rows(symbol, range) : selectBars({ symbol, ...range });
  const columns = db.source ? 'bars(time, open, high, low, close, volume)' : 'bars';
  return withClient(db, async (client) => {
    const { rows } = await client.query<{ day: string; money: number }>(
      `select floor(extract(epoch from time) / 86400)::text as day, sum(close * volume)::float8 as money
       from (${bars}) ${columns} where close > 0 and volume > 0 and close < 'infinity' and volume < 'infinity' group by 1`,
    );
    return new Map(rows.map(({ day, money }) => [Number(day), money]));
  });
}

function spansOf(entries: readonly Membership[]): Members {
  const spans: Record<string, { from: number | null; to: number | null }[]> = {};
  for (const { symbol, from, to } of entries.toSorted((a, b) => a.from - b.from)) {
    spans[symbol] ??= [];
    const own = spans[symbol];
    const last = own.at(-1);
    // One that is chosen again stays.
    if (last && last.to === from) last.to = finite(to);
    else own.push({ from: finite(from), to: finite(to) });
  }
  return spans;
}

function finite(time: number): number | null {
  return Number.isFinite(time) ? time : null;
}

function tooFew(name: string, top: number, days: number, names: readonly string[], from: number): RalphError {
  return new UsageError(
    `universes.${name} of market.yaml asks for the top ${top} by dollar volume; in the ${days} days before ${isoDay(from)} there are ${names.length} with any (${names.join(', ') || 'none'})`,
    {
      remedy: 'Lower top, bring bars that begin earlier (data ingest), or let train begin later (config/windows.yaml).',
    },
  );
}

/** What a candidate trades, and the market that knows who is a member when. */
export interface Traded {
  readonly symbols: readonly string[];
  /** `members` is there for a set alone: a symbol without an entry is one always. */
  readonly market: MarketConfig & { readonly members?: Members };
}

/** What a candidate's YAML says of its symbols. */
export interface Wanted {
  readonly symbols: readonly string[];
  readonly universe?: string;
}

/** The symbols that a candidate names, or those of its set in the order of their names; a line that says why there are none. */
export function tradedBy(
  { symbols, universe }: Wanted,
  { universes = {} }: { readonly universes?: Universes },
  market: MarketConfig,
): Traded | string {
  if (universe === undefined) return { symbols, market };
  const members = Object.hasOwn(universes, universe) ? universes[universe] : undefined;
  if (members) return { symbols: Object.keys(members).sort(), market: { ...market, members } };
  return noSet(universe, Object.keys(universes));
}

/** A line about a set that is not among those of market.yaml. */
export function noSet(name: string, known: readonly string[]): string {
  return `universe: market.yaml has no set ${name}; ${known.length > 0 ? `it has ${known.join(', ')}` : 'it has none: name symbols'}`;
}

/** Who is a member on the day that begins at `day`, epoch ms. */
export function isMember(members: Members | undefined, symbol: string, day: number): boolean {
  const spans = members?.[symbol];
  return !spans || spans.some(({ from, to }) => (from ?? -Infinity) < day + DAY && day < (to ?? Infinity));
}

/** Whether it is a member at any time of a range. */
export function belongsIn(members: Members | undefined, symbol: string, range: Range): boolean {
  const spans = members?.[symbol];
  return !spans || spans.some(({ from, to }) => (from ?? -Infinity) < range.to && range.from < (to ?? Infinity));
}

/** Whether it was a member at any time before `by`, epoch ms. */
export function hasJoined(members: Members | undefined, symbol: string, by: number): boolean {
  const spans = members?.[symbol];
  return !spans || spans.some(({ from }) => (from ?? -Infinity) < by);
}
