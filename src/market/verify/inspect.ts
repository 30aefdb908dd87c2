import { type Bars, DAY, MINUTE } from '../bars.ts';
import { openHoles, openStretches, type Session } from '../sessions.ts';

/** What is conspicuous in one month of one symbol. */
export interface MonthReport {
  /** 2014-03. */
  readonly month: string;
  bars: number;
  /** Minutes of the month that lie between the symbol's first and last bar. */
  minutes: number;
  missing: number;
  /** Runs of missing minutes that begin in the month. */
  gaps: number;
  longestGap: Stretch | null;
  /** Bars at a minute that is there already, or before the bar before. */
  duplicates: number;
  /** Bars whose close is more than OUTLIER robust deviations of the month's returns away from a close at most an hour before. */
  outliers: number;
  worstOutlier: { time: number; change: number } | null;
  /** Runs of at least FLAT bars at one and the same price, and the longest. */
  flatRuns: number;
  longestFlat: Stretch | null;
  /** Runs of at least SILENT bars without volume. */
  silentRuns: number;
  longestSilent: Stretch | null;
}

/** Epoch ms of the first minute, and the number of minutes or bars. */
export interface Stretch {
  readonly from: number;
  readonly length: number;
}

/** A day, for the picture. */
export interface DayPoint {
  readonly day: number;
  bars: number;
  high: number;
  low: number;
  close: number;
}

/** The changes of close and their times, of which the outliers are told at the end. */
type Gathered = MonthReport & { readonly changes: number[]; readonly times: number[] };

const OUTLIER = 25;
const FLAT = 60;
const SILENT = 30;
/** Closes further apart than this, in ms, are not compared. */
const COMPARED = 60 * MINUTE;

/**
 * Looks through a series month by month. Feed it bars in order, in pieces of any size; `finish` gives the months and days.
 */
export class Inspector {
  readonly #months = new Map<string, Gathered>();
  readonly #days = new Map<number, DayPoint>();
  /** Where the market was open and has no bar. */
  readonly gaps: Stretch[] = [];
  /** All stretches without a bar, nights and weekends among them. */
  readonly holes: Stretch[] = [];
  /** Bars while the market was closed. */
  outside = 0;
  readonly #session: Session | undefined;
  #openUntil = Number.NaN;
  /** Length of a bar in ms. */
  readonly #interval: number;
  #time: number;
  #close = Number.NaN;
  #flat = NO_RUN;
  #silent = NO_RUN;

  /** `from` is the beginning of the stretch that is looked at, epoch ms: a hole there is one too. */
  constructor(from: number, interval = MINUTE, session?: Session) {
    this.#session = session;
    this.#interval = interval;
    this.#time = from - interval;
  }

  add(bars: Bars): void {
    for (let i = 0; i < bars.length; i++) this.#bar(bars, i);
  }

  /** `to` is the end of the stretch that was looked at, epoch ms. */
  finish(to: number) {
    this.#count(this.#flat, FLAT, 'flatRuns', 'longestFlat');
    this.#count(this.#silent, SILENT, 'silentRuns', 'longestSilent');
    if (to - this.#time > this.#interval) this.#gap(this.#time + this.#interval, to);
    const months = [...this.#months.values()].map(withOutliers);
    // the month of a bar is met before those that lie wholly in the gap before it
    months.sort((a, b) => (a.month < b.month ? -1 : 1));
    return { months, days: [...this.#days.values()], gaps: this.gaps, holes: this.holes, outside: this.outside };
  }

  #bar(bars: Bars, i: number): void {
    const time = bars.time[i];
    const close = bars.close[i];
    if (this.#session) this.#place(time, this.#session);
    const month = this.#month(time);
    month.bars += 1;
    month.minutes += this.#interval / MINUTE;
    if (time <= this.#time) month.duplicates += 1;
    else if (time - this.#time > this.#interval) this.#gap(this.#time + this.#interval, time);
    // a move over hours without a trade is no conspicuous minute
    if (!Number.isNaN(this.#close) && time - this.#time <= Math.max(COMPARED, this.#interval)) {
      month.changes.push(close / this.#close - 1);
      month.times.push(time);
    }
    const still = bars.high[i] === bars.low[i] && close === this.#close;
    if (!still) this.#count(this.#flat, FLAT, 'flatRuns', 'longestFlat');
    this.#flat = still ? longerBy1(this.#flat, time) : { from: time, length: 1 };
    const silent = !(bars.volume[i] > 0);
    if (!silent) this.#count(this.#silent, SILENT, 'silentRuns', 'longestSilent');
    this.#silent = silent ? longerBy1(this.#silent, time) : NO_RUN;
    this.#day(time, bars.high[i], bars.low[i], close);
    this.#time = time;
    this.#close = close;
  }

  /** A hole belongs to the month in which it begins; its minutes to the months in which they lie. */
  #gap(from: number, to: number): void {
    this.holes.push({ from, length: (to - from) / MINUTE });
    for (const stretch of openHoles(this.#session, [{ from, to }])) this.#missing(stretch.from, stretch.to);
  }

  /** Sees whether the market is open at some time of a bar: an hour may begin before the open. Asks the calendar once a stretch. */
  #place(time: number, session: Session): void {
    if (time < this.#openUntil) return;
    const [stretch] = openStretches(session, time, time + DAY);
    if (stretch && stretch.from < time + this.#interval) this.#openUntil = stretch.to;
    else this.outside += 1;
  }

  #missing(from: number, to: number): void {
    const gap = { from, length: (to - from) / MINUTE };
    this.gaps.push(gap);
    const first = this.#month(from);
    first.gaps += 1;
    first.longestGap = longer(first.longestGap, gap);
    for (let at = from; at < to; ) {
      const end = Math.min(to, nextMonth(at));
      const month = this.#month(at);
      month.missing += (end - at) / MINUTE;
      month.minutes += (end - at) / MINUTE;
      at = end;
    }
  }

  #count(run: Stretch, least: number, runs: 'flatRuns' | 'silentRuns', longest: 'longestFlat' | 'longestSilent'): void {
    if (run.length < least) return;
    const month = this.#month(run.from);
    month[runs] += 1;
    month[longest] = longer(month[longest], run);
  }

  #day(time: number, high: number, low: number, close: number): void {
    const day = Math.floor(time / DAY) * DAY;
    const point = this.#days.getOrInsertComputed(day, () => ({ day, bars: 0, high, low, close }));
    point.bars += 1;
    point.high = Math.max(point.high, high);
    point.low = Math.min(point.low, low);
    point.close = close;
  }

  #month(time: number) {
    const month = new Date(time).toISOString().slice(0, 7);
    return this.#months.getOrInsertComputed(month, () => ({ month, ...EMPTY, changes: [], times: [] }));
  }
}

const NO_RUN: Stretch = { from: 0, length: 0 };

/** A run with one more bar, at `time`. */
function longerBy1({ from, length }: Stretch, time: number): Stretch {
  return { from: length > 0 ? from : time, length: length + 1 };
}

/** The longer of two; the first met when they are equal. */
function longer(longest: Stretch | null, run: Stretch): Stretch {
  return longest && longest.length >= run.length ? longest : run;
}

const EMPTY = {
  bars: 0,
  minutes: 0,
  missing: 0,
  gaps: 0,
  longestGap: null,
  duplicates: 0,
  outliers: 0,
  worstOutlier: null,
  flatRuns: 0,
  longestFlat: null,
  silentRuns: 0,
  longestSilent: null,
} as const;

function nextMonth(time: number): number {
  const date = new Date(time);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1);
}

/** The report with its outliers. The deviation is 1.4826 times the median of |change| over the bars that moved at all: quiet minutes are no yardstick. */
function withOutliers({ changes, times, ...report }: Gathered): MonthReport {
  const moves = changes.filter((change) => change !== 0).map(Math.abs);
  if (moves.length < 30) return report;
  moves.sort((a, b) => a - b);
  const limit = OUTLIER * 1.4826 * moves[Math.floor(moves.length / 2)];
  changes.forEach((change, i) => {
    if (Math.abs(change) <= limit) return;
    report.outliers += 1;
    if (!report.worstOutlier || Math.abs(change) > Math.abs(report.worstOutlier.change))
      report.worstOutlier = { time: times[i], change };
  });
  return report;
}
