import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { simulate } from '../../../src/backtest/engine.ts';
import { alignFrames, buildFrame } from '../../../src/backtest/view/frames.ts';
import { type Bars, DAY, MINUTE } from '../../../src/market/bars.ts';
import { defineStrategy } from '../../../src/strategy/definition.ts';
import { barsOf, NEUTRAL, play, timeOf, unitMarket, windowOf } from '../support.ts';

const FLAT = [100, 100, 100, 100];
const START = Date.UTC(2020, 0, 1);
const holder = defineStrategy({
  family: 'hold',
  hypothesis: 'none',
  timeframe: '1m',
  params: {},
  warmup: 1,
  decide: (now) => now.target(1),
});

function repeat(bars: Bars, row: number): Bars {
  const twice = (column: Float64Array) => Float64Array.of(...column.slice(0, row + 1), ...column.slice(row));
  const { time, open, high, low, close, volume } = bars;
  return {
    length: bars.length + 1,
    time: twice(time),
    open: twice(open),
    high: twice(high),
    low: twice(low),
    close: twice(close),
    volume: twice(volume),
  };
}

describe('bars that are not as they should be', () => {
  it('of two bars of one minute the first counts', () => {
    const doubled = repeat(barsOf([FLAT, [101, 103, 101, 102], [104, 104, 104, 104]]), 1);
    doubled.open[2] = doubled.low[2] = 50;
    const result = simulate(holder, [windowOf(doubled)], NEUTRAL, unitMarket());
    assert.equal(result.bars, 4 - 1);
    assert.equal(result.fills![0].price, 101);
    assert.equal(result.decisions, 3);
  });

  it('time that falls is refused', () => {
    const bars = barsOf([FLAT, FLAT]);
    bars.time[1] = bars.time[0] - MINUTE;
    assert.throws(
      () => simulate(holder, [windowOf(bars)], NEUTRAL, unitMarket()),
      /bar 1 of X is impossible: its time/,
    );
  });

  it('of three bars of one minute the first counts, and a fall right behind a repetition is refused', () => {
    const bars = repeat(repeat(barsOf([FLAT, [101, 101, 101, 101], FLAT]), 1), 1);
    assert.equal(simulate(holder, [windowOf(bars)], NEUTRAL, unitMarket()).decisions, 3);
    bars.time[3] = bars.time[0];
    assert.throws(
      () => simulate(holder, [windowOf({ ...bars })], NEUTRAL, unitMarket()),
      /bar 3 of X is impossible: its time/,
    );
  });

  it('a time that is no number is refused, and not left out as a repetition', () => {
    const bars = barsOf([FLAT, FLAT, FLAT]);
    bars.time[1] = Number.NaN;
    const data = { ...windowOf(bars), range: { from: bars.time[0], to: bars.time[2] + MINUTE } };
    assert.throws(() => simulate(holder, [data], NEUTRAL, unitMarket()), /bar 1 of X is impossible: its time NaN/);
  });

  for (const [what, row] of Object.entries({
    'a low above the open': [100, 101, 100.5, 101],
    'a low above the close': [101, 101, 100, 99.5],
    'a high below the open': [100, 99.5, 99, 99.2],
    'a high below the close': [100, 100, 99, 101],
    'a price of nothing': [0, 1, 0, 1],
    'no number': [Number.NaN, 1, 1, 1],
    'an infinite high': [1, Number.POSITIVE_INFINITY, 1, 1],
    'a negative volume': [1, 1, 1, 1, -1],
  })) {
    it(`${what} is refused`, () => assert.throws(() => play(holder, [FLAT, row]), /bar 1 of X is impossible/));
  }

  it('a symbol without costs is refused', () => {
    assert.throws(
      () => simulate(holder, [windowOf(barsOf([FLAT]), 'Z')], NEUTRAL, unitMarket()),
      /no costs are known for the symbol Z/,
    );
  });
});

describe('windows', () => {
  it('bars before the range are warm-up: seen, never traded', () => {
    const bars = barsOf(Array.from({ length: 10 }, (_, i) => [100 + i, 100 + i, 100 + i, 100 + i]));
    const seen: number[] = [];
    const strategy = {
      ...holder,
      warmup: 3,
      decide: (now: object) => seen.push((timeOf(now) - START) / MINUTE),
    };
    const range = { from: START + 5 * MINUTE, to: START + 8 * MINUTE };
    const result = simulate(strategy as typeof holder, [{ ...windowOf(bars), range }], NEUTRAL, unitMarket());
    assert.deepEqual(seen, [5, 6, 7, 8]);
    assert.equal(result.bars, 3);
  });

  it('the bar that closes where the range begins is decided on', () => {
    const range = { from: START + 5 * MINUTE, to: START + 8 * MINUTE };
    const bars = barsOf(Array(10).fill(FLAT));
    const result = simulate(holder, [{ ...windowOf(bars), range }], NEUTRAL, unitMarket());
    assert.equal(result.fills![0].time, START + 5 * MINUTE);
  });

  it('warm-up counts closed bars', () => {
    const result = simulate(
      { ...holder, warmup: () => 4 },
      [windowOf(barsOf(Array(10).fill(FLAT)))],
      NEUTRAL,
      unitMarket(),
    );
    assert.equal(result.fills![0].time, START + 4 * MINUTE);
    assert.equal(result.decisions, 7);
    assert.throws(() => play({ ...holder, warmup: () => Number.NaN }, [FLAT]), /warmup must give a number/);
  });

  it('every UTC day of the range has its equity, carried over days without a bar', () => {
    const bars = barsOf([FLAT, FLAT, [110, 110, 110, 110]]);
    bars.time[2] = START + 3 * DAY;
    const range = { from: START, to: START + 5 * DAY };
    const result = simulate(holder, [{ ...windowOf(bars), range }], NEUTRAL, unitMarket({}, 1000));
    assert.deepEqual(
      [...result.days],
      [0, 1, 2, 3, 4].map((day) => START + day * DAY),
    );
    assert.deepEqual([...result.dayEquity], [1000, 1000, 1000, 1010, 1010]);
    assert.deepEqual([...result.dayBenchmark], [1, 1, 1, 1.1, 1.1]);
    assert.equal(result.finalEquity, 1010);
  });

  it('drawdown and time under water are those of 1-minute equity', () => {
    const close = [100, 100, 120, 90, 110, 120, 119, 121];
    const rows = close.map((price) => [price, price, price, price]);
    const result = play({ ...holder, warmup: 1 }, rows, unitMarket({}, 100));
    // Bought at 100 in row 1: equity 100, 100, 120, 90, 110, 120, 119, 121.
    assert.equal(result.maxDrawdown, 0.25);
    assert.equal(result.underwaterMs, 3 * MINUTE);
  });
});

describe('frames', () => {
  it('are cut at whole multiples of UTC time, whatever minute the data begin with', () => {
    const bars = barsOf([FLAT, [100, 105, 95, 101], null, null, [99, 99, 98, 98.5]], START + 3 * MINUTE);
    const frame = buildFrame(bars, '5m');
    assert.deepEqual([...frame.time], [START + 5 * MINUTE, START + 10 * MINUTE]);
    assert.deepEqual([...frame.end], [2, 3]);
    assert.deepEqual(
      [frame.open[0], frame.high[0], frame.low[0], frame.close[0], frame.volume[0]],
      [100, 105, 95, 101, 2000],
    );
    assert.deepEqual([frame.lowClose[0], frame.highClose[0]], [100, 101]);
  });

  it('align to the last bar that has closed', () => {
    const bars = barsOf(Array(12).fill(FLAT));
    const [fine, coarse] = [buildFrame(bars, '1m'), buildFrame(bars, '5m')];
    assert.deepEqual([...alignFrames(fine, coarse)], [-1, -1, -1, -1, 0, 0, 0, 0, 0, 1, 1, 1]);
  });
});
