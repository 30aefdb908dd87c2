import { mixed, textHash } from '../../base/random.ts';
import { MINUTE } from '../../market/bars.ts';
import type { DecisionLog } from '../orders/decisions.ts';
import { Ledger } from './ledger.ts';
import type { Variation } from './variation.ts';

/** What the account needs to know of one symbol's position. */
export interface Holding {
  readonly index: number;
  readonly position: number;
  /** Close of the last decision bar. */
  mark(): number;
}

/** Positions of several symbols and their last 1-minute prices, side by side: a look at a desk follows two pointers for every number. */
export interface Positions {
  readonly position: Float64Array;
  readonly last: Float64Array;
  /** How many are held short. */
  readonly shorts: number;
}

/** The money of one simulation, shared by the desks of all its symbols. */
export class Account {
  readonly start: number = Number.NaN;
  cash = Number.NaN;
  readonly desks: Holding[] = [];
  /** Of several symbols or a universe: as they are but for the desk that is being played. */
  positions: Positions | undefined;
  declare readonly ledger: Ledger;
  readonly log: DecisionLog | undefined = undefined;
  /** Knows the equity at the closes being decided on without a look at every desk. */
  valued: { equity(): number } | undefined;
  /** Notes the last prices in `positions`, which is put off until one is asked for; absent where they are there. */
  behind: { catchUp(): void } | undefined;
  /** Sums over the fills, quote money. */
  traded = Number.NaN;
  fees = Number.NaN;
  slippage = Number.NaN;
  funding = Number.NaN;
  refused = 0;
  /** Positions closed, in shares of the largest size that each had. */
  roundTrips = Number.NaN;
  /** Largest loss that an open position showed at a 1-minute low or high, as a share of the equity before it. */
  adverse = Number.NaN;
  /** Hears of every fill; absent with several symbols, whose equity is summed up minute by minute. */
  variation: Variation | undefined;
  /** One of so many entries is missed; 0 for none. */
  readonly #missEvery: number = 0;
  ruined = false;
  /** Equal parts of the equity that weights are fractions of: one a symbol, or one in all for a universe. */
  shares = 1;
  /** Largest sum of |position value| over the equity before leverage; NaN where each symbol has its own share. */
  gross = Number.NaN;
  /** Moment of the decision being made by a universe, epoch ms: the same for all symbols. */
  moment: number | undefined;

  constructor(cash: number, missEvery: number, ledger: Ledger, log: DecisionLog | undefined) {
    this.start = cash;
    this.cash = cash;
    // Born as NaN, see README.
    this.traded = 0;
    this.fees = 0;
    this.slippage = 0;
    this.funding = 0;
    this.roundTrips = 0;
    this.adverse = 0;
    this.#missEvery = missEvery;
    this.ledger = ledger;
    this.log = log;
  }

  /** Cash and every position at the close of its last decision bar. */
  equity(): number {
    if (this.valued !== undefined) return this.valued.equity();
    let sum = this.cash;
    const { desks } = this;
    for (let i = 0; i < desks.length; i++) if (desks[i].position !== 0) sum += desks[i].position * desks[i].mark();
    return sum;
  }

  /** The same while a minute is played: `desk` at `price`, the other symbols at their last 1-minute closes. */
  equityAt(desk: Holding, price: number): number {
    let sum = this.cash + desk.position * price;
    if (this.positions === undefined) return sum;
    if (this.behind !== undefined) this.behind.catchUp();
    const { position, last } = this.positions;
    // What is not held adds nothing, and asking whether it is takes longer.
    for (let i = 0; i < desk.index; i++) sum += position[i] * last[i];
    for (let i = desk.index + 1; i < position.length; i++) sum += position[i] * last[i];
    return sum;
  }

  /** Whether no price, of `desk` or another, can use the account up: cash is left, and all that is held is paid for. */
  isSound(desk: Holding): boolean {
    if (!(this.cash > 0 && desk.position >= 0)) return false;
    return this.positions === undefined || this.positions.shorts === 0;
  }

  /**
   * Quote money that the position of `desk` may be worth at `price`: its share of the equity, or what the other positions of a universe leave
   * of the gross limit.
   */
  margin(desk: Holding, price: number, leverage: number): number {
    const equity = this.equityAt(desk, price);
    if (Number.isNaN(this.gross)) return leverage * (equity / this.shares);
    return leverage * this.gross * equity - this.grossBeside(desk);
  }

  /** Sum of |position value| of all symbols of a universe but one, at their last 1-minute prices. */
  grossBeside(desk: Holding | undefined): number {
    let sum = 0;
    const { position, last } = this.positions!;
    for (let i = 0; i < position.length; i++) {
      if (position[i] !== 0 && i !== desk?.index) sum += Math.abs(position[i] * last[i]);
    }
    return sum;
  }

  /** Cash that may buy spot: what shorts brought in is owed. */
  spendable(): number {
    let sum = this.cash;
    if (Number.isNaN(this.gross)) return sum;
    const { position, last } = this.positions!;
    for (let i = 0; i < position.length; i++) if (position[i] < 0) sum += position[i] * last[i];
    return sum;
  }

  /**
   * Whether the scenario lets an entry slip by that would fill in this minute, epoch ms. By lot: what a symbol asks for in a minute is missed
   * together, and no small order can be put in front of a large one to be missed in its place.
   */
  misses(symbol: string, minute: number): boolean {
    if (this.#missEvery === 0) return false;
    return (mixed(textHash(symbol), minute / MINUTE) >>> 0) % this.#missEvery === 0;
  }
}

const spare = new Ledger();

/** One ledger serves all simulations of a process in turn, so that a sweep's memory stays flat. */
export function sharedLedger(): Ledger {
  spare.clear();
  return spare;
}
