/** Mean and sum of squared deviations of the last n values at each index; NaN before there are n. */
export interface WindowMoments {
  readonly mean: Float64Array;
  readonly squares: Float64Array;
}

/**
 * Windowed mean and squared deviations, O(length). Tail and head of two blocks (see windowSum) are merged by the pairwise
 * formula of Chan, Golub and LeVeque (1979), so that a small variance on a large price does not drown in cancellation.
 */
export function windowMoments(values: Float64Array, n: number): WindowMoments {
  const { length } = values;
  const mean = new Float64Array(length).fill(Number.NaN);
  const squares = new Float64Array(length).fill(Number.NaN);
  if (n > length) return { mean, squares };
  const tailMean = new Float64Array(n);
  const tailSquares = new Float64Array(n);
  for (let start = 0; start < length; start += n) {
    let [m, s] = [0, 0];
    const end = Math.min(start + n, length);
    for (let i = start; i < end; i++) {
      const place = i - start + 1;
      const d = values[i] - m;
      m += d / place;
      s += d * (values[i] - m);
      if (i < n - 1) continue;
      if (place === n) {
        mean[i] = m;
        squares[i] = s;
        continue;
      }
      const gap = m - tailMean[place];
      mean[i] = tailMean[place] + (gap * place) / n;
      squares[i] = tailSquares[place] + s + (gap * gap * place * (n - place)) / n;
    }
    [m, s] = [0, 0];
    for (let k = n - 1; k > 0 && end === start + n; k--) {
      const value = values[start + k];
      const d = value - m;
      m += d / (n - k);
      s += d * (value - m);
      tailMean[k] = m;
      tailSquares[k] = s;
    }
  }
  return { mean, squares };
}
