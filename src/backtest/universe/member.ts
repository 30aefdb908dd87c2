import type { Timeframe } from '../../market/bars.ts';
import type { Calendar } from '../../strategy/definition.ts';
import type { OrderOptions, Protection } from '../../strategy/now.ts';
import type { SymbolView } from '../../strategy/universe.ts';
import { ACTION } from '../orders/decisions.ts';
import { barColumnsOf, barsHeldOf, entryPriceOf, higherFrames, valueAgo, weightOf } from '../view/view.ts';
import type { Seat } from './seat.ts';

const token = Symbol('member');
let seatOf: (view: Member) => Seat;

/** Hides the seat from the candidate; what it can see and do is defined on the classes made of it. */
class Member {
  readonly #seat: Seat;

  constructor(key: symbol, seat: Seat) {
    if (key !== token) throw new TypeError('the symbols of a universe are made by the engine');
    this.#seat = seat;
    Object.freeze(this);
  }

  static {
    seatOf = (view) => view.#seat;
  }
}
seal(Member.prototype);

const TAKEN = `name live position weight entryPrice barsHeld working target order protect flat cancel tf ago`.split(
  ' ',
);

const makers = new Map<string, (seat: Seat) => SymbolView>();

/**
 * Makes the views of symbols whose strategy has these indicators. All share one class, kept for the life of the process, so that a look at
 * `close` of any of them is the same code.
 */
export function memberMaker(names: readonly string[], calendar?: Calendar): (seat: Seat) => SymbolView {
  const key = [calendar, ...names].join('\n');
  const made = makers.get(key) ?? createMaker(names, calendar);
  makers.set(key, made);
  return made;
}

/** The columns of a view in the order of its names. */
export function columnNames(names: readonly string[], calendar?: Calendar): readonly string[] {
  return [...barColumnsOf(calendar), ...names];
}

function createMaker(names: readonly string[], calendar: Calendar | undefined): (seat: Seat) => SymbolView {
  const columns = columnNames(names, calendar);
  const View = class extends Member {};
  const { prototype } = View;
  const get = (name: string, read: (seat: Seat) => unknown) =>
    Object.defineProperty(prototype, name, {
      get(this: Member) {
        return read(seatOf(this));
      },
      enumerable: true,
    });
  const groups = new Map<string, [part: string, index: number][]>();
  for (const [index, name] of columns.entries()) {
    const [group, part] = name.split('.');
    if (TAKEN.includes(group)) {
      throw new TypeError(`an indicator cannot be called "${group}": ${group} of a symbol is something else`);
    }
    if (part !== undefined) groups.set(group, [...(groups.get(group) ?? []), [part, index]]);
    else
      Object.defineProperty(prototype, name, {
        get(this: Member) {
          const { desk, columns: values } = seatOf(this);
          return desk.decision < 0 ? Number.NaN : values[index][desk.decision];
        },
        enumerable: true,
      });
  }
  for (const [group, parts] of groups) get(group, (seat) => partsOf(seat, parts));
  get('name', ({ name }) => name);
  get('live', ({ live }) => live);
  get('position', ({ desk }) => desk.position);
  get('weight', ({ desk }) => weightOf(desk));
  get('entryPrice', ({ desk }) => entryPriceOf(desk));
  get('barsHeld', ({ desk }) => barsHeldOf(desk));
  get('working', ({ desk }) => (desk.decision < 0 ? 0 : desk.waiting()));
  const methods: Record<string, (seat: Seat, a: never, b: never) => unknown> = {
    ago: ({ columns: values, desk }, name: string, bars: number) =>
      valueAgo(values[columns.indexOf(name)], columns, desk.decision, name, bars),
    tf: (seat, timeframe: Timeframe) => framesOf(seat, calendar)(timeframe),
    target: (seat, weight: number, options?: OrderOptions) => seat.ask(seat, ACTION.target, weight, options),
    order: (seat, change: number, options?: OrderOptions) => seat.ask(seat, ACTION.order, change, options),
    protect: (seat, levels: Protection) => seat.ask(seat, ACTION.protect, 0, levels),
    flat: (seat) => seat.ask(seat, ACTION.flat, 0, undefined),
    cancel: (seat) => seat.ask(seat, ACTION.cancel, 0, undefined),
  };
  for (const [name, method] of Object.entries(methods)) {
    Object.defineProperty(prototype, name, {
      value(this: Member, a: never, b: never) {
        return method(seatOf(this), a, b);
      },
      enumerable: true,
    });
  }
  seal(prototype);
  return (seat) => new View(token, seat) as unknown as SymbolView;
}

function partsOf({ desk, columns }: Seat, parts: readonly [part: string, index: number][]): object {
  const at = desk.decision;
  const values = parts.map(([part, index]) => [part, at < 0 ? Number.NaN : columns[index][at]]);
  return Object.freeze(Object.fromEntries(values));
}

const frames = new WeakMap<Seat, ReturnType<typeof higherFrames>>();

function framesOf(seat: Seat, calendar: Calendar | undefined): ReturnType<typeof higherFrames> {
  const cursor = {
    get index() {
      return seat.desk.decision;
    },
  };
  const made = frames.get(seat) ?? higherFrames(seat, cursor, barColumnsOf(calendar));
  frames.set(seat, made);
  return made;
}

/** A function is a place to keep things from one simulation to the next, and a constructor one to make views with. */
export function seal(prototype: object): void {
  Reflect.deleteProperty(prototype, 'constructor');
  for (const { get, value } of Object.values(Object.getOwnPropertyDescriptors(prototype))) Object.freeze(get ?? value);
  Object.freeze(prototype);
}
