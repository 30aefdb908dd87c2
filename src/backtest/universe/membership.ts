import { DAY } from '../../market/bars.ts';
import { REASON } from '../account/reasons.ts';
import type { Marks } from '../many/marks.ts';
import type { Members } from '../market.ts';
import { closeOut } from '../minute/leave.ts';
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

/** Days over which the same symbols are members: indices into the days of a run, and of the symbols that have a bar then. */
export interface Stretch {
  readonly first: number;
  readonly end: number;
  readonly symbols: readonly number[];
}

/** The days of a run cut where its members change. */
export function stretchesOf({ desks, days, to }: Run, members: Members): Stretch[] {
  const spans = desks.map(({ symbol }) => spansOf(members, symbol, to));
  const midnights = days[0].time;
  const isChange = (day: number) => spans.some((own) => own.some(({ from, to: end }) => from === day || end === day));
  const starts = Array.from(midnights.keys()).filter((d) => d === 0 || isChange(midnights[d]));
  return starts.map((first, k) => {
    const end = starts[k + 1] ?? midnights.length;
    const isIn = (s: number) =>
      spans[s].some((span) => span.from < midnights[first] + DAY && midnights[first] < span.to) &&
      days[s].ends[end - 1] > (first === 0 ? days[s].from : days[s].ends[first - 1]);
    return { first, end, symbols: Array.from(desks.keys()).filter(isIn) };
  });
}
