/** What is held after each close, from -1 (short) to 1 (long), by the closes up to then. */
export function positions(closes) {
  return closes.map((close, i) => (i >= 60 && close > closes[i - 60] ? 1 : 0));
}
