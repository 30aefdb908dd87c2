import { attempt } from '../../../base/attempt.ts';
import { TIMEFRAME_MS, type Timeframe } from '../../bars.ts';
import { plainNumber } from './number.ts';

export const TIME_UNITS = ['s', 'ms', 'us', 'ns', 'iso', 'auto'] as const;
export type TimeUnit = (typeof TIME_UNITS)[number];

/** How the times of a file are to be understood. */
export interface TimeRule {
  readonly unit: TimeUnit;
  /** Which of two leading numbers is the day, as in 04/01/2021; undefined: such a date is refused. */
  readonly dates?: 'day-first' | 'month-first';
  /** IANA name of the zone of times without one; UTC when absent. */
  readonly timezone?: string;
  /** What a bar's time says: its first moment (default) or its last. */
  readonly label?: 'open' | 'close';
  /** Length of a bar; a minute when absent. */
  readonly interval?: Timeframe;
}

const CLOCK = '(\\d\\d?):(\\d\\d)(?::(\\d\\d(?:[.,]\\d+)?))?\\s*([AP]M)?';
const ZONE = '\\s*(Z|UTC|GMT|[+-]\\d\\d(?::?\\d\\d)?)?';
const YEAR_FIRST = new RegExp(`^(\\d{4})([-/.])(\\d\\d?)\\2(\\d\\d?)(?:[T\\s]+${CLOCK}${ZONE})?$`, 'i');
const YEAR_LAST = new RegExp(`^(\\d\\d?)([-/.])(\\d\\d?)\\2(\\d{4})(?:[,T\\s]+${CLOCK}${ZONE})?$`, 'i');
/** 20210104 000100 as HistData writes it; a clock alone would be a number. */
const COMPACT = /^(\d{4})(\d\d)(\d\d)[T\s]+(\d\d):?(\d\d):?(\d\d)?$/;

/** Epoch ms of a time as written, NaN for none. `after` is the time of the row before: it tells the two 02:30 of an autumn night apart. */
export function parseTime(text: string, rule: TimeRule, after = Number.NEGATIVE_INFINITY): number {
  const value = plainNumber(text);
  if (rule.unit !== 'iso' && (rule.unit !== 'auto' || !Number.isNaN(value))) return ofNumber(value, rule.unit);
  const { local, zone } = shownBy(text, rule.dates);
  if (zone !== undefined) return local - zone * 60_000;
  return rule.timezone && !Number.isNaN(local) ? ofLocal(local, rule.timezone, after) : local;
}

/** `auto` tells seconds, milliseconds, microseconds and nanoseconds apart by their size, row by row. */
function ofNumber(value: number, unit: TimeUnit): number {
  const size = unit !== 'auto' ? unit : value >= 2.5e17 ? 'ns' : value >= 1e14 ? 'us' : value >= 1e11 ? 'ms' : 's';
  return size === 's' ? value * 1000 : size === 'ms' ? value : size === 'us' ? value / 1000 : value / 1e6;
}

/** What clock and calendar show. */
interface Shown {
  /** As epoch ms in UTC; NaN for a day that does not exist. */
  readonly local: number;
  /** Minutes east of UTC, where the text names its zone. */
  readonly zone?: number;
}

const NOTHING: Shown = { local: Number.NaN };

function shownBy(text: string, dates: TimeRule['dates']): Shown {
  const compact = COMPACT.exec(text);
  if (compact) {
    const [year, month, day, hour, minute, seconds] = compact.slice(1).map((part) => Number(part ?? 0));
    return { local: localOf(year, month, day, hour, minute, seconds) };
  }
  const iso = YEAR_FIRST.exec(text);
  if (iso) return withClock(Number(iso[1]), Number(iso[3]), Number(iso[4]), iso.slice(5));
  const last = YEAR_LAST.exec(text);
  if (!last) return NOTHING;
  // a point between the numbers is written where the day comes first
  const order = dates ?? (last[2] === '.' ? 'day-first' : undefined);
  if (!order) return NOTHING;
  const [first, second] = [Number(last[1]), Number(last[3])];
  const [day, month] = order === 'day-first' ? [first, second] : [second, first];
  return withClock(Number(last[4]), month, day, last.slice(5));
}

function localOf(year: number, month: number, day: number, hour: number, minute: number, seconds: number): number {
  const local = Date.UTC(year, month - 1, day, hour, minute) + seconds * 1000;
  const shown = new Date(local);
  return shown.getUTCMonth() + 1 === month && shown.getUTCDate() === day ? local : Number.NaN;
}

function withClock(year: number, month: number, day: number, [h, m, s, half, zone]: (string | undefined)[]): Shown {
  const twelve = half === undefined ? 0 : (half.toUpperCase() === 'PM' ? 12 : 0) - (Number(h) === 12 ? 12 : 0);
  const seconds = Number((s ?? '0').replace(',', '.'));
  const local = localOf(year, month, day, Number(h ?? 0) + twelve, Number(m ?? 0), seconds);
  return { local, zone: zone === undefined ? undefined : minutesEast(zone) };
}

function minutesEast(zone: string): number {
  const parts = /^([+-])(\d\d):?(\d\d)?$/.exec(zone);
  if (!parts) return 0;
  return (parts[1] === '-' ? -1 : 1) * (Number(parts[2]) * 60 + Number(parts[3] ?? 0));
}

/** Whether the numbers of some dates tell day and month apart; null where no text has its year last. */
export function dateOrderOf(texts: readonly string[]): 'day-first' | 'month-first' | 'ambiguous' | null {
  const found = texts.map((text) => YEAR_LAST.exec(text)).filter((parts) => parts !== null);
  if (found.length === 0 || found.every((parts) => parts[2] === '.')) return null;
  if (found.some((parts) => Number(parts[1]) > 12)) return 'day-first';
  return found.some((parts) => Number(parts[3]) > 12) ? 'month-first' : 'ambiguous';
}

/** Zones change their clock on a quarter of an hour. */
const QUARTER = 15 * 60_000;
const known = new Map<string, readonly number[]>();

/** The moments at which clocks of a zone show `local`: none in a spring night, two in an autumn night; the first after `after`. */
function ofLocal(local: number, timezone: string, after: number): number {
  const quarter = Math.floor(local / QUARTER) * QUARTER;
  const key = `${timezone} ${quarter}`;
  let moments = known.get(key);
  if (!moments) {
    moments = momentsOf(quarter, timezone);
    if (known.size > 100_000) known.clear();
    known.set(key, moments);
  }
  const candidates = moments.map((moment) => moment + local - quarter);
  return candidates.find((moment) => moment >= after) ?? candidates[0] ?? Number.NaN;
}

function momentsOf(local: number, timezone: string): number[] {
  const plain = Temporal.Instant.fromEpochMilliseconds(local).toZonedDateTimeISO('UTC').toPlainDateTime();
  const moments = (['earlier', 'later'] as const).map((disambiguation) =>
    plain.toZonedDateTime(timezone, { disambiguation }),
  );
  const shown = moments.filter((moment) => moment.toPlainDateTime().equals(plain));
  return [...new Set(shown.map(({ epochMilliseconds }) => epochMilliseconds))];
}

/** Whether this runtime knows a zone by name. */
export function isTimezone(name: string): boolean {
  return attempt(() => new Intl.DateTimeFormat('en', { timeZone: name })) !== undefined;
}

/** The start of a bar whose time says its end. 23:59:59.999 is in its own minute already. */
export function startOf(time: number, interval: number = TIMEFRAME_MS['1m']): number {
  return time % 60_000 >= 59_000 ? time + 60_000 - interval : time - interval;
}
