import { MINUTE } from '../bars.ts';
import type { Layout, TimeUnit } from './format.ts';

/** One bar as read, or why it is none. */
export type ParsedRow =
  | { readonly bar: readonly [number, number, number, number, number, number] }
  | { readonly reason: string };

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
/** Bitcoin's first year, and the end of the century: a time outside is a misread unit. */
const EARLIEST = Date.UTC(2009, 0, 1);
const LATEST = Date.UTC(2100, 0, 1);

/**
 * Checks one row: enough fields, finite numbers, positive prices, low <= open, close <= high, volume >= 0, on the
 * minute, after the row before (`previous`, epoch ms). The bar is time, open, high, low, close, volume.
 */
export function parseRow(fields: readonly string[], layout: Layout, previous: number): ParsedRow {
  const time = parseTime(fields[layout.time], layout.unit);
  if (!Number.isFinite(time)) return { reason: `time is no ${layout.unit === 'auto' ? 'time' : layout.unit}` };
  const open = parseNumber(fields[layout.open]);
  const high = parseNumber(fields[layout.high]);
  const low = parseNumber(fields[layout.low]);
  const close = parseNumber(fields[layout.close]);
  const volume = parseNumber(fields[layout.volume]);
  if (!(Number.isFinite(open) && Number.isFinite(high) && Number.isFinite(low) && Number.isFinite(close))) {
    return { reason: 'a price is missing or no finite number' };
  }
  if (!Number.isFinite(volume)) return { reason: 'volume is missing or no finite number' };
  if (time < EARLIEST || time >= LATEST) return { reason: 'time lies outside 2009 to 2100: wrong unit?' };
  if (time % MINUTE !== 0) return { reason: 'time is not on the minute' };
  if (low <= 0) return { reason: 'a price is not positive' };
  if (low > open || low > close || high < open || high < close) return { reason: 'open or close outside low and high' };
  if (volume < 0) return { reason: 'volume is negative' };
  if (time <= previous)
    return { reason: time === previous ? 'the same minute twice' : 'time goes back, expected the oldest bar first' };
  return { bar: [time, open, high, low, close, volume] };
}

/** Epoch ms, or NaN. */
function parseTime(text: string | undefined, unit: TimeUnit): number {
  if (text === undefined) return Number.NaN;
  const value = parseNumber(text);
  if (unit === 'iso' || (unit === 'auto' && Number.isNaN(value))) return parseIso(text.trim());
  const size = unit === 'auto' ? (value >= 1e14 ? 'us' : value >= 1e11 ? 'ms' : 's') : unit;
  return size === 's' ? value * 1000 : size === 'ms' ? value : value / 1000;
}

/** A time without a zone is UTC, as every archive means it; JavaScript alone would take it as local. */
function parseIso(text: string): number {
  const parts = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?)(Z|[+-]\d\d:?\d\d| ?UTC)?)?$/.exec(text);
  if (!parts) return Number.NaN;
  const zone = parts[3] && !/UTC$/.test(parts[3]) ? parts[3] : 'Z';
  return Date.parse(`${parts[1]}T${parts[2] ?? '00:00'}${zone}`);
}

function parseNumber(text: string | undefined): number {
  // Number() alone would take '', ' ', '0x10' and 'Infinity'
  if (text === undefined || !NUMBER.test(text)) return Number.NaN;
  return Number(text);
}

/** Splits a line; quotes around a field are taken off (archives never put a separator inside them). */
export function splitLine(line: string, separator: string): string[] {
  const fields = line.split(separator);
  for (let i = 0; i < fields.length; i++) {
    const field = fields[i].trim();
    fields[i] = field.length > 1 && field.startsWith('"') && field.endsWith('"') ? field.slice(1, -1) : field;
  }
  return fields;
}
