import type { Desk } from '../orders/desk.ts';

/**
 * Notes the largest loss that the open position showed up to `minute`, where it is worth `price`. Its first and last minute count
 * by close and price alone: their lows and highs may lie before the entry or after the exit.
 */
export function noteExcursion(desk: Desk, minute: number, price: number): void {
  const { account, bars, position, openedAt } = desk;
  const side = position > 0 ? 1 : -1;
  let worst = side * price;
  if (minute > openedAt) worst = Math.min(worst, side * bars.close[openedAt]);
  const inside = desk.fine
    ? worstOfMinutes(desk, side, openedAt + 1, minute)
    : worstOfBars(desk, side, openedAt + 1, minute);
  worst = Math.min(worst, inside);
  const loss = (desk.entryValue / desk.entryQuantity - side * worst) * side * desk.largest;
  const share = loss / desk.entryEquity;
  if (share > account.adverse) account.adverse = share;
}

/** The lowest low of the minutes [from, to) for a long, minus the highest high for a short; Infinity for none. */
function worstOfMinutes({ bars }: Desk, side: number, from: number, to: number): number {
  const prices = side > 0 ? bars.low : bars.high;
  let worst = Number.POSITIVE_INFINITY;
  for (let m = from; m < to; m++) if (side * prices[m] < worst) worst = side * prices[m];
  return worst;
}

/** The same, whole decision bars by their own lows and highs. */
function worstOfBars(desk: Desk, side: number, from: number, to: number): number {
  const { frame, openedDecision } = desk;
  const coarse = side > 0 ? frame.low : frame.high;
  const { end, length } = frame;
  let worst = Number.POSITIVE_INFINITY;
  let k = openedDecision < 0 ? 0 : openedDecision;
  let m = from;
  while (m < to) {
    while (k < length && end[k] <= m) k += 1;
    const stop = k < length && end[k] < to ? end[k] : to;
    const whole = k > 0 && end[k - 1] === m && end[k] === stop;
    const here = whole ? side * coarse[k] : worstOfMinutes(desk, side, m, stop);
    if (here < worst) worst = here;
    m = stop;
  }
  return worst;
}
