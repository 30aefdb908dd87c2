import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import type { SimulationResult } from '../../src/backtest/contract.ts';
import { simulate } from '../../src/backtest/engine.ts';
import type { EngineMarket } from '../../src/backtest/market.ts';
import { sha256 } from '../../src/base/hash.ts';
import { type Bars, DAY } from '../../src/market/bars.ts';
import { NEUTRAL, readCandles } from '../backtest/support.ts';
import { STRATEGIES } from './strategies.ts';

// universe.py is a second implementation, which shares no code with the engine: docs in it say how to run it.
const FOLDER = join(import.meta.dirname, '../../../shared/data/bitfinex');
const SCRIPT = join(import.meta.dirname, 'universe.py');
const WARMUP = 40 * DAY;
const FREE = {
  kind: 'perpetual',
  makerBps: 0,
  takerBps: 10,
  rangeShare: 0.05,
  participation: 0.1,
  minNotional: 0,
} as const;
const MARKET: EngineMarket = {
  cash: 10_000,
  sizing: { mode: 'fraction', fraction: 1 },
  symbols: {
    BTCUSD: { ...FREE, slippageBps: 1, tick: 0.01, lot: 0.001 },
    ETHUSD: { ...FREE, slippageBps: 2, tick: 0.001, lot: 0.01 },
    LTCUSD: { ...FREE, slippageBps: 2, tick: 0.0001, lot: 0.1 },
  },
};
const SYMBOLS = Object.keys(MARKET.symbols);

type Told = [time: number, symbol: string, quantity: number, price: number, reason: string];

/** What universe.py prints: fills, or a hash of them with their count and value. */
interface Reference {
  readonly fills: readonly Told[] | string;
  readonly equity: readonly number[];
  readonly count?: number;
  readonly traded?: number;
}

const absent = existsSync(join(FOLDER, 'ETHUSD-1m-2016.csv.gz')) ? false : `${FOLDER} is not on this machine`;
const python = spawnSync('python3', ['--version']).status === 0 ? false : 'python3 is not on this machine';

describe('universe strategies on BTCUSD, ETHUSD and LTCUSD of 2016', { skip: absent }, () => {
  let bars: Readonly<Record<string, Bars>>;
  before(() => {
    bars = Object.fromEntries(SYMBOLS.map((name) => [name, readCandles(join(FOLDER, `${name}-1m-2016.csv.gz`))]));
  });

  it('agree with the stored results of the second implementation over the whole year', () => {
    const stored: Record<string, Reference> = JSON.parse(
      readFileSync(join(import.meta.dirname, 'universe-2016.json'), 'utf8'),
    );
    for (const [name, { fills, equity, count, traded }] of Object.entries(stored)) {
      const result = play(name, bars, '2016-01-01', '2017-01-01');
      const keys = result.fills!.map(
        ({ time, symbol, quantity, reason }) => `${time} ${symbol} ${quantity > 0 ? 'buy' : 'sell'} ${reason}`,
      );
      assert.equal(keys.length, count, name);
      assert.equal(sha256(keys.join(' ')), fills, `${name}: other fills`);
      near(result.traded, traded!, `${name}: traded`);
      equals(result.dayEquity, equity, name);
    }
  });

  it('agree with it fill by fill over the last weeks', { skip: python }, (t) => {
    const [from, to] = ['2016-12-01', '2017-01-01'];
    const printed = execFileSync('python3', [SCRIPT, FOLDER, from, to], { maxBuffer: 2 ** 28, encoding: 'utf8' });
    for (const [name, { fills, equity }] of Object.entries(JSON.parse(printed) as Record<string, Reference>)) {
      const result = play(name, bars, from, to);
      t.diagnostic(`${name}: ${fills.length} fills, final equity ${equity.at(-1)!.toFixed(2)}`);
      assert.equal(result.fillCount, fills.length, name);
      for (const [i, { time, symbol, quantity, price, reason }] of result.fills!.entries()) {
        const other = fills[i] as Told;
        assert.deepEqual([time, symbol, reason], [other[0], other[1], other[4]], `${name}: fill ${i}`);
        near(quantity, other[2], `${name}: quantity of fill ${i}`);
        near(price, other[3], `${name}: price of fill ${i}`);
      }
      equals(result.dayEquity, equity, name);
    }
  });
});

function play(name: string, bars: Readonly<Record<string, Bars>>, from: string, to: string): SimulationResult {
  const range = { from: Date.parse(from), to: Date.parse(to) };
  const data = SYMBOLS.map((symbol) => ({ symbol, bars: within(bars[symbol], range.from - WARMUP, range.to), range }));
  return simulate(STRATEGIES[name], data, NEUTRAL, MARKET);
}

function within(bars: Bars, from: number, to: number): Bars {
  const [first, last] = [bars.time.findIndex((time) => time >= from), bars.time.findLastIndex((time) => time < to) + 1];
  const part = (column: Float64Array) => column.subarray(first, last);
  const { time, open, high, low, close, volume } = bars;
  const columns = { time: part(time), open: part(open), high: part(high), low: part(low), close: part(close) };
  return { length: last - first, ...columns, volume: part(volume) };
}

function equals(own: Float64Array, other: readonly number[], name: string): void {
  assert.equal(own.length, other.length, name);
  for (const [d, value] of own.entries()) near(value, other[d], `${name}: equity of day ${d}`);
}

function near(a: number, b: number, what: string): void {
  assert.ok(Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(b)), `${what}: ${a} and ${b}`);
}
