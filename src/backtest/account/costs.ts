import type { Bars } from '../../market/bars.ts';
import type { SymbolCosts } from '../market.ts';

/** The costs of one symbol in one scenario, as fractions. */
export class Costs {
  readonly maker: number = Number.NaN;
  readonly taker: number = Number.NaN;
  readonly tick: number = Number.NaN;
  readonly lot: number = Number.NaN;
  readonly minQuantity: number = Number.NaN;
  readonly minNotional: number = Number.NaN;
  /** Largest share of a bar's volume that may be taken, Infinity for no cap. */
  readonly participation: number = Number.NaN;
  readonly #fixed: number = Number.NaN;
  readonly #rangeShare: number = Number.NaN;
  readonly #impact: number = Number.NaN;
  readonly #free: boolean;

  /** `resting`: what a fill that rested pays on top, a fraction of price. */
  constructor(costs: SymbolCosts, multiplier: number, resting = 0) {
    this.maker = costs.makerBps * 1e-4 * multiplier + resting;
    this.taker = costs.takerBps * 1e-4 * multiplier;
    this.tick = costs.tick;
    this.lot = costs.lot;
    this.minQuantity = costs.minQuantity ?? 0;
    this.minNotional = costs.minNotional;
    this.participation = costs.participation > 0 ? costs.participation : Infinity;
    this.#fixed = costs.slippageBps * 1e-4 * multiplier;
    this.#rangeShare = costs.rangeShare * multiplier;
    this.#impact = (costs.impactBps ?? 0) * 1e-4 * multiplier;
    this.#free = this.#fixed === 0 && this.#rangeShare === 0 && this.#impact === 0;
  }

  /**
   * The price that a taking order gets: `price` moved against it by fixed slippage, a share of the bar's range and the
   * impact of its size, then rounded to the tick against it. Unslipped prices are left as they are.
   */
  slipped(price: number, quantity: number, bars: Bars, minute: number): number {
    if (this.#free) return price;
    const size = Math.abs(quantity);
    // A bar without volume gives no share to measure: a whole bar's impact is charged.
    const volume = bars.volume[minute];
    const share = volume > size ? size / volume : 1;
    const slip =
      price * (this.#fixed + this.#impact * share) + this.#rangeShare * (bars.high[minute] - bars.low[minute]);
    if (quantity > 0) return this.roundUp(price + slip);
    // A sale never pays the buyer to take it.
    return Math.max(0, this.roundDown(price - slip));
  }

  /** To the next tick at or above. The tolerance keeps a price that is on its tick but for a rounding error. */
  roundUp(price: number): number {
    return this.tick > 0 ? Math.ceil(price / this.tick - 1e-9) * this.tick : price;
  }

  roundDown(price: number): number {
    return this.tick > 0 ? Math.floor(price / this.tick + 1e-9) * this.tick : price;
  }

  /** Towards zero to a whole number of lots. */
  wholeLots(quantity: number): number {
    return this.lot > 0 ? Math.trunc(quantity / this.lot + (quantity > 0 ? 1e-9 : -1e-9)) * this.lot : quantity;
  }

  /** Whether an order of this size may open or enlarge a position. */
  largeEnough(quantity: number, price: number): boolean {
    const size = Math.abs(quantity);
    return size > 0 && size >= this.minQuantity && size * price >= this.minNotional;
  }
}
