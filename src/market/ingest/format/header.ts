import { UsageError } from '../../../base/errors.ts';
import type { Layout } from './format.ts';

/** What headers call each column, in lower case, words parted by one blank. */
const NAMES = {
  time: listed(
    `time, timestamp, open time, opentime, date, datetime, date time, unix, unix timestamp, ts, t, mts, epoch, start, start time, bucket,
    gmt time, utc time, time utc, timestamp utc, local time, kline open time, ts event, begin`,
  ),
  open: listed('open, o, open price, first'),
  high: listed('high, h, max, high price'),
  low: listed('low, l, min, low price'),
  close: listed('close, c, last, close price'),
  symbol: listed('symbol, pair, ticker, instrument, market, product id, symbol id, tic'),
};
const BASE = listed('volume, vol, v, base volume, volume base, volume from, volumefrom, home notional, homenotional');
const QUOTE = listed(
  'quote volume, quote asset volume, volume quote, volume currency, volume to, volumeto, foreign notional, turnover',
);
const TICKS = listed('tickvol, tick volume');
/** A volume in one of these is a sum of money, unless the symbol begins with it. */
const MONEY = /^(usd[tc]?|busd|fdusd|tusd|eur|gbp|jpy|krw|try|chf|aud|cad|brl)$/;

export interface Named {
  readonly layout: Layout;
  /** Column with the symbol of each row, -1 for none. */
  readonly symbolColumn: number;
  readonly volumeUnit: 'base' | 'quote';
  /** What was chosen among several columns, for the user. */
  readonly notes: string[];
}

/** The layout that a header line names, or null when it is no header or lacks a column. `symbol` tells base from quote. */
export function layoutOfHeader(fields: readonly string[], body: readonly string[][], symbol?: string): Named | null {
  const words = fields.map(canonical);
  const at = (names: readonly string[]) => words.findIndex((word) => names.includes(word));
  const places = { open: at(NAMES.open), high: at(NAMES.high), low: at(NAMES.low), close: at(NAMES.close) };
  const time = timeOf(words, body);
  if (!time || Object.values(places).includes(-1)) return null;
  const symbolColumn = at(NAMES.symbol);
  const hint = symbol ?? body[0]?.[symbolColumn] ?? '';
  const volume = volumeOf(words, fields, hint.toLowerCase().replaceAll(/[^a-z0-9]/g, ''));
  const layout: Layout = { ...time, ...places, volume: volume.column, unit: 'auto' };
  return { layout, symbolColumn, volumeUnit: volume.unit, notes: volume.notes };
}

function canonical(field: string): string {
  return field
    .toLowerCase()
    .replaceAll(/[<>"()]/g, ' ')
    .replaceAll(/[\s_-]+/g, ' ')
    .trim();
}

/** The column of the time; a date and a clock side by side are both. */
function timeOf(words: readonly string[], body: readonly string[][]): { time: number; clock?: number } | null {
  const date = words.findIndex((word) => word === 'date' || word === 'day');
  const clock = words.findIndex(
    (word, k) => ['time', 'clock', 'hour'].includes(word) && /^\d\d?:\d\d/.test(body[0]?.[k] ?? ''),
  );
  if (date !== -1 && clock !== -1) return { time: date, clock };
  const time = words.findIndex((word) => NAMES.time.includes(word));
  return time === -1 ? null : { time };
}

interface VolumeColumn {
  readonly column: number;
  readonly unit: 'base' | 'quote';
  readonly notes: string[];
}

/** The column of the volume in base units, or in quote money where there is no other. Throws when it cannot be told. */
function volumeOf(words: readonly string[], fields: readonly string[], symbol: string): VolumeColumn {
  const found: { column: number; unit: 'base' | 'quote' | 'unknown'; rank: number }[] = [];
  words.forEach((word, column) => {
    const named = /^(?:volume|vol) (\w+)$/.exec(word)?.[1] ?? /^(\w+) (?:volume|vol)$/.exec(word)?.[1];
    if (QUOTE.includes(word)) found.push({ column, unit: 'quote', rank: 9 });
    else if (TICKS.includes(word)) found.push({ column, unit: 'base', rank: 5 });
    // BitMEX: its volume is in contracts, homeNotional is the base
    else if (BASE.includes(word)) found.push({ column, unit: 'base', rank: word.startsWith('home') ? 0 : 1 });
    else if (named && !/buy|sell|taker/.test(word)) found.push({ column, unit: unitOf(named, symbol), rank: 2 });
  });
  const known = found.filter(({ unit }) => unit === 'base').sort((a, b) => a.rank - b.rank);
  const unknown = found.filter(({ unit }) => unit === 'unknown');
  const quote = found.filter(({ unit }) => unit === 'quote');
  if (known.length === 0 && unknown.length > 1) {
    const names = unknown.map(({ column }) => `"${fields[column]}"`).join(' or ');
    throw new UsageError(`the volume may be ${names}: the symbol does not say which of them is traded`, {
      remedy: `Give --symbol as base and quote, such as ETHBTC, or --columns with volume=${unknown[0].column}.`,
    });
  }
  const chosen = known[0] ?? unknown[0] ?? quote[0];
  if (!chosen) return { column: -1, unit: 'base', notes: [] };
  const others = found.filter((one) => one !== chosen).map(({ column }) => `"${fields[column]}"`);
  const notes =
    others.length > 0 && chosen.rank !== 1
      ? [`the volume is "${fields[chosen.column]}", not ${others.join(' or ')}`]
      : [];
  return { column: chosen.column, unit: chosen.unit === 'quote' ? 'quote' : 'base', notes };
}

function unitOf(unit: string, symbol: string): 'base' | 'quote' | 'unknown' {
  if (symbol.startsWith(unit)) return 'base';
  if (symbol.endsWith(unit) || MONEY.test(unit)) return 'quote';
  return 'unknown';
}

function listed(names: string): readonly string[] {
  return names.split(/,\s+/);
}
