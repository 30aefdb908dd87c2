/**
 * Sum of the last `n` values at each index, NaN before there are n. O(length), without the usual running sum: the values
 * are cut into blocks of n, and every window is the tail of one block plus the head of the next. Nothing is ever
 * subtracted, so no rounding error accumulates and a NaN is forgotten once it has left the window.
 * (The two-pass scheme of van Herk and of Gil and Werman, for sums.)
 */
export function windowSum(values: Float64Array, n: number): Float64Array {
  const { length } = values;
  const sums = new Float64Array(length).fill(Number.NaN);
  if (n > length) return sums;
  const tails = new Float64Array(n + 1);
  for (let start = 0; start < length; start += n) {
    let head = 0;
    const end = Math.min(start + n, length);
    for (let i = start; i < end; i++) {
      head += values[i];
      if (i >= n - 1) sums[i] = i === start + n - 1 ? head : tails[i - start + 1] + head;
    }
    tails[n] = 0;
    for (let k = n - 1; k > 0 && end === start + n; k--) tails[k] = tails[k + 1] + values[start + k];
  }
  return sums;
}

/** Sum of the last `n` parts over the volume of these bars, NaN before there are n and where none of them traded. */
export function windowRatio(parts: Float64Array, volumes: Float64Array, n: number): Float64Array {
  const traded = windowSum(volumes, n);
  return windowSum(parts, n).map((sum, i) => (traded[i] > 0 ? sum / traded[i] : Number.NaN));
}

/**
 * Linearly weighted sum of the last `n` values, weight 1 for the oldest and n for the newest, NaN before there are n.
 * The same blocks: appending a head moves the weights of the head up by the length of the tail.
 */
export function windowWeightedSum(values: Float64Array, n: number): Float64Array {
  const { length } = values;
  const sums = new Float64Array(length).fill(Number.NaN);
  if (n > length) return sums;
  const tails = new Float64Array(n + 1);
  for (let start = 0; start < length; start += n) {
    let head = 0;
    let weighted = 0;
    const end = Math.min(start + n, length);
    for (let i = start; i < end; i++) {
      const place = i - start + 1;
      head += values[i];
      weighted += values[i] * place;
      if (i >= n - 1) sums[i] = place === n ? weighted : tails[place] + weighted + (n - place) * head;
    }
    // A tail's own weights start at 1, so that putting an older value in front adds one to each of the others.
    tails[n] = 0;
    let tail = 0;
    for (let k = n - 1; k > 0 && end === start + n; k--) {
      tails[k] = tails[k + 1] + tail + values[start + k];
      tail += values[start + k];
    }
  }
  return sums;
}
