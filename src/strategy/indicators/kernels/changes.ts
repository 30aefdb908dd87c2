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
