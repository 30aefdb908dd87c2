import { DAY, HOUR, type Timeframe } from '../../market/bars.ts';
import type { Calendar } from '../../strategy/definition.ts';
import type { ClosedBar, Now, OrderOptions, Protection } from '../../strategy/now.ts';
import { ACTION } from '../orders/decisions.ts';
import type { Desk } from '../orders/desk.ts';
import { renew, termsOf } from '../orders/orders.ts';
import { request } from '../orders/requests.ts';
import { type Frame, timeframeFor } from './frames.ts';
import type { Prepared } from './prepare.ts';

/** The `now` of strategies with the same indicator names and the engine's handles on it. One object for all bars, symbols and simulations. */
export interface View {
  readonly now: Now;
  readonly cursor: { index: number };
  readonly ahead: Ahead;
  /** One symbol of one simulation as `show` wants it. */
  place(desk: Desk, prepared: Prepared, columns: Readonly<Record<string, Float64Array>>): Place;
  /** Shows a symbol from here on, at the bar that it decides on. */
  show(place: Place): void;
}

/** Calls of decide() ahead of their time: what they ask for is not carried out, only counted, and so is a look at the account. */
export interface Ahead {
  on: boolean;
  asked: number;
}

/** One symbol that can be shown: its columns are in the order of the view. */
export interface Place {
  readonly desk: Desk;
  readonly prepared: Prepared;
  readonly values: readonly Float64Array[];
}

interface Slot {
  values: Float64Array;
}

const PRICES = ['open', 'high', 'low', 'close', 'volume'] as const;
const TIMED = [...PRICES, 'time'] as const;
const TAKEN: ReadonlySet<string> = new Set([
  ...TIMED,
  ...['hour', 'weekday', 'symbol', 'position', 'weight', 'equity', 'entryPrice', 'barsHeld', 'working'],
  ...['tf', 'ago', 'target', 'order', 'protect', 'flat', 'cancel'],
]);

/** More than any honest decision asks for. */
const MOST_ASKED = 1000;

const views = new Map<string, View>();

/**
 * The view for a strategy with these indicators. It is shared by all simulations of the process, one after the other: a new
 * object for each would throw away what the JIT has learnt about it, which costs a sweep more than the simulations. `turning`: it is shown
 * another symbol at nearly every decision, which is then one write and each look one read more.
 */
export function viewOf(names: readonly string[], calendar?: Calendar, turning = false): View {
  const key = [calendar, turning, ...names].join('\n');
  const before = views.get(key);
  if (before) return before;
  const view = createView(names, calendar, turning);
  views.set(key, view);
  return view;
}

function createView(names: readonly string[], calendar: Calendar | undefined, turning: boolean): View {
  const barColumns = barColumnsOf(calendar);
  for (const name of names.map((each) => each.split('.')[0])) {
    if (TAKEN.has(name)) throw new TypeError(`an indicator cannot be called "${name}": now.${name} is something else`);
  }
  const cursor = { index: 0 };
  const ahead: Ahead = { on: false, asked: 0 };
  const ask = (action: number, weight: number, options: OrderOptions | undefined): void => {
    if (!ahead.on) {
      const terms = termsOf(options);
      renew(state.desk.draft, terms);
      request(state.desk, action, weight);
      return;
    }
    ahead.asked += 1;
    // It may be waiting for what it has asked for.
    if (ahead.asked > MOST_ASKED) throw new Error('asked too much ahead of its time');
  };
  const columnNames: readonly string[] = [...barColumns, ...names];
  const slots = columnNames.map((): Slot => ({ values: new Float64Array(0) }));
  const groups = new Map<string, Record<string, unknown>>();
  const state = {
    desk: undefined as unknown as Desk,
    prepared: undefined as unknown as Prepared,
    values: [] as readonly Float64Array[],
  };
  const reader = (index: number) => {
    if (turning) return () => state.values[index][cursor.index];
    const slot = slots[index];
    return () => slot.values[cursor.index];
  };
  // Not a null prototype: V8 would keep it as a dictionary and never inline a getter.
  const now: Record<string, unknown> = {};
  for (const [index, name] of columnNames.entries()) {
    const [group, part] = name.split('.');
    if (part === undefined) getter(now, name, reader(index));
    else {
      const parts = groups.get(group) ?? {};
      groups.set(group, parts);
      getter(parts, part, reader(index));
    }
  }
  for (const [group, parts] of groups)
    Object.defineProperty(now, group, { value: Object.freeze(parts), enumerable: true });
  if (calendar !== 'none') {
    const closed = () => state.desk.frame.time[cursor.index];
    getter(now, 'hour', () => Math.floor(closed() / HOUR) % 24);
    getter(now, 'weekday', () => (Math.floor(closed() / DAY) + 4) % 7);
  }
  getter(now, 'symbol', () => state.desk.symbol);
  getter(now, 'position', () => state.desk.position);
  getter(now, 'equity', () => {
    ahead.asked += 1;
    return state.desk.account.equity();
  });
  getter(now, 'weight', () => {
    if (state.desk.position !== 0) ahead.asked += 1;
    return weightOf(state.desk);
  });
  getter(now, 'entryPrice', () => entryPriceOf(state.desk));
  getter(now, 'barsHeld', () => barsHeldOf(state.desk));
  getter(now, 'working', () => state.desk.waiting());
  const frames = higherFrames(state, cursor, barColumns);
  const valuesOf = (name: string) => state.values[columnNames.indexOf(name)];
  const methods = {
    ago: (name: string, bars: number) => valueAgo(valuesOf(name), columnNames, cursor.index, name, bars),
    tf: (timeframe: Timeframe) => frames(timeframe),
    target: (weight: number, options?: OrderOptions) => ask(ACTION.target, weight, options),
    order: (change: number, options?: OrderOptions) => ask(ACTION.order, change, options),
    protect: (levels: Protection) => ask(ACTION.protect, 0, levels),
    flat: () => ask(ACTION.flat, 0, undefined),
    cancel: () => ask(ACTION.cancel, 0, undefined),
  };
  for (const [name, method] of Object.entries(methods)) {
    Object.freeze(method);
    Object.defineProperty(now, name, { value: method, enumerable: true });
  }
  return {
    now: Object.freeze(now) as unknown as Now,
    cursor,
    ahead,
    place: (desk, prepared, columns) => {
      const values = [...barColumns.map((name) => desk.frame[name]), ...names.map((name) => columns[name])];
      return { desk, prepared, values };
    },
    show({ desk, prepared, values }) {
      state.desk = desk;
      state.prepared = prepared;
      state.values = values;
      cursor.index = desk.decision;
      if (!turning) for (let i = 0; i < slots.length; i++) slots[i].values = values[i];
    },
  };
}

/** The columns of a bar that are shown: its time to trusted code in this process alone. */
export function barColumnsOf(calendar: Calendar | undefined): readonly (typeof TIMED)[number][] {
  return calendar === undefined ? TIMED : PRICES;
}

function getter(object: Record<string, unknown>, name: string, get: () => unknown): void {
  Object.defineProperty(object, name, { get: Object.freeze(get), enumerable: true });
}

export function weightOf(desk: Desk): number {
  if (desk.position === 0) return 0;
  return (desk.position * desk.mark() * desk.account.shares) / desk.account.equity();
}

export function entryPriceOf(desk: Desk): number {
  return desk.position === 0 ? Number.NaN : desk.entryValue / desk.entryQuantity;
}

/** An order decided on bar k fills in bar k + 1 at the earliest, which is the first bar held: 0. */
export function barsHeldOf(desk: Desk): number {
  return desk.position === 0 ? 0 : Math.max(0, desk.decision - desk.openedDecision - 1);
}

/** The value of a named column `bars` closed bars before bar `index`. */
export function valueAgo(
  values: Float64Array | undefined,
  names: Iterable<string>,
  index: number,
  name: string,
  bars: number,
): number {
  if (values === undefined) throw new TypeError(`now.ago: there is no "${name}"; expected ${[...names].join(', ')}`);
  if (!(bars >= 0) || Math.floor(bars) !== bars) {
    throw new RangeError(`now.ago('${name}', ${bars}): expected a whole number of closed bars, 0 or more`);
  }
  return bars <= index ? values[index - bars] : Number.NaN;
}

/** Views of other timeframes, made when first asked for: the last bar of each that has closed by now. */
export function higherFrames(
  state: { readonly desk: Desk; readonly prepared: Prepared },
  cursor: { readonly index: number },
  columns: readonly (typeof TIMED)[number][],
) {
  const made = new Map<Timeframe, ClosedBar>();
  return (given: Timeframe): ClosedBar => {
    const before = made.get(given);
    if (before) return before;
    const timeframe = timeframeFor('now.tf', given);
    const bar: Record<string, unknown> = {};
    const seen = {} as { frame: Frame; at: Int32Array; other: Frame };
    for (const column of columns) {
      getter(bar, column, () => {
        // Looked up once a symbol or simulation, not once a bar.
        if (seen.frame !== state.desk.frame) {
          seen.frame = state.desk.frame;
          seen.at = state.prepared.aligned(seen.frame.timeframe, timeframe);
          seen.other = state.prepared.frame(timeframe);
        }
        const at = cursor.index < 0 ? -1 : seen.at[cursor.index];
        return at < 0 ? Number.NaN : seen.other[column][at];
      });
    }
    const view = Object.freeze(bar) as unknown as ClosedBar;
    made.set(timeframe, view);
    return view;
  };
}
