import type pg from 'pg';
import type { RalphError } from '../../base/errors.ts';
import { type Bars, DAY, MINUTE, type Range, TIMEFRAME_MS } from '../bars.ts';
import { checkedRates } from '../funding-rates.ts';
import type { SymbolSummary } from '../symbol.ts';
import type { FundingRates } from '../window-header.ts';
import { checkedBars } from './checked-bars.ts';
import { literal, quoted, tableName, wrong } from './columns.ts';
import type { FundingSource, SourceConfig } from './config.ts';
import { holesIn, type Place, placesOf, refuseQuestion, summaryOf, valuesIn } from './places.ts';

/** The user's own table of candles, read and never written. */
export type OwnTable = ReturnType<typeof ownTable>;

/** Funding rates of a symbol with from <= time < to; undefined where none are known. */
type ReadFunding = (client: pg.ClientBase, symbol: string, range: Range) => Promise<FundingRates | undefined>;

export interface OwnTableOptions extends SourceConfig {
  /** Symbols of market.yaml. */
  readonly symbols: readonly string[];
  /** Largest share of rows that hold no bar. */
  readonly maxBadShare: number;
}

/** Finds the columns, and where each symbol stands. Throws RalphError (exit 2) that names what is missing and what there is. */
export async function openOwnTable(client: pg.ClientBase, source: OwnTableOptions): Promise<OwnTable> {
  const { venue, open, high, low, close, volume } = source;
  const places = await placesOf(client, source, {
    symbols: source.symbols,
    key: 'source',
    remedy:
      'Name the column that tells the symbols apart, write {symbol} into source.table, or leave one symbol in market.yaml.',
    columns: [open, high, low, close, volume, venue?.column],
    only: venue ? [`${quoted(venue.column)}::text = ${literal(venue.is)}`] : [],
  });
  if (places.size === 0) throw wrong(...(await nothingFound(client, source)));
  const funding = source.funding ? await openOwnFunding(client, source.funding, source.symbols) : async () => undefined;
  const table = ownTable(source, places, funding);
  for (const symbol of places.keys()) {
    const nothing = `select * from (${table.rows(symbol, { from: 0, to: MINUTE })}) bars limit 0`;
    const remedy = 'Correct source.where, source.timezone or the columns, or let the owner grant select.';
    await client.query(nothing).catch(refuseQuestion('source', remedy));
  }
  return table;
}

function ownTable(source: OwnTableOptions, places: ReadonlyMap<string, Place>, funding: ReadFunding) {
  const interval = TIMEFRAME_MS[source.interval];
  const number = (name: string) => `coalesce(${quoted(name)}::float8, 'NaN')`;
  const columns = [
    ...[source.open, source.high, source.low, source.close].map(number),
    source.volume === null ? '0::float8' : number(source.volume),
  ].join(', ');
  // A bar that is labelled by its last moment (10:00:59.999) or by its end (10:01) began one interval before its end.
  const started = ({ time: { value } }: Place) =>
    source.label === 'open'
      ? value
      : `(date_trunc('minute', ${value} + interval '1 ms') - interval '${interval / MINUTE} minutes')`;
  return {
    /** Length of one of its bars in ms: the execution bar of every run on it. */
    interval,
    /** What was read before in this opening, by window: it need not be read again to see whether it changed. */
    seen: new Map<string, string>(),
    /** SQL for a symbol's bars with from <= time < to: time, open, high, low, close, volume. */
    rows(symbol: string, { from, to }: Range): string {
      const place = places.get(symbol);
      if (!place) throw unknownSymbol(symbol, [...places.keys()], source);
      const at = started(place);
      const margin = 2 * DAY;
      const conditions = [
        ...place.only,
        `${quoted(source.time)} >= ${place.time.bound(Math.max(EARLIEST, from - margin))}`,
        `${quoted(source.time)} <= ${place.time.bound(Math.min(LATEST, to + margin))}`,
        `${at} >= timestamptz '${new Date(Math.max(EARLIEST, from)).toISOString()}'`,
        `${at} < timestamptz '${new Date(Math.min(LATEST, to)).toISOString()}'`,
      ];
      return `select ${at} as time, ${columns} from ${place.table} where ${conditions.join(' and ')}`;
    },
    /** The bars as a market needs them. Throws RalphError for what no market has: two bars at a time, a wrong interval. */
    checked: (symbol: string, bars: Bars) => checkedBars(symbol, bars, interval, source),
    async list(client: pg.ClientBase): Promise<SymbolSummary[]> {
      const found: SymbolSummary[] = [];
      for (const [symbol, place] of places)
        found.push(...(await summaryOf(client, symbol, place, started(place), interval)));
      return found;
    },
    /** Stretches of a symbol without a bar, in order. */
    async holes(client: pg.ClientBase, symbol: string): Promise<Range[]> {
      const place = places.get(symbol);
      return place ? holesIn(client, place, started(place), interval) : [];
    },
    funding,
  };
}

const EARLIEST = Date.UTC(1900, 0, 1);
const LATEST = Date.UTC(2200, 0, 1);

async function nothingFound(client: pg.ClientBase, source: OwnTableOptions): Promise<[string, string]> {
  const wanted = source.symbols.join(', ');
  if (source.symbol === undefined)
    return [
      `there is no table ${source.table} for any of ${wanted}`,
      'Correct source.table or source.names in market.yaml.',
    ];
  const values = (await valuesIn(client, tableName(source.table), source)).slice(0, 20).join(', ');
  return [
    `${source.table} has no rows of ${wanted}`,
    `Its column ${source.symbol} holds ${values || 'nothing'}: name them under symbols in market.yaml, or map them: source: { names: { BTCUSD: … } }.`,
  ];
}

function unknownSymbol(symbol: string, known: readonly string[], { table }: SourceConfig): RalphError {
  return wrong(
    `${table} has no bars of ${symbol}`,
    `There are ${known.join(', ')}. Another name in the table goes into market.yaml: source: { names: { ${symbol}: … } }.`,
  );
}

/**
 * Finds where the funding rates of each symbol stand in a table of the user's own. A symbol without any has none. Throws RalphError (exit 2)
 * that names what is missing and what there is.
 */
async function openOwnFunding(
  client: pg.ClientBase,
  source: FundingSource,
  symbols: readonly string[],
): Promise<ReadFunding> {
  const places = await placesOf(client, source, {
    symbols,
    key: 'source.funding',
    remedy: 'Name the column that tells the symbols apart, or write {symbol} into source.funding.table.',
    columns: [source.rate],
    only: [],
  });
  const queryOf = ({ table, time, only }: Place, { from, to }: Range) => {
    const column = quoted(source.time);
    const near = [`${column} >= ${time.bound(from - 2 * DAY)}`, `${column} <= ${time.bound(to + 2 * DAY)}`];
    return `select (extract(epoch from ${time.value}) * 1000)::float8 as time, ${quoted(source.rate)}::float8 as rate
      from ${table} where ${[...only, ...near].join(' and ')} order by 1`;
  };
  const read: ReadFunding = async (from, symbol, range) => {
    const place = places.get(symbol);
    if (!place) return undefined;
    const remedy = 'Correct source.funding.where, .timezone or the columns, or let the owner grant select.';
    const { rows } = await from
      .query<{ time: number; rate: number | null }>(queryOf(place, range))
      .catch(refuseQuestion('source.funding', remedy));
    // Exchanges note the payment a few ms late.
    const inside = rows
      .map(({ time, rate }) => [Math.floor(time / MINUTE) * MINUTE, rate ?? Number.NaN] as const)
      .filter(([time]) => time >= range.from && time < range.to);
    if (inside.length === 0) return undefined;
    return checkedRates(inside, (what) =>
      wrong(
        `the funding rates of ${symbol} in ${source.table}: ${what}`,
        'Give one rate a time as a fraction of the position (0.0001 is one basis point): a view can convert them; source.funding.where leaves rows out.',
      ),
    );
  };
  for (const symbol of places.keys()) await read(client, symbol, { from: 0, to: MINUTE });
  return read;
}
