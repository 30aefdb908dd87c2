/**
 * Mean and sum of squared deviations of the last n values at each index, NaN before there are n; O(length). Tail and head of two blocks (see windowSum) are merged by the pairwise
 * formula of Chan, Golub and LeVeque (1979), so that a small variance on a large price does not drown in cancellation.
 */
export function windowMoments(values: Float64Array, n: number) {
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

/** Sums of squared deviations and of their products over the last n pairs at each index, NaN before there are n; O(length): tails and heads of blocks merged pairwise, as in windowMoments. */
export function windowComoments(x: Float64Array, y: Float64Array, n: number) {
  const { length } = x;
  const made = [0, 1, 2].map(() => new Float64Array(length).fill(Number.NaN));
  const [xx, xy, yy] = made;
  if (n > length) return { xx, xy, yy };
  const tails = Array.from({ length: n }, () => new Pairs());
  const [head, tail] = [new Pairs(), new Pairs()];
  for (let start = 0; start < length; start += n) {
    const end = Math.min(start + n, length);
    head.clear();
    for (let i = start; i < end; i++) {
      head.add(x[i], y[i]);
      if (i < n - 1) continue;
      const place = i - start + 1;
      const before = tails[place === n ? 0 : place];
      const weight = place === n ? 0 : (place * (n - place)) / n;
      const [gapX, gapY] = [head.meanX - before.meanX, head.meanY - before.meanY];
      xx[i] = place === n ? head.xx : before.xx + head.xx + gapX * gapX * weight;
      xy[i] = place === n ? head.xy : before.xy + head.xy + gapX * gapY * weight;
      yy[i] = place === n ? head.yy : before.yy + head.yy + gapY * gapY * weight;
    }
    tail.clear();
    for (let k = n - 1; k > 0 && end === start + n; k--) {
      tail.add(x[start + k], y[start + k]);
      tails[k].copy(tail);
    }
  }
  return { xx, xy, yy };
}

/** Running means and comoments of pairs (Welford 1962). */
class Pairs {
  count = 0;
  meanX = 0;
  meanY = 0;
  xx = 0;
  xy = 0;
  yy = 0;

  add(x: number, y: number): void {
    this.count += 1;
    const dx = x - this.meanX;
    const dy = y - this.meanY;
    this.meanX += dx / this.count;
    this.meanY += dy / this.count;
    this.xx += dx * (x - this.meanX);
    this.xy += dx * (y - this.meanY);
    this.yy += dy * (y - this.meanY);
  }

  clear(): void {
    this.count = this.meanX = this.meanY = this.xx = this.xy = this.yy = 0;
  }

  copy(other: Pairs): void {
    this.count = other.count;
    this.meanX = other.meanX;
    this.meanY = other.meanY;
    this.xx = other.xx;
    this.xy = other.xy;
    this.yy = other.yy;
  }
}
