import { sha256 } from '../../base/hash.ts';
import { DAY, HOUR } from '../../market/bars.ts';
import type { SymbolView, UniverseNow } from '../../strategy/universe.ts';
import type { Account } from '../account/account.ts';
import type { Run } from '../run.ts';
import { columnNames, memberMaker, seal } from './member.ts';
import type { Seat } from './seat.ts';

/** A universe while it is played: the engine's side of `now`. */
interface Room {
  readonly account: Account;
  readonly symbols: readonly SymbolView[];
}

const token = Symbol('universe');
let roomOf: (now: Universe) => Room;

/** What decide() is given. Its parts are looked up when they are asked for. */
class Universe implements UniverseNow {
  readonly #room: Room;

  constructor(key: symbol, room: Room) {
    if (key !== token) throw new TypeError('a universe is made by the engine');
    this.#room = room;
    Object.freeze(this);
  }

  static {
    roomOf = (now) => now.#room;
  }

  get symbols(): readonly SymbolView[] {
    return this.#room.symbols;
  }

  get cash(): number {
    return this.#room.account.cash;
  }

  get equity(): number {
    return this.#room.account.equity();
  }

  get gross(): number {
    const { account } = this.#room;
    return account.desks.reduce((sum, desk) => sum + Math.abs(worthOf(desk)), 0) / account.equity();
  }

  get net(): number {
    const { account } = this.#room;
    return account.desks.reduce((sum, desk) => sum + worthOf(desk), 0) / account.equity();
  }

  of(name: string): SymbolView {
    const { symbols, account } = this.#room;
    account.log?.named.add(name);
    const found = symbols.find((each) => each.name === name);
    if (found) return found;
    const known = symbols.map((each) => each.name).join(', ');
    throw new TypeError(`now.of('${name}'): expected a symbol of this universe: ${known}`);
  }
}

/** The same with the hour and the weekday of the moment. */
class SeasonalUniverse extends Universe {
  get hour(): number {
    return Math.floor(momentOf(this) / HOUR) % 24;
  }

  get weekday(): number {
    return (Math.floor(momentOf(this) / DAY) + 4) % 7;
  }
}

for (const { prototype } of [Universe, SeasonalUniverse]) seal(prototype);

function momentOf(now: Universe): number {
  return roomOf(now).account.moment!;
}

function worthOf(desk: Account['desks'][number]): number {
  return desk.position === 0 ? 0 : desk.position * desk.mark();
}

/** The seats of a run's symbols in their own order, and the `now` that shows them. */
export function openUniverse(run: Run, ask: Seat['ask']): { seats: readonly Seat[]; now: UniverseNow } {
  const { calendar } = run.strategy;
  const names = Object.keys(run.columns[0]);
  const handles = run.anonymous ? handlesOf(run.desks.map(({ symbol }) => symbol)) : undefined;
  const seats = run.desks.map((desk, s): Seat => {
    const name = handles?.get(desk.symbol) ?? desk.symbol;
    return { desk, prepared: run.symbols[s], ask, name, columns: columnsFor(run, s), live: false, ready: false };
  });
  const make = memberMaker(names, calendar);
  const shown = handles ? seats.toSorted((a, b) => (a.name < b.name ? -1 : 1)) : seats;
  const room = { account: run.account, symbols: Object.freeze(shown.map(make)) };
  const now = calendar === 'none' ? new Universe(token, room) : new SeasonalUniverse(token, room);
  return { seats, now };
}

/** Bar columns and indicators of a symbol under the act being played, in the order of the view's names. */
export function columnsFor({ desks, columns, strategy }: Run, s: number): readonly Float64Array[] {
  const names = Object.keys(columns[s]);
  const bars = columnNames([], strategy.calendar) as readonly ('open' | 'close' | 'time')[];
  return [...bars.map((name) => desks[s].frame[name]), ...names.map((name) => columns[s][name])];
}

/** Handles whose order says nothing of the names: that of their hashes. */
function handlesOf(symbols: readonly string[]): Map<string, string> {
  const order = symbols.map((symbol) => [sha256(`handle of ${symbol}`), symbol]).sort(([a], [b]) => (a < b ? -1 : 1));
  return new Map(order.map(([, symbol], k) => [symbol, `S${String(k + 1).padStart(2, '0')}`]));
}
