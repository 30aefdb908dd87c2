import { type RalphError, UsageError } from '../base/errors.ts';
import { isoMinute } from '../base/numbers.ts';
import { type Bars, MINUTE } from './bars.ts';
import type { MarketConfig } from './config.ts';
import { readWindowFile } from './window-file.ts';

/** What the user has decided about a symbol: which jumps are real, and the cap that needs volumes. */
export interface Quality {
  /** Epoch ms of bars whose jump or wick is real, or all of them. */
  readonly accept: 'all' | readonly number[];
  readonly participation: number;
}

export function qualityOf({ symbols }: Pick<MarketConfig, 'symbols'>, symbol: string): Quality {
  const { accept = [], participation = 0 } = symbols[symbol] ?? {};
  return { accept, participation };
}

/** A price that leaves its neighbours: from the close before to the open (jump), or from the rest of its bar and both neighbours (wick). */
export interface Move {
  readonly kind: 'jump' | 'wick';
  /** Epoch ms of the bar. */
  readonly time: number;
  /** Minutes without a bar before it. */
  readonly gap: number;
  readonly from: number;
  readonly to: number;
}

/** A pause in which a split or a redenomination may lie, in minutes. */
const PAUSE = 60;
/** Least ratio that is named: after such a pause, anywhere, and of a wick. */
const NAMED = { afterPause: 1.3, anywhere: 2, wick: 1.5 };
/** Ratios that no run takes without a decision: 2:1 is the smallest split, and no real minute of the shared files moves by 5. */
const REFUSED = { afterPause: 1.8, anywhere: 5 };
/** Real crashes have left a wick or two a year. */
const MOST_WICKS = 10;

/** Finds moves in bars that come in order, in pieces of any size. */
export class MoveFinder {
  readonly moves: Move[] = [];
  readonly #interval: number;
  #before: { time: number; high: number; low: number; close: number } | null = null;

  /** `interval` is the length of a bar in ms. */
  constructor(interval = MINUTE) {
    this.#interval = interval;
  }

  add(bars: Bars): void {
    for (let i = 0; i < bars.length; i++) {
      const [time, open, high, low, close] = [bars.time[i], bars.open[i], bars.high[i], bars.low[i], bars.close[i]];
      const before = this.#before;
      if (before) {
        const gap = (time - before.time - this.#interval) / MINUTE;
        const least = gap >= PAUSE ? NAMED.afterPause : NAMED.anywhere;
        if (ratioOf(before.close, open) >= least)
          this.moves.push({ kind: 'jump', time, gap, from: before.close, to: open });
        if (i + 1 < bars.length) {
          const top = Math.max(open, close, before.high, bars.high[i + 1]);
          const bottom = Math.min(open, close, before.low, bars.low[i + 1]);
          if (high >= top * NAMED.wick) this.moves.push({ kind: 'wick', time, gap, from: top, to: high });
          if (low * NAMED.wick <= bottom) this.moves.push({ kind: 'wick', time, gap, from: bottom, to: low });
        }
      }
      this.#before = { time, high, low, close };
    }
  }
}

function ratioOf(a: number, b: number): number {
  return Math.max(a / b, b / a);
}

/** One move in words. */
export function moveLine({ kind, time, gap, from, to }: Move): string {
  const after = gap > 0 ? ` after ${gap} minutes without a bar` : '';
  return `${kind} at ${isoMinute(time)} from ${from} to ${to} (${Number((to / from).toPrecision(4))}x)${after}`;
}

/**
 * Refuses a market that a run would misread: without volumes under a cap that needs them, without any move, or with jumps and wicks
 * that the user has not decided on. Throws RalphError (exit 2) with the lines for market.yaml.
 */
export function refuseUnfit(files: readonly { path: string; symbol: string }[], of: (symbol: string) => Quality): void {
  for (const { path, symbol } of files) {
    const { bars, interval = MINUTE } = readWindowFile(path);
    const { accept, participation } = of(symbol);
    if (participation > 0 && bars.volume.every((volume) => volume === 0))
      throw unfit(
        `${symbol} has no volumes, and participation ${participation} lets an order fill that share of a minute's volume: nothing would ever fill`,
        `In config/market.yaml set participation: 0 for ${symbol} (orders fill whatever their size), or bring bars with volumes.`,
      );
    if (bars.close.every((close) => close === bars.close[0]))
      throw unfit(
        `the price of ${symbol} is ${bars.close[0]} in all of its ${bars.length} bars`,
        'Check the file that they came from, or leave the symbol out of config/market.yaml.',
      );
    if (accept === 'all') continue;
    const finder = new MoveFinder(interval);
    finder.add(bars);
    const open = finder.moves.filter(({ time }) => !accept.includes(time));
    const jumps = open.filter(
      ({ kind, gap, from, to }) =>
        kind === 'jump' && ratioOf(from, to) >= (gap >= PAUSE ? REFUSED.afterPause : REFUSED.anywhere),
    );
    const wicks = open.filter(({ kind }) => kind === 'wick');
    const refused = [...jumps, ...(wicks.length > MOST_WICKS ? wicks : [])];
    if (refused.length > 0) throw undecided(symbol, refused);
  }
}

function undecided(symbol: string, moves: readonly Move[]): RalphError {
  const more = moves.length > 3 ? ` and ${moves.length - 3} more (data verify ${symbol})` : '';
  const [{ time, from, to }] = moves;
  const line = `adjust: [{ before: "${new Date(time).toISOString()}", prices: ${Number((to / from).toPrecision(2))} }]`;
  return unfit(
    `${symbol} has prices that may be a redenomination, a split or a misprint: ${moves.slice(0, 3).map(moveLine).join('; ')}${more}`,
    `Decide in config/market.yaml under ${symbol}: ${line} puts the prices before on today's scale; accept: ["${new Date(time).toISOString()}"] (or all) says that it is real.`,
  );
}

function unfit(message: string, remedy: string): RalphError {
  return new UsageError(message, { remedy });
}
