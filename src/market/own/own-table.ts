import type pg from 'pg';
import { messageOf, type RalphError } from '../../base/errors.ts';
import { type Bars, DAY, MINUTE, type Range, TIMEFRAME_MS } from '../bars.ts';
import type { SymbolSummary } from '../symbol.ts';
import type { FundingRates } from '../window-file.ts';
import { checkedBars } from './checked-bars.ts';
import { literal, quoted, readColumns, tableName, wrong } from './columns.ts';
import type { SourceConfig } from './config.ts';
import { openOwnFunding } from './own-funding.ts';
import { nameOf, tableOf, valuesIn } from './places.ts';
import { holesIn, type Place, summaryOf } from './summary.ts';

/** The user's own table of candles, read and never written. */
export interface OwnTable {
  /** Length of one of its bars in ms: the execution bar of every run on it. */
  readonly interval: number;
  /** SQL for a symbol's bars with from <= time < to: time, open, high, low, close, volume. */
  rows(symbol: string, range: Range): string;
  /** The bars as a market needs them. Throws RalphError for what no market has: two bars at a time, a wrong interval. */
  checked(symbol: string, bars: Bars): Bars;
  list(client: pg.ClientBase): Promise<SymbolSummary[]>;
  /** Stretches of a symbol without a bar, in order. */
  holes(client: pg.ClientBase, symbol: string): Promise<Range[]>;
  /** Funding rates of a symbol with from <= time < to; undefined where none are known. */
  funding(client: pg.ClientBase, symbol: string, range: Range): Promise<FundingRates | undefined>;
  /** What was read before in this opening, by window: it need not be read again to see whether it changed. */
  readonly seen: Map<string, string>;
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
    const columns = [source.symbol, source.open, source.high, source.low, source.close, source.volume];
    const time = await readColumns(client, table, source, [...columns, source.venue?.column]);
    if (source.symbol === undefined) places.set(symbol, { table, time, only: common });
    else {
      const value = await nameOf(client, table, source, symbol);
      if (value !== null)
        places.set(symbol, { table, time, only: [`${quoted(source.symbol)} = ${literal(value)}`, ...common] });
    }
  }
  if (places.size === 0) throw wrong(...(await nothingFound(client, source)));
  const funding = source.funding ? await openOwnFunding(client, source.funding, source.symbols) : async () => undefined;
  const table = ownTable(source, places, funding);
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

function ownTable(source: OwnTableOptions, places: ReadonlyMap<string, Place>, funding: OwnTable['funding']): OwnTable {
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
    async holes(client, symbol) {
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
