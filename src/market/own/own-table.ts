import type pg from 'pg';
import { messageOf, type RalphError } from '../../base/errors.ts';
import { type Bars, DAY, MINUTE, type Range, TIMEFRAME_MS } from '../bars.ts';
import type { SymbolSummary } from '../symbol.ts';
import { checkedBars } from './checked-bars.ts';
import { literal, quoted, readColumns, type TimeColumn, tableName, wrong } from './columns.ts';
import type { SourceConfig } from './config.ts';

/** The user's own table of candles, read and never written. */
export interface OwnTable {
  /** Length of one of its bars in ms: the execution bar of every run on it. */
  readonly interval: number;
  /** SQL for a symbol's bars with from <= time < to: time, open, high, low, close, volume. */
  rows(symbol: string, range: Range): string;
  /** The bars as a market needs them. Throws RalphError for what no market has: two bars at a time, a wrong interval. */
  checked(symbol: string, bars: Bars): Bars;
  list(client: pg.ClientBase): Promise<SymbolSummary[]>;
  /** What was read before in this opening, by window: it need not be read again to see whether it changed. */
  readonly seen: Map<string, string>;
}

/** Where the bars of one symbol stand. */
interface Place {
  readonly table: string;
  readonly time: TimeColumn;
  /** Further conditions on its rows. */
  readonly only: readonly string[];
}

export interface OwnTableOptions extends SourceConfig {
  /** Symbols of market.yaml. */
  readonly symbols: readonly string[];
  /** Largest share of rows that hold no bar. */
  readonly maxBadShare: number;
}

/** Finds the columns, and where each symbol stands. Throws RalphError (exit 2) that names what is missing and what there is. */
export async function openOwnTable(client: pg.ClientBase, source: OwnTableOptions): Promise<OwnTable> {
  const places = new Map<string, Place>();
  const perSymbol = source.table.includes('{symbol}');
  if (!perSymbol && source.symbol === undefined && source.symbols.length > 1) {
    throw wrong(
      `source.symbol is missing in market.yaml: which rows of ${source.table} belong to ${source.symbols.join(', ')}?`,
      'Name the column that tells the symbols apart, write {symbol} into source.table, or leave one symbol in market.yaml.',
    );
  }
  const common = [
    ...(source.venue ? [`${quoted(source.venue.column)}::text = ${literal(source.venue.is)}`] : []),
    ...(source.where ? [`(${source.where})`] : []),
  ];
  for (const symbol of source.symbols) {
    const table = perSymbol ? await tableOf(client, source, symbol) : tableName(source.table);
    if (table === null) continue;
    const { time } = await readColumns(client, table, source);
    if (source.symbol === undefined) places.set(symbol, { table, time, only: common });
    else {
      const value = await nameOf(client, table, source, symbol);
      if (value !== null)
        places.set(symbol, { table, time, only: [`${quoted(source.symbol)} = ${literal(value)}`, ...common] });
    }
  }
  if (places.size === 0) throw wrong(...(await nothingFound(client, source)));
  const table = ownTable(source, places);
  for (const symbol of places.keys()) {
    const nothing = `select * from (${table.rows(symbol, { from: 0, to: MINUTE })}) bars limit 0`;
    await client.query(nothing).catch((error: { code?: string }) => {
      // 22: a value, such as a time zone, 42: syntax, a name, a right
      if (!/^(22|42)/.test(error.code ?? '')) throw error;
      throw wrong(
        `source in market.yaml cannot be asked: ${messageOf(error)}`,
        'Correct source.where, source.timezone or the columns, or let the owner grant select.',
      );
    });
  }
  return table;
}

function ownTable(source: OwnTableOptions, places: ReadonlyMap<string, Place>): OwnTable {
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
    interval,
    seen: new Map(),
    rows(symbol, { from, to }) {
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
    checked: (symbol, bars) => checkedBars(symbol, bars, interval, source),
    async list(client) {
      const found: SymbolSummary[] = [];
      for (const [symbol, place] of places)
        found.push(...(await summaryOf(client, symbol, place, started(place), interval)));
      return found;
    },
  };
}

const EARLIEST = Date.UTC(1900, 0, 1);
const LATEST = Date.UTC(2200, 0, 1);

/** A table per symbol: by its given name, as it stands, or in lower case. */
async function tableOf(client: pg.ClientBase, source: OwnTableOptions, symbol: string): Promise<string | null> {
  const names = source.names[symbol] ? [source.names[symbol]] : [symbol, symbol.toLowerCase()];
  for (const name of names) {
    const table = tableName(source.table.replaceAll('{symbol}', name));
    const { rows } = await client.query<{ found: boolean }>('select to_regclass($1) is not null as found', [table]);
    if (rows[0].found) return table;
  }
  return null;
}

/** What the symbol column calls a symbol: its given name, itself, or the one value with the same letters (btc/usd, btc_usd). */
async function nameOf(
  client: pg.ClientBase,
  table: string,
  source: OwnTableOptions,
  symbol: string,
): Promise<string | null> {
  const name = source.names[symbol] ?? symbol;
  const exact = await client.query(`select 1 from ${table} where ${quoted(source.symbol!)} = ${literal(name)} limit 1`);
  if (exact.rowCount || source.names[symbol]) return name;
  const alike = (await valuesIn(client, table, source)).filter((value) => letters(value) === letters(symbol));
  if (alike.length > 1) {
    throw wrong(
      `${alike.join(' and ')} in ${table} could both be ${symbol}`,
      `Say which in market.yaml: source: { names: { ${symbol}: ${alike[0]} } }.`,
    );
  }
  return alike[0] ?? null;
}

function letters(text: string): string {
  return text.toUpperCase().replaceAll(/[^A-Z0-9]/g, '');
}

/** The values of the symbol column, by the steps of an index if there is one. */
async function valuesIn(client: pg.ClientBase, table: string, { symbol = '' }: SourceConfig): Promise<string[]> {
  const name = quoted(symbol);
  const { rows } = await client.query<{ value: string }>(
    `with recursive steps as (
       (select ${name} as value from ${table} where ${name} is not null order by 1 limit 1)
       union all
       select (select ${name} from ${table} where ${name} > value order by 1 limit 1) from steps where value is not null
     ) select value::text from steps where value is not null limit 200`,
  );
  return rows.map(({ value }) => value);
}

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

async function summaryOf(
  client: pg.ClientBase,
  symbol: string,
  { table, only }: Place,
  at: string,
  interval: number,
): Promise<SymbolSummary[]> {
  const { rows } = await client.query<Record<string, string> & { first: Date | null; last: Date | null }>(
    `select count(*) as bars, min(t) as first, max(t) as last, count(*) filter (where step > ${interval}) as gaps,
       coalesce(sum(step - ${interval}) filter (where step > ${interval}), 0) as missing,
       coalesce(max(step), 0) as longest
     from (select t, extract(epoch from t - lag(t) over (order by t)) * 1000 as step
       from (select ${at} as t from ${table} ${only.length > 0 ? `where ${only.join(' and ')}` : ''}) times) steps`,
  );
  const [{ bars, first, last, gaps, missing, longest }] = rows;
  if (!first || !last) return [];
  const slots = (last.getTime() - first.getTime()) / interval + 1;
  return [
    {
      symbol,
      interval,
      bars: Number(bars),
      first: first.toISOString(),
      last: last.toISOString(),
      coverage: Number(bars) / slots,
      gaps: Number(gaps),
      missingMinutes: Math.round(Number(missing) / MINUTE),
      longestGapMinutes: Math.max(0, Math.round((Number(longest) - interval) / MINUTE)),
      files: 0,
    },
  ];
}
