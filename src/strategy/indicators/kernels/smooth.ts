/**
 * Exponential smoothing seeded with the first number: y = alpha x + (1 - alpha) y. NaN before the first number; a later NaN
 * gives NaN at its own bar and leaves the state as it was.
 */
export function exponential(values: Float64Array, alpha: number): Float64Array {
  const { length } = values;
  const smooth = new Float64Array(length);
  let first = 0;
  while (first < length && Number.isNaN(values[first])) first += 1;
  smooth.fill(Number.NaN, 0, first);
  const decay = 1 - alpha;
  let state = values[first];
  for (let i = first; i < length; i++) {
    const value = values[i];
    // A price that stands still must not be moved by rounding: two averages of it would seem to cross.
    if (value !== state) state = alpha * value + decay * state;
    smooth[i] = state;
  }
  // Nearly no column has holes, and the loop above is the faster for not looking; NaN would have stayed to the end.
  if (Number.isNaN(state)) passOver(values, alpha, first, smooth);
  return smooth;
}

function passOver(values: Float64Array, alpha: number, first: number, smooth: Float64Array): void {
  const decay = 1 - alpha;
  let state = values[first];
  for (let i = first; i < values.length; i++) {
    const value = values[i];
    if (value !== state && !Number.isNaN(value)) state = alpha * value + decay * state;
    smooth[i] = Number.isNaN(value) ? value : state;
  }
}

/**
 * Wilder's smoothing: the plain mean of the first n numbers, from then on y += (x - y) / n. NaN before there are n
 * numbers; a NaN is skipped as in `exponential`.
 */
export function wilder(values: Float64Array, n: number): Float64Array {
  const { length } = values;
  const smooth = new Float64Array(length).fill(Number.NaN);
  let count = 0;
  let state = 0;
  for (let i = 0; i < length; i++) {
    const value = values[i];
    if (Number.isNaN(value)) continue;
    count += 1;
    if (count < n) {
      state += value;
      continue;
    }
    state = count === n ? (state + value) / n : state + (value - state) / n;
    smooth[i] = state;
  }
  return smooth;
}
