/** Where each value of a bar stands in a row, and how its time is written. */
export interface Layout {
  readonly time: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
  /** `auto` tells seconds, milliseconds and microseconds apart by their size, row by row. */
  readonly unit: TimeUnit;
}

export type TimeUnit = 's' | 'ms' | 'us' | 'iso' | 'auto';

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
  {
    name: 'bitfinex',
    fields: [6],
    layout: { time: 0, open: 1, close: 2, high: 3, low: 4, volume: 5, unit: 'ms' },
  },
  {
    name: 'bitstamp',
    fields: [6, 8],
    layout: { ...OHLCV, unit: 's' },
  },
  {
    name: 'kraken',
    fields: [7, 8],
    layout: { ...OHLCV, unit: 's' },
  },
  {
    name: 'csv',
    fields: [6],
    layout: { ...OHLCV, unit: 'auto' },
  },
];

type Column = Exclude<keyof Layout, 'unit'>;

/** What headers call each column. */
const NAMES: Record<Column, readonly string[]> = {
  time: ['time', 'timestamp', 'open time', 'opentime', 'open_time', 'date', 'datetime', 'unix', 'ts', 't'],
  open: ['open', 'o'],
  high: ['high', 'h'],
  low: ['low', 'l'],
  close: ['close', 'c'],
  volume: ['volume', 'vol', 'v', 'volume_(btc)', 'volume btc', 'base volume', 'base_volume'],
};
const COLUMNS = Object.keys(NAMES) as Column[];

/** The layout that a header line names, or null when it is no header or lacks a column. */
export function layoutOfHeader(fields: readonly string[]): Layout | null {
  const words = fields.map((field) => field.trim().toLowerCase());
  return layoutOf((column) => words.findIndex((word) => NAMES[column].includes(word)), 'auto');
}

/** Reads `time=0,open=1,high=2,low=3,close=4,volume=5,unit=s`; null when a column is missing or no number. */
export function parseColumnMap(text: string): Layout | null {
  const pairs = new Map(text.split(',').map((pair) => pair.split('=').map((part) => part.trim()) as [string, string]));
  const unit = (pairs.get('unit') ?? 'auto') as TimeUnit;
  if (!['s', 'ms', 'us', 'iso', 'auto'].includes(unit)) return null;
  if ([...pairs.keys()].some((key) => key !== 'unit' && !COLUMNS.includes(key as Column))) return null;
  return layoutOf((column) => (/^\d+$/.test(pairs.get(column) ?? '') ? Number(pairs.get(column)) : -1), unit);
}

/** The layout whose columns stand at `at`, -1 for one that is missing: then null. */
function layoutOf(at: (column: Column) => number, unit: TimeUnit): Layout | null {
  const places = COLUMNS.map((column) => [column, at(column)] as const);
  if (places.some(([, place]) => place === -1)) return null;
  return { ...(Object.fromEntries(places) as Record<Column, number>), unit };
}
