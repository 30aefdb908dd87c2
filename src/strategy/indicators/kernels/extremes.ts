/** Largest of the last `n` values, NaN before there are n or when one of them is NaN. O(length), see windowSum. */
export function windowMax(values: Float64Array, n: number): Float64Array {
  return windowExtreme(values, n, 1);
}

/** Smallest of the last `n` values, NaN before there are n or when one of them is NaN. O(length), see windowSum. */
export function windowMin(values: Float64Array, n: number): Float64Array {
  return windowExtreme(values, n, -1);
}

function windowExtreme(values: Float64Array, n: number, sign: 1 | -1): Float64Array {
  const { length } = values;
  const found = new Float64Array(length).fill(Number.NaN);
  if (n > length) return found;
  const tails = new Float64Array(n + 1);
  for (let start = 0; start < length; start += n) {
    const end = Math.min(start + n, length);
    let head = values[start];
    for (let i = start; i < end; i++) {
      head = further(head, values[i], sign);
      if (i >= n - 1) found[i] = i === start + n - 1 ? head : further(tails[i - start + 1], head, sign);
    }
    if (end < start + n) break;
    let tail = values[end - 1];
    for (let k = n - 1; k > 0; k--) {
      tail = further(tail, values[start + k], sign);
      tails[k] = tail;
    }
  }
  return found;
}

/** NaN wins and stays. Math.max would do, but not as a function that is handed in: that is several times slower. */
function further(a: number, b: number, sign: 1 | -1): number {
  return sign * b > sign * a || Number.isNaN(b) ? b : a;
}

/** Bars since the largest (sign 1) or smallest (sign -1) of the last `n` values; the latest of equals. A monotonic queue, O(length). */
export function barsSinceExtreme(values: Float64Array, n: number, sign: 1 | -1): Float64Array {
  const { length } = values;
  const since = new Float64Array(length).fill(Number.NaN);
  const queue = new Int32Array(length);
  let [first, last, broken] = [0, 0, -1];
  for (let i = 0; i < length; i++) {
    const value = values[i] * sign;
    if (Number.isNaN(value)) {
      broken = i;
      first = last;
      continue;
    }
    while (last > first && values[queue[last - 1]] * sign <= value) last -= 1;
    queue[last++] = i;
    while (queue[first] <= i - n) first += 1;
    if (i - n >= broken && i >= n - 1) since[i] = i - queue[first];
  }
  return since;
}
