import type { Random } from '../../../base/random.ts';
import { type Bars, barsOf, MINUTE } from '../../../market/bars.ts';
import { makeTape, writeTape } from '../../minute/tape.ts';
import type { Room } from '../../view/prepare.ts';
import { COLUMNS, lentTape, noteWritten, restore, type Scratch } from '../../view/scratch.ts';

/** How the bars after a cut are replaced. */
export type FutureKind = 'mirror' | 'rise' | 'fall';

/**
 * A working copy of one symbol's bars whose future can be replaced and put back: only the replaced stretch is written,
 * so that a cut costs its own length and not that of the past.
 */
export interface Alterable {
  /** The `keep` bars that open before `cut` as they are, then `length` invented ones. Valid until the next call. */
  alter(cut: number, keep: number, length: number, kind: FutureKind, random: Random): Bars;
  /** Tape and running squares of the altered bars. */
  readonly room: Room;
}

/** A copy of `bars` in lent memory, which has room for the longest future behind the last of them. */
export function alterable(bars: Bars, scratch: Scratch): Alterable {
  const { columns: copy, squares } = scratch;
  const room: Room = { tape: makeTape(bars), squares, rows: 0 };
  return {
    room,
    alter(cut, keep, length, kind, random) {
      restore(scratch, bars);
      // Before they are written: a copy that is interrupted must not count as clean.
      noteWritten(scratch, keep, keep + length);
      const end = kind === 'mirror' ? mirror(bars, copy, keep, length) : walk(copy, cut, keep, length, kind, random);
      const altered = barsOf(COLUMNS.map((name) => copy[name].subarray(0, end)));
      room.tape = lentTape(scratch, bars, (tape) => writeTape(tape, altered, keep, end));
      return altered;
    },
  };
}

type Columns = Scratch['columns'];

/** The true future upside down: what rose falls by as much. A strategy that knew its direction decides otherwise now. */
function mirror(bars: Bars, copy: Columns, keep: number, length: number): number {
  const end = Math.min(bars.length, keep + length);
  const squared = copy.close[keep - 1] ** 2;
  for (let i = keep; i < end; i++) {
    copy.open[i] = squared / bars.open[i];
    copy.high[i] = squared / bars.low[i];
    copy.low[i] = squared / bars.high[i];
    copy.close[i] = squared / bars.close[i];
    copy.volume[i] = bars.volume[keep + end - 1 - i];
  }
  return end;
}

/** Another future: a jump, then a wild walk in the same direction, other volumes, and no minute missing. */
function walk(copy: Columns, cut: number, keep: number, length: number, kind: FutureKind, random: Random): number {
  const direction = kind === 'rise' ? 1 : -1;
  const step = 0.0005 + 0.004 * random();
  let time = Math.max(copy.time[keep - 1], cut - MINUTE);
  let price = copy.close[keep - 1] * (1 + direction * (0.01 + 0.1 * random()));
  const volume = (copy.volume[keep - 1] + 1) * (0.1 + 10 * random());
  for (let i = keep; i < keep + length; i++) {
    time += MINUTE;
    const open = price;
    price *= 1 + step * (2 * random() - 1 + 0.05 * direction);
    copy.time[i] = time;
    copy.open[i] = open;
    copy.close[i] = price;
    copy.high[i] = Math.max(open, price) * (1 + step * random());
    copy.low[i] = Math.min(open, price) * (1 - step * random());
    copy.volume[i] = volume * random();
  }
  return keep + length;
}
