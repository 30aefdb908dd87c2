import type { SymbolCosts } from '../../../src/backtest/market.ts';
import type { Candle } from './candles.ts';

/** What the harness allows: units of leverage on the equity, or no bound. */
export interface Limits {
  readonly spot: boolean;
  readonly leverage: number;
  readonly missEvery: number;
  readonly symbol: string;
}

/** What trading costs, worked out the long way round. */
export class Rules {
  readonly costs: SymbolCosts;
  readonly multiplier: number;

  constructor(costs: SymbolCosts, multiplier: number) {
    this.costs = costs;
    this.multiplier = multiplier;
  }

  fee(taker: boolean): number {
    return (taker ? this.costs.takerBps : this.costs.makerBps) * 1e-4 * this.multiplier;
  }

  /** Price of a fill that takes liquidity. */
  taken(price: number, quantity: number, { high, low, volume }: Candle): number {
    const { slippageBps, rangeShare, impactBps = 0 } = this.costs;
    if (slippageBps === 0 && rangeShare === 0 && impactBps === 0) return price;
    const share = Math.min(1, volume > 0 ? Math.abs(quantity) / volume : 1);
    const bps = (slippageBps + impactBps * share) * 1e-4 * this.multiplier;
    const slip = price * bps + rangeShare * this.multiplier * (high - low);
    return quantity > 0 ? this.up(price + slip) : Math.max(0, this.down(price - slip));
  }

  up(price: number): number {
    const { tick } = this.costs;
    return tick > 0 && Number.isFinite(price) ? Math.ceil(price / tick - 1e-9) * tick : price;
  }

  down(price: number): number {
    const { tick } = this.costs;
    return tick > 0 && Number.isFinite(price) ? Math.floor(price / tick + 1e-9) * tick : price;
  }

  /** Against whoever trades `side`: a stop price further away from the old price, so that it fills worse. */
  worse(price: number, side: number): number {
    return side > 0 ? this.up(price) : this.down(price);
  }

  /** Harder to reach for whoever trades `side` at it or better. */
  harder(price: number, side: number): number {
    return side > 0 ? this.down(price) : this.up(price);
  }

  lots(quantity: number): number {
    const { lot } = this.costs;
    return lot > 0 ? Math.sign(quantity) * Math.floor(Math.abs(quantity) / lot + 1e-9) * lot : quantity;
  }

  enough(quantity: number, price: number): boolean {
    const size = Math.abs(quantity);
    return size > 0 && size >= (this.costs.minQuantity ?? 0) && size * price >= this.costs.minNotional;
  }

  /** Most base units that may change hands in a minute. */
  volumeOf({ volume }: Candle): number {
    return this.costs.participation > 0 ? this.costs.participation * volume : Infinity;
  }

  /** Funding times after one moment up to another; none for spot. */
  fundingTimes(after: number, upTo: number): number[] {
    if (this.costs.kind !== 'perpetual') return [];
    const step = (this.costs.fundingHours ?? 8) * 3_600_000;
    const times: number[] = [];
    for (let at = (Math.floor(after / step) + 1) * step; at <= upTo; at += step) times.push(at);
    return times;
  }
}
