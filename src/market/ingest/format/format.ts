import { TIME_UNITS, type TimeUnit } from './times.ts';

/** Where each value of a bar stands in a row, and how its time is written. */
export interface Layout {
  readonly time: number;
  /** Where the clock stands when it has a column of its own beside the date. */
  readonly clock?: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  /** -1: there is none. */
  readonly volume: number;
  readonly unit: TimeUnit;
}

export interface Format {
  readonly name: FormatName;
  /** Numbers of fields that a row may have. */
  readonly fields: readonly number[];
  readonly layout: Layout;
}

export const FORMAT_NAMES = ['binance', 'bitfinex', 'bitstamp', 'kraken', 'csv'] as const;
export type FormatName = (typeof FORMAT_NAMES)[number];

const OHLCV = { time: 0, open: 1, high: 2, low: 3, close: 4, volume: 5 } as const;

/** The known layouts without a header. A header line with names overrides the order of its columns. */
export const FORMATS: readonly Format[] = [
  {
    name: 'binance',
    fields: [12],
    // milliseconds until 2024, microseconds in the archives since January 2025
    layout: { ...OHLCV, unit: 'auto' },
  },
  { name: 'bitfinex', fields: [6], layout: { time: 0, open: 1, close: 2, high: 3, low: 4, volume: 5, unit: 'ms' } },
  { name: 'bitstamp', fields: [6, 8], layout: { ...OHLCV, unit: 's' } },
  { name: 'kraken', fields: [7, 8], layout: { ...OHLCV, unit: 's' } },
  { name: 'csv', fields: [6], layout: { ...OHLCV, unit: 'auto' } },
  {
    // MetaTrader: a column for the day, one for the clock
    name: 'csv',
    fields: [7, 9],
    layout: { time: 0, clock: 1, open: 2, high: 3, low: 4, close: 5, volume: 6, unit: 'iso' },
  },
];

type Column = Exclude<keyof Layout, 'unit' | 'clock'>;
const COLUMNS: readonly Column[] = ['time', 'open', 'high', 'low', 'close', 'volume'];

/** Reads `time=0,open=1,high=2,low=3,close=4,volume=5,unit=s`; `clock` and `volume` may be left out. Null when a column is missing or no number. */
export function parseColumnMap(text: string): Layout | null {
  const pairs = new Map(text.split(',').map((pair) => pair.split('=').map((part) => part.trim()) as [string, string]));
  const unit = (pairs.get('unit') ?? 'auto') as TimeUnit;
  if (!TIME_UNITS.includes(unit)) return null;
  const known = new Set<string>([...COLUMNS, 'clock', 'unit']);
  if ([...pairs.keys()].some((key) => !known.has(key))) return null;
  const at = (column: string) => (/^\d+$/.test(pairs.get(column) ?? '') ? Number(pairs.get(column)) : -1);
  const places = Object.fromEntries(COLUMNS.map((column) => [column, at(column)])) as Record<Column, number>;
  if (COLUMNS.some((column) => places[column] === -1 && (column !== 'volume' || pairs.has(column)))) return null;
  return { ...places, unit, ...(pairs.has('clock') && { clock: at('clock') }) };
}
