/** True range of each bar, in price: the bar's range widened to the close before it. The first bar's is high - low. */
export function trueRanges(high: Float64Array, low: Float64Array, close: Float64Array): Float64Array {
  const ranges = new Float64Array(high.length);
  for (let i = 0; i < high.length; i++) {
    const before = i > 0 ? close[i - 1] : Number.NaN;
    ranges[i] = Number.isNaN(before) ? high[i] - low[i] : Math.max(high[i], before) - Math.min(low[i], before);
  }
  return ranges;
}

/** The typical price of each bar: (high + low + close) / 3. */
export function typicalPrices(high: Float64Array, low: Float64Array, close: Float64Array): Float64Array {
  return high.map((value, i) => (value + low[i] + close[i]) / 3);
}

/** Each value minus the one `n` bars before it; NaN for the first n. */
export function changesOf(values: Float64Array, n: number): Float64Array {
  const changes = new Float64Array(values.length).fill(Number.NaN);
  for (let i = n; i < values.length; i++) changes[i] = values[i] - values[i - n];
  return changes;
}

/** Simple returns from bar to bar as fractions; NaN for the first. Simple and not logarithmic: Math.log differs between machines. */
export function returnsOf(values: Float64Array, n = 1): Float64Array {
  const returns = new Float64Array(values.length).fill(Number.NaN);
  for (let i = n; i < values.length; i++) returns[i] = values[i] / values[i - n] - 1;
  return returns;
}
