import { type Bars, TIMEFRAMES, type Timeframe } from '../../../market/bars.ts';
import type { Prepared } from '../../view/prepare.ts';
import { areTrusted, recordCustoms, type Stepper, verifyCustoms } from './customs.ts';
import { firstOtherValue } from './difference.ts';
import { moment } from './moment.ts';
import type { Columns, Player } from './replay.ts';

/** A value that knew the future: when, and what to say. */
export interface Foreseen {
  readonly time: number;
  readonly message: string;
}

/** The indicators of a candidate; `foreseen`: they are not to be used. */
export interface ProvenColumns {
  readonly columns: Columns;
  /** Callbacks of the candidate made some of them. */
  readonly custom: boolean;
  /** What callbacks that are pure by their text made, for these indicators alone. */
  readonly made?: readonly Float64Array[];
  readonly foreseen?: Foreseen;
}

/**
 * The indicators of a candidate, and the first value of a custom one that its callback gives only when some callback was
 * shown a later bar. Whole series are shown to one callback after the other; then all of them, of all symbols, advance
 * together from bar to bar over the values that the first computation made, so that at no bar any of them has met
 * a later one: every bar is a cut. By induction, values that agree at every bar owe nothing to the future. Callbacks whose text was
 * found to be pure when the file was compiled need none of it.
 */
export function provenColumns(
  player: Player,
  bars: readonly Bars[],
  symbols: readonly Prepared[],
  timeframe: Timeframe,
): ProvenColumns {
  const { value: columns, made } = recordCustoms(() => player.columns(bars));
  if (made.length === 0) return { columns, custom: false };
  if (areTrusted()) return { columns, custom: true, made };
  const time = firstForeseen(made, columns, symbols, timeframe, (after) => player.columns(bars, after));
  if (time === undefined) return { columns, custom: true };
  const value = `the value of a custom indicator at ${moment(time)}`;
  return {
    columns,
    custom: true,
    foreseen: { time, message: `${value} is another one before its callbacks meet later bars: it uses the future` },
  };
}

function firstForeseen(
  made: readonly Float64Array[],
  truth: Columns,
  symbols: readonly Prepared[],
  timeframe: Timeframe,
  compute: (after: (symbol: number) => void) => Columns,
): number | undefined {
  // A symbol may have no bars at all.
  const start = symbols.map((each) => each.frame(timeframe).time).find(({ length }) => length > 0)?.[0] ?? 0;
  try {
    const closes: Float64Array[] = [];
    const { value, steppers } = verifyCustoms(made, (used) =>
      compute((symbol) => {
        while (closes.length < used.length) {
          closes.push(closesOf(symbols[symbol], timeframe, used[closes.length].recorded.length));
        }
      }),
    );
    return value.every((columns, i) => same(columns, truth[i])) ? advance(steppers, closes) : start;
  } catch {
    // It fails, or does something else, while its callbacks have not run: it waits for what they would have kept.
    return start;
  }
}

/** The closes of the timeframe whose bars a series of this length has; the strategy's own first. */
function closesOf(prepared: Prepared, own: Timeframe, length: number): Float64Array {
  for (const timeframe of [own, ...TIMEFRAMES]) {
    const { time } = prepared.frame(timeframe);
    if (time.length === length) return time;
  }
  throw new RangeError('a series of no timeframe');
}

function same(columns: Columns[number], truth: Columns[number]): boolean {
  const names = Object.keys(truth);
  if (names.join() !== Object.keys(columns).join()) return false;
  return names.every((name) => firstOtherValue(truth[name], columns[name], truth[name].length) < 0);
}

/** Steps everything whose bar closes next, in the order of first use; the time of the first value that differs. */
function advance(steppers: readonly Stepper[], closes: readonly Float64Array[]): number | undefined {
  const at = new Int32Array(steppers.length);
  for (;;) {
    let next = Infinity;
    for (let k = 0; k < at.length; k++) {
      const time = at[k] < closes[k].length ? closes[k][at[k]] : Infinity;
      if (time < next) next = time;
    }
    if (next === Infinity) return undefined;
    for (let k = 0; k < at.length; k++) {
      if (closes[k][at[k]] !== next) continue;
      const { recorded, step } = steppers[k];
      if (!Object.is(step(at[k]), recorded[at[k]])) return next;
      at[k] += 1;
    }
  }
}
