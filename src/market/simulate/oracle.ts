/**
 * Annual Sharpe of the oracle that holds one unit on the rule's side in every bar, before costs:
 * mean / standard deviation of its daily returns x sqrt(365.25). `close` are unrounded closes, `side` -1, 0 or 1.
 */
export function oracleSharpe(close: Float64Array, side: Int8Array, barsPerDay: number): number {
  const days = Math.floor(close.length / barsPerDay);
  if (days < 2) return 0;
  let sum = 0;
  let squares = 0;
  for (let d = 0; d < days; d++) {
    let made = 0;
    for (let i = Math.max(1, d * barsPerDay); i < (d + 1) * barsPerDay; i++) {
      if (side[i] !== 0) made += side[i] * (close[i] / close[i - 1] - 1);
    }
    sum += made;
    squares += made * made;
  }
  const mean = sum / days;
  const variance = squares / days - mean * mean;
  return variance > 0 ? (mean / Math.sqrt(variance)) * Math.sqrt(365.25) : 0;
}
