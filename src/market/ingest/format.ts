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
  readonly about: string;
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
    about: '12 columns: open time (ms or us), open, high, low, close, volume, …',
  },
  {
    name: 'bitfinex',
    fields: [6],
    layout: { time: 0, open: 1, close: 2, high: 3, low: 4, volume: 5, unit: 'ms' },
    about: '6 columns: time (ms), open, CLOSE, high, low, volume',
  },
  {
    name: 'bitstamp',
    fields: [6, 8],
    layout: { ...OHLCV, unit: 's' },
    about: '6 or 8 columns: time (seconds), open, high, low, close, volume, …',
  },
  {
    name: 'kraken',
    fields: [7, 8],
    layout: { ...OHLCV, unit: 's' },
    about: '7 columns: time (seconds), open, high, low, close, volume, trades',
  },
  {
    name: 'csv',
    fields: [6],
    layout: { ...OHLCV, unit: 'auto' },
    about: '6 columns: time (s, ms, us or ISO), open, high, low, close, volume; others with a header or --columns',
  },
];

const NAMES: Record<Exclude<keyof Layout, 'unit'>, readonly string[]> = {
  time: ['time', 'timestamp', 'open time', 'opentime', 'open_time', 'date', 'datetime', 'unix', 'ts', 't'],
  open: ['open', 'o'],
  high: ['high', 'h'],
  low: ['low', 'l'],
  close: ['close', 'c'],
  volume: ['volume', 'vol', 'v', 'volume_(btc)', 'volume btc', 'base volume', 'base_volume'],
};

/** The layout that a header line names, or null when it is no header or lacks a column. */
export function layoutOfHeader(fields: readonly string[], unit: TimeUnit): Layout | null {
  const words = fields.map((field) => field.trim().toLowerCase());
  const at = (key: keyof typeof NAMES) => words.findIndex((word) => NAMES[key].includes(word));
  const layout = {
    time: at('time'),
    open: at('open'),
    high: at('high'),
    low: at('low'),
    close: at('close'),
    volume: at('volume'),
    unit,
  };
  return Object.values(layout).includes(-1) ? null : layout;
}

/** Reads `time=0,open=1,high=2,low=3,close=4,volume=5,unit=s`; null when a column is missing or no number. */
export function parseColumnMap(text: string): Layout | null {
  const pairs = new Map(text.split(',').map((pair) => pair.split('=').map((part) => part.trim()) as [string, string]));
  const unit = (pairs.get('unit') ?? 'auto') as TimeUnit;
  if (!['s', 'ms', 'us', 'iso', 'auto'].includes(unit)) return null;
  const keys = Object.keys(NAMES) as (keyof typeof NAMES)[];
  if ([...pairs.keys()].some((key) => key !== 'unit' && !keys.includes(key as never))) return null;
  const columns = keys.map((key) => [key, /^\d+$/.test(pairs.get(key) ?? '') ? Number(pairs.get(key)) : -1] as const);
  if (columns.some(([, column]) => column === -1)) return null;
  return { ...(Object.fromEntries(columns) as Omit<Layout, 'unit'>), unit };
}
