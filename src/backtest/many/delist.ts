import { DAY } from '../../market/bars.ts';
import { REASON } from '../account/ledger.ts';
import { exitPosition } from '../minute/fill.ts';
import type { Desk } from '../orders/desk.ts';

/**
 * A symbol without bars for a day while others trade on, and with none to come, is delisted: what was held goes at its last
 * close with slippage and fee. The engine knows that none come; a trader would have waited, and been paid no more.
 */
export function delist(desk: Desk, last: number, time: number): void {
  if (time - desk.bars.time[last] < DAY) return;
  desk.count = 0;
  desk.volumeLeft = Infinity;
  exitPosition(desk, last, desk.bars.close[last], true, REASON.delisting);
}
