import { DAY } from '../../market/bars.ts';
import { REASON } from '../account/reasons.ts';
import type { Desk } from '../orders/desk.ts';
import { exitPosition } from './fill.ts';

/** Takes orders back and sells what is held at the close of minute `last` with slippage and taker fee, whatever its volume. */
export function closeOut(desk: Desk, last: number, reason: number): void {
  desk.count = 0;
  if (desk.position === 0) return;
  desk.volumeLeft = Infinity;
  exitPosition(desk, last, desk.bars.close[last], true, reason);
}

/**
 * A symbol without bars for a day while others trade on, and with none to come, is delisted: it is closed out at its last close. The engine
 * knows that none come; a trader would have waited, and been paid no more.
 */
export function delist(desk: Desk, last: number, time: number): void {
  if (last < 0 || time - desk.bars.time[last] < DAY) return;
  closeOut(desk, last, REASON.delisting);
}
