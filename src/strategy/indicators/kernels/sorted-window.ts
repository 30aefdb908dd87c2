const NAME = String.raw`([A-Za-z_$][\w$]*)`;
/** `(w) => w.sort((a, b) => a - b)[10]`, also of a copy; the place a number, or the middle. */
const ONE = new RegExp(
  String.raw`^\(?${NAME}\)? => (?:\[\.\.\.\1\]|\1(?:\.slice\(\))?)\.(?:sort|toSorted)\(\(${NAME}, ${NAME}\) => \2 - \3\)\[(\d+|Math\.floor\(\1\.length / 2\)|\1\.length >> 1)\]$`,
);
/** The same in two lines: `const s = [...w].sort((a, b) => a - b); return s[Math.floor(s.length / 2)];` */
const TWO = new RegExp(
  String.raw`^\(?${NAME}\)? => \{ const ${NAME} = (?:\[\.\.\.\1\]|\1(?:\.slice\(\))?)\.(?:sort|toSorted)\(\(${NAME}, ${NAME}\) => \3 - \4\); return \2\[(\d+|Math\.floor\((?:\1|\2)\.length / 2\)|(?:\1|\2)\.length >> 1)\]; \}$`,
);

const source = Function.prototype.toString;

/**
 * What a callback of `rolling` makes that sorts its window and takes one place, worked out by a window that is kept in order; undefined for any
 * other callback. Its own text says so, word for word, and arrays and Math are the language's. Where the order of values leaves doubt
 * (zeros of both signs, NaN, infinities) the callback itself is asked.
 */
export function orderOf(
  f: (...windows: number[][]) => number,
  columns: readonly Float64Array[],
  n: number,
): ((index: number) => number) | undefined {
  const [column] = columns;
  if (columns.length !== 1 || n > column.length) return undefined;
  const place = placeOf(f, n);
  if (place === undefined || place >= n) return undefined;
  const window = new SortedWindow(n);
  let odd = 0;
  let next = 0;
  const take = (value: number, change: 1 | -1) => {
    if (value === 0 || !Number.isFinite(value)) odd += change;
    if (change > 0) window.add(value);
    else window.remove(value);
  };
  return (i) => {
    // Bars are asked for in order, each once.
    if (i !== next && next !== 0) throw new RangeError('rolling: expected the next bar');
    for (; next <= i; next++) {
      if (next >= n) take(column[next - n], -1);
      take(column[next], 1);
    }
    return odd > 0 ? f(Array.from(column.subarray(i - n + 1, i + 1))) : window.at(place);
  };
}

function placeOf(f: unknown, n: number): number | undefined {
  const text = Reflect.apply(source, f, []).replaceAll(/\s+/g, ' ');
  const found = ONE.exec(text)?.[4] ?? TWO.exec(text)?.[5];
  if (found === undefined) return undefined;
  return /^\d+$/.test(found) ? Number(found) : n >> 1;
}

/** A window of numbers kept in order: binary search to find a place, one block move to make room. NaN is only counted. */
export class SortedWindow {
  /** NaN values inside. */
  missing = 0;
  #length = 0;
  readonly #sorted: Float64Array;

  constructor(capacity: number) {
    this.#sorted = new Float64Array(capacity + 1);
  }

  add(value: number): void {
    if (Number.isNaN(value)) {
      this.missing += 1;
      return;
    }
    const at = this.countUpTo(value);
    this.#sorted.copyWithin(at + 1, at, this.#length);
    this.#sorted[at] = value;
    this.#length += 1;
  }

  /** Removes one value that was added before. */
  remove(value: number): void {
    if (Number.isNaN(value)) {
      this.missing -= 1;
      return;
    }
    const at = this.countUpTo(value);
    this.#sorted.copyWithin(at - 1, at, this.#length);
    this.#length -= 1;
  }

  /** How many values are not above this one; NaN for NaN. */
  countUpTo(value: number): number {
    if (Number.isNaN(value)) return value;
    let [low, high] = [0, this.#length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#sorted[middle] <= value) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The value at a place in the order from 0, linear between whole places. */
  at(place: number): number {
    const below = Math.floor(place);
    const value = this.#sorted[below];
    return below === place ? value : value + (place - below) * (this.#sorted[below + 1] - value);
  }
}
