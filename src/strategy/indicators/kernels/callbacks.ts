/**
 * Loops over columns for each number of series: a call that spreads its arguments costs more than most callbacks. Every loop calls back in the
 * same order with the same arguments as the last of its kind, which serves any number of series.
 */
type Step<S> = (state: S, ...values: number[]) => S;

/**
 * A callback once more as a loop over whole columns, which makes the same numbers: `start` is the state that a scan begins with, or the length of a
 * window. Throws where it is not sure.
 */
export type Loop = (made: Float64Array, start: unknown, ...columns: Float64Array[]) => void;

/** Whether a loop filled `made`; if not, what stands there means nothing. */
export function filledBy(loop: Loop | undefined, made: Float64Array, start: unknown, columns: readonly Float64Array[]) {
  // A callback may ask for more series than it is given.
  if (!loop || loop.length > 2 + columns.length) return false;
  try {
    loop(made, start, ...columns);
    return true;
  } catch {
    return false;
  }
}

/** Fills `made` with what `scan` makes of the columns. */
export function scanInto<S>(
  made: Float64Array,
  columns: readonly Float64Array[],
  init: S,
  step: Step<S>,
  output: ((state: S) => number) | undefined,
): void {
  const [a, b, c] = columns;
  if (output === undefined && typeof init === 'number' && columns.length === 1) {
    scanNumbers(made, a, init, step as unknown as Step<number>);
    return;
  }
  let state = init;
  const put = (i: number) => {
    made[i] = output ? output(state) : Number(state);
  };
  if (columns.length === 1) {
    for (let i = 0; i < made.length; i++) {
      state = step(state, a[i]);
      put(i);
    }
  } else if (columns.length === 2) {
    for (let i = 0; i < made.length; i++) {
      state = step(state, a[i], b[i]);
      put(i);
    }
  } else if (columns.length === 3) {
    for (let i = 0; i < made.length; i++) {
      state = step(state, a[i], b[i], c[i]);
      put(i);
    }
  } else {
    for (let i = 0; i < made.length; i++) {
      state = step(state, ...columns.map((column) => column[i]));
      put(i);
    }
  }
}

/** One series and a state that is a number: it need not be put in an object of its own. */
function scanNumbers(made: Float64Array, column: Float64Array, init: number, step: Step<number>): void {
  let state = init;
  for (let i = 0; i < made.length; i++) {
    const next: unknown = step(state, column[i]);
    if (typeof next !== 'number') {
      scanRest(made, column, i, next as number, step);
      return;
    }
    state = next;
    made[i] = next;
  }
}

/** From a bar on whose state, already made, is no number. */
function scanRest(made: Float64Array, column: Float64Array, from: number, first: number, step: Step<number>): void {
  let state = first;
  made[from] = Number(state);
  for (let i = from + 1; i < made.length; i++) {
    state = step(state, column[i]);
    made[i] = Number(state);
  }
}

/** A callback of the values of one bar, for each number of series. */
export function atBar(columns: readonly Float64Array[], f: (...values: number[]) => number): (index: number) => number {
  const [a, b, c] = columns;
  if (columns.length === 1) return (i) => f(a[i]);
  if (columns.length === 2) return (i) => f(a[i], b[i]);
  if (columns.length === 3) return (i) => f(a[i], b[i], c[i]);
  return (i) => f(...columns.map((column) => column[i]));
}

/** A callback of the last `n` values at a bar that has as many. `reuse`: it is known to change and keep none of its windows. */
export function atWindow(
  columns: readonly Float64Array[],
  n: number,
  f: (...windows: number[][]) => number,
  reuse: boolean,
): (index: number) => number {
  const blank: number[] = [];
  for (let k = 0; k < n && columns[0] && n <= columns[0].length; k++) blank.push(0.5);
  if (columns.length === 1) {
    const [column] = columns;
    const own = blank.slice();
    return (i) => f(fill(reuse ? own : blank.slice(), column, i - n + 1));
  }
  return (i) => f(...columns.map((column) => fill(blank.slice(), column, i - n + 1)));
}

function fill(window: number[], column: Float64Array, from: number): number[] {
  for (let k = 0; k < window.length; k++) window[k] = column[from + k];
  return window;
}
