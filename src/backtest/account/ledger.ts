import { createHash } from 'node:crypto';
import type { Fill, TradeColumns } from '../contract.ts';
import { REASONS } from './reasons.ts';

/**
 * Fills and closed trades of one simulation in columns that grow by doubling and are reused by the next simulation. They begin short: the engine
 * compiled before they ever grew would be compiled anew.
 */
export class Ledger {
  fills = 0;
  trades = 0;
  #fill = fillColumns(16);
  #trade = tradeColumns(16);

  clear(): void {
    this.fills = 0;
    this.trades = 0;
  }

  addFill(symbol: number, minute: number, price: number, quantity: number, fee: number, reason: number): void {
    if (this.fills === this.#fill.minute.length) this.#fill = grown(this.#fill, fillColumns(this.fills * 2));
    const i = this.fills++;
    this.#fill.symbol[i] = symbol;
    this.#fill.minute[i] = minute;
    this.#fill.price[i] = price;
    this.#fill.quantity[i] = quantity;
    this.#fill.fee[i] = fee;
    this.#fill.reason[i] = reason;
  }

  addTrade(
    symbol: number,
    side: number,
    entryMinute: number,
    exitMinute: number,
    entryPrice: number,
    exitPrice: number,
    quantity: number,
    profit: number,
  ): void {
    if (this.trades === this.#trade.side.length) this.#trade = grown(this.#trade, tradeColumns(this.trades * 2));
    const i = this.trades++;
    this.#trade.symbol[i] = symbol;
    this.#trade.side[i] = side;
    this.#trade.entryTime[i] = entryMinute;
    this.#trade.exitTime[i] = exitMinute;
    this.#trade.entryPrice[i] = entryPrice;
    this.#trade.exitPrice[i] = exitPrice;
    this.#trade.quantity[i] = quantity;
    this.#trade.profit[i] = profit;
  }

  /**
   * Turns indices of minutes into times, once, at the end: while playing, a look at the time column would wait for memory at
   * every fill. `times` holds the time column of each symbol.
   */
  resolve(times: readonly Float64Array[]): void {
    const fill = this.#fill;
    for (let i = 0; i < this.fills; i++) fill.time[i] = times[fill.symbol[i]][fill.minute[i]];
    const { symbol, entryTime, exitTime } = this.#trade;
    for (let i = 0; i < this.trades; i++) {
      entryTime[i] = times[symbol[i]][entryTime[i]];
      exitTime[i] = times[symbol[i]][exitTime[i]];
    }
  }

  /** Copies, so that the columns can be reused. */
  tradeColumns(length = this.trades): TradeColumns {
    const columns = Object.entries(this.#trade).map(([name, column]) => [name, column.slice(0, length)]);
    return { length, ...Object.fromEntries(columns) } as TradeColumns;
  }

  /** What the fills of each of `count` symbols brought in cash after fees, and the money they traded. */
  flows(count: number): { readonly cash: Float64Array; readonly traded: Float64Array } {
    const [cash, traded] = [new Float64Array(count), new Float64Array(count)];
    const { symbol, price, quantity, fee } = this.#fill;
    for (let i = 0; i < this.fills; i++) {
      const value = quantity[i] * price[i];
      cash[symbol[i]] -= value + fee[i];
      traded[symbol[i]] += Math.abs(value);
    }
    return { cash, traded };
  }

  fillList(symbols: readonly string[]): Fill[] {
    const { symbol, time, price, quantity, fee, reason } = this.#fill;
    return Array.from({ length: this.fills }, (_, i) => ({
      symbol: symbols[symbol[i]],
      time: time[i],
      price: price[i],
      quantity: quantity[i],
      fee: fee[i],
      reason: REASONS[reason[i]],
    }));
  }

  /** SHA-256 over the columns of the fills and the daily equity as little-endian doubles; no text, so no formatting. */
  fingerprint(dayEquity: Float64Array): string {
    const hash = createHash('sha256');
    const { time, price, quantity, fee } = this.#fill;
    for (const column of [time, price, quantity, fee]) hash.update(littleEndian(column.subarray(0, this.fills)));
    return hash.update(littleEndian(dayEquity)).digest('hex');
  }
}

function fillColumns(length: number) {
  return {
    symbol: new Uint8Array(length),
    minute: new Int32Array(length),
    time: new Float64Array(length),
    price: new Float64Array(length),
    quantity: new Float64Array(length),
    fee: new Float64Array(length),
    reason: new Uint8Array(length),
  };
}

function tradeColumns(length: number) {
  return {
    symbol: new Uint8Array(length),
    side: new Int8Array(length),
    entryTime: new Float64Array(length),
    exitTime: new Float64Array(length),
    entryPrice: new Float64Array(length),
    exitPrice: new Float64Array(length),
    quantity: new Float64Array(length),
    profit: new Float64Array(length),
  };
}

type Column = Float64Array | Int32Array | Uint8Array | Int8Array;

function grown<T extends Readonly<Record<string, Column>>>(from: T, into: T): T {
  for (const name of Object.keys(from)) into[name].set(from[name]);
  return into;
}

const isLittleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

function littleEndian(values: Float64Array): Uint8Array {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return isLittleEndian ? bytes : new Uint8Array(bytes.slice()).map((_, i, all) => all[(i & ~7) + 7 - (i & 7)]);
}
