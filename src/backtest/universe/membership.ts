import { DAY, MINUTE } from '../../market/bars.ts';
import { REASON } from '../account/reasons.ts';
import type { Marks } from '../many/marks.ts';
import type { Members } from '../market.ts';
import { closeOut } from '../minute/leave.ts';
import { firstAtOrAfter } from '../minute/times.ts';
import type { Desk } from '../orders/desk.ts';
import type { Run } from '../run.ts';

interface Span {
  readonly from: number;
  readonly to: number;
}

const ALWAYS: readonly Span[] = [{ from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY }];

/** When a symbol is a member, in order, epoch ms. A symbol that the members do not name is one always; so is none that leaves with the range. */
function spansOf(members: Members, symbol: string, end: number): readonly Span[] {
  return (
    members[symbol]?.map(({ from, to }) => ({
      from: from ?? Number.NEGATIVE_INFINITY,
      to: to === null || to >= end ? Number.POSITIVE_INFINITY : to,
    })) ?? ALWAYS
  );
}

/** Who of a universe may be traded while it is played. Memberships begin and end at midnights, with which no decision bar overlaps. */
export class Membership {
  readonly #desks: readonly Desk[];
  readonly #marks: Marks;
  readonly #spans: readonly (readonly Span[])[];
  /** Of each desk: the membership that has not ended yet. */
  readonly #at: Int32Array;

  constructor({ desks, to }: Run, marks: Marks, members: Members) {
    this.#desks = desks;
    this.#marks = marks;
    this.#spans = desks.map(({ symbol }) => spansOf(members, symbol, to));
    this.#at = new Int32Array(desks.length);
  }

  /** Whether what is decided at `moment` may be traded. After `leave(moment)`. */
  has(s: number, moment: number): boolean {
    const span = this.#spans[s][this.#at[s]];
    return span !== undefined && span.from <= moment;
  }

  /**
   * Ends the memberships that end at `moment` or before: orders are taken back, and what is held goes at the close of the last minute played
   * with slippage and taker fee, whatever its volume. `next`: the first minute of each symbol that is not played.
   */
  leave(moment: number, next: Int32Array): void {
    for (let s = 0; s < this.#desks.length; s++) {
      const spans = this.#spans[s];
      while (this.#at[s] < spans.length && spans[this.#at[s]].to <= moment) {
        this.#at[s] += 1;
        closeOut(this.#desks[s], next[s] - 1, REASON.membership);
        this.#marks.read(s);
      }
    }
  }
}

/** A time over which the benchmark holds the same symbols, epoch ms. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
  /** Indices into the symbols of the run. */
  readonly symbols: readonly number[];
}

/** The time of a run cut where a member enters or leaves, or has its first or last bar. */
export function stretchesOf(run: Run, members: Members): Stretch[] {
  const holds = run.desks.map(({ symbol }, s) =>
    spansOf(members, symbol, run.to).flatMap((span) => withBars(run, s, span)),
  );
  const changes = holds.flat().flatMap(({ from, to }) => [from, to]);
  const starts = [...new Set([Number.NEGATIVE_INFINITY, ...changes])].filter((time) => time < run.to);
  starts.sort((a, b) => a - b);
  return starts.map((from, k) => ({
    from,
    to: starts[k + 1] ?? Number.POSITIVE_INFINITY,
    symbols: [...holds.keys()].filter((s) => holds[s].some((held) => held.from <= from && from < held.to)),
  }));
}

/**
 * The part of a membership over which its symbol has bars, none where it has none. A first or last bar within a day of an end of the membership is no
 * other end: in minutes without a trade there are no bars.
 */
function withBars({ desks, days, from, to }: Run, s: number, span: Span): Span[] {
  const { bars } = desks[s];
  const [start, end] = [Math.max(from, span.from), Math.min(to, span.to)];
  const first = Math.max(days[s].from, firstAtOrAfter(bars, start));
  const next = Math.min(days[s].to, firstAtOrAfter(bars, end));
  if (first >= next) return [];
  const [begins, ends] = [bars.time[first], bars.time[next - 1] + MINUTE];
  return [{ from: begins - start < DAY ? span.from : begins, to: end - ends < DAY ? span.to : ends }];
}
