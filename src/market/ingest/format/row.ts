import { MINUTE, TIMEFRAME_MS } from '../../bars.ts';
import type { Layout } from './format.ts';
import { plainNumber } from './number.ts';
import { parseTime, startOf, type TimeRule } from './times.ts';

/** A row before it is checked: a line of text, or the fields of a format that has its own. */
export type RawRow = string | string[];

/** A file of rows, whatever it is packed in. */
export interface RowSource {
  /** Lists of rows of any length, in order. Ends with an error when the packing is damaged or cut short. */
  readonly rows: AsyncIterable<RawRow[]>;
  /** Bytes of the file on disk that were read so far. */
  bytesRead(): number;
}

/** What a file's volume counts: base units, quote money, or contracts of so much quote money. `none`: there is no such column. */
export type VolumeRule = 'base' | 'quote' | 'none' | { readonly contract: number };

/** How the fields of a row become a bar. */
export interface RowRule extends TimeRule {
  readonly layout: Layout;
  readonly decimalComma: boolean;
  readonly volume: VolumeRule;
  /** The open is the close of the minute before and may lie outside of its bar: it is moved into it. */
  readonly clampOpen: boolean;
}

/** What was taken in another way than it stands in the file, row by row. */
export interface RowCounts {
  /** The same row again: taken once. */
  duplicates: number;
  /** Minutes without a price (NaN, null or nothing): gaps. */
  empty: number;
  /** Times so many ms after the minute, all by the same: moved to their minute. */
  floored: number;
  offsetMs: number;
  /** Opens moved into their bar. */
  clampedOpens: number;
}

/** A bar is in `bar`; or it was left out and counted; or it is refused with a reason. */
export type ReadRow = 'bar' | 'left out' | { readonly reason: string };

const COMMA = /^[+-]?(\d+|\d{1,3}(\.\d{3})+)(,\d+)?$/;
const NOTHING = /^(nan|null|none|na|n\/a|-)?$/i;
/** 1e11 ms: no time in seconds is as large, and no time in milliseconds of a market with minutes is smaller. */
const EARLIEST = 100_000_000_000;
const LATEST = Date.UTC(2100, 0, 1);

/**
 * Checks rows one after the other: finite numbers, positive prices, low <= open, close <= high, volume >= 0, on the minute, after
 * the row before.
 */
export class RowReader {
  /** Time, open, high, low, close, volume of the last row that is a bar. */
  readonly bar = new Float64Array(6).fill(Number.NEGATIVE_INFINITY);
  readonly counts: RowCounts = { duplicates: 0, empty: 0, floored: 0, offsetMs: 0, clampedOpens: 0 };
  readonly #rule: RowRule;
  readonly #times: TimeRule;
  /** Of a bar, in ms. */
  readonly #length: number;

  constructor(rule: RowRule) {
    this.#rule = rule;
    this.#times = { unit: rule.layout.unit, dates: rule.dates, timezone: rule.timezone };
    this.#length = TIMEFRAME_MS[rule.interval ?? '1m'];
  }

  read(fields: readonly string[]): ReadRow {
    const { layout, volume: unit, clampOpen } = this.#rule;
    const time = this.#time(fields);
    if (Number.isNaN(time)) return { reason: `time is no ${layout.unit === 'auto' ? 'time' : layout.unit}` };
    let open = this.#number(fields[layout.open]);
    const high = this.#number(fields[layout.high]);
    const low = this.#number(fields[layout.low]);
    const close = this.#number(fields[layout.close]);
    if (!(Number.isFinite(open) && Number.isFinite(high) && Number.isFinite(low) && Number.isFinite(close))) {
      const prices = [layout.open, layout.high, layout.low, layout.close].map((at) => fields[at]);
      if (prices.every((text) => text !== undefined && NOTHING.test(text))) return this.#count('empty');
      return { reason: 'a price is missing or no finite number' };
    }
    const given = unit === 'none' ? 0 : this.#number(fields[layout.volume]);
    if (!Number.isFinite(given)) return { reason: 'volume is missing or no finite number' };
    if (time < EARLIEST || time >= LATEST) return { reason: 'time lies outside 1973 to 2100: wrong unit?' };
    const offset = time % MINUTE;
    if (offset !== 0 && this.counts.floored > 0 && offset !== this.counts.offsetMs)
      return { reason: `time is not on the minute, nor ${this.counts.offsetMs} ms after it as the rows before` };
    if (low <= 0) return { reason: 'a price is not positive' };
    if (low > close || high < close || low > high) return { reason: 'close outside low and high' };
    if (low > open || high < open) {
      if (!clampOpen) return { reason: 'open outside low and high' };
      open = Math.min(high, Math.max(low, open));
      this.counts.clampedOpens += 1;
    }
    if (given < 0) return { reason: 'volume is negative' };
    const volume = inBase(given, unit, (high + low + close) / 3);
    const { bar } = this;
    const minute = time - offset;
    if (minute < bar[0]) return { reason: 'time goes back, expected the oldest bar first' };
    if (minute === bar[0]) {
      if (open === bar[1] && high === bar[2] && low === bar[3] && close === bar[4] && volume === bar[5])
        return this.#count('duplicates');
      return { reason: 'the same minute twice, with other values' };
    }
    if (offset !== 0) {
      this.counts.floored += 1;
      this.counts.offsetMs = offset;
    }
    bar[0] = minute;
    bar[1] = open;
    bar[2] = high;
    bar[3] = low;
    bar[4] = close;
    bar[5] = volume;
    return 'bar';
  }

  #time(fields: readonly string[]): number {
    const { layout, label } = this.#rule;
    const text = fields[layout.time];
    if (text === undefined) return Number.NaN;
    const whole = layout.clock === undefined ? text : `${text} ${fields[layout.clock]}`;
    const after = label === 'close' ? this.bar[0] + this.#length : this.bar[0];
    const time = parseTime(whole, this.#times, after);
    return label === 'close' ? startOf(time, this.#length) : time;
  }

  #number(text: string | undefined): number {
    if (text === undefined) return Number.NaN;
    if (!this.#rule.decimalComma) return plainNumber(text);
    return COMMA.test(text) ? Number(text.replaceAll('.', '').replace(',', '.')) : Number.NaN;
  }

  #count(what: 'empty' | 'duplicates'): ReadRow {
    this.counts[what] += 1;
    return 'left out';
  }
}

function inBase(volume: number, unit: VolumeRule, price: number): number {
  if (unit === 'quote') return volume / price;
  return typeof unit === 'object' ? (volume * unit.contract) / price : volume;
}

/** Splits a line; quotes around a field are taken off (archives never put a separator inside them). */
export function splitLine(line: string, separator: string): string[] {
  const fields = line.split(separator);
  for (let i = 0; i < fields.length; i++) {
    if (isBare(fields[i])) continue;
    const field = fields[i].trim();
    fields[i] = field.length > 1 && field.startsWith('"') && field.endsWith('"') ? field.slice(1, -1) : field;
  }
  return fields;
}

/** Begins and ends with a letter, a digit or a sign: nothing is to be taken off. */
function isBare(field: string): boolean {
  const first = field.charCodeAt(0);
  const last = field.charCodeAt(field.length - 1);
  return first > QUOTE && first < 128 && last > QUOTE && last < 128;
}

const QUOTE = 34;
