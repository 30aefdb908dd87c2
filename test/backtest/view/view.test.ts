import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { simulate } from '../../../src/backtest/engine.ts';
import { MINUTE } from '../../../src/market/bars.ts';
import { defineStrategy, type IndicatorBars } from '../../../src/strategy/definition.ts';
import { bollinger, ema, sma } from '../../../src/strategy/indicators/index.ts';
import type { Now } from '../../../src/strategy/now.ts';
import { makeSeries, type Series } from '../../../src/strategy/series.ts';
import { barsOf, NEUTRAL, timeOf, unitMarket, windowOf } from '../support.ts';

const rising = Array.from({ length: 30 }, (_, i) => [100 + i, 101 + i, 99 + i, 100.5 + i]);
const base = { family: 'view', hypothesis: 'none', params: {}, warmup: 1 } as const;

function watch(decide: (now: Now) => void, timeframe: '1m' | '5m' = '1m', rows = rising): void {
  simulate(defineStrategy({ ...base, timeframe, decide }), [windowOf(barsOf(rows))], NEUTRAL, unitMarket());
}

function withIndicators(
  indicators: (bars: IndicatorBars) => Readonly<Record<string, Series>>,
  timeframe: '1m' | '5m' = '1m',
): void {
  const strategy = defineStrategy({ ...base, timeframe, indicators, decide: () => undefined });
  simulate(strategy, [windowOf(barsOf(rising))], NEUTRAL, unitMarket());
}

describe('a band object as an indicator', () => {
  it('shows the numbers of its series, now and before', () => {
    const seen: number[][] = [];
    const strategy = defineStrategy({
      ...base,
      timeframe: '1m',
      indicators: ({ close }) => ({ bands: bollinger(close, 5, 2), middle: sma(close, 5) }),
      decide(now) {
        seen.push([now.bands.middle, now.middle, now.ago('bands.upper', 1), now.bands.upper]);
        assert.ok(Object.isFrozen(now.bands));
      },
    });
    simulate(strategy, [windowOf(barsOf(rising))], NEUTRAL, unitMarket());
    const known = seen.slice(6);
    assert.ok(known.length > 20);
    for (const [i, [middle, mean, before]] of known.entries()) {
      assert.equal(middle, mean);
      if (i > 0) assert.equal(before, known[i - 1][3]);
    }
  });
});

describe('now', () => {
  it('is one frozen object', () => {
    const seen = new Set<object>();
    watch((now) => seen.add(now));
    assert.equal(seen.size, 1);
    assert.ok(Object.isFrozen([...seen][0]));
    assert.throws(() => Object.assign([...seen][0], { close: 1 }), TypeError);
  });

  it('shows the bar that has closed', () => {
    const bars = barsOf(rising);
    let i = 0;
    watch((now) => {
      assert.deepEqual(
        [now.open, now.high, now.low, now.close, timeOf(now)],
        [bars.open[i], bars.high[i], bars.low[i], bars.close[i], bars.time[i] + MINUTE],
      );
      i += 1;
    });
    assert.equal(i, 30);
  });

  it('ago() counts closed bars back, is NaN before the data and refuses the future', () => {
    watch((now) => {
      assert.equal(now.ago('close', 0), now.close);
      assert.equal(now.ago('close', 31), Number.NaN);
      assert.throws(() => now.ago('close', -1), RangeError);
      assert.throws(() => now.ago('close', 0.5), RangeError);
      assert.throws(() => now.ago('nothing' as 'close', 1), /there is no "nothing"/);
      if (now.close > 110) assert.equal(now.ago('close', 3), now.close - 3);
    });
  });

  it('another timeframe shows its last closed bar only', () => {
    let i = 0;
    watch((now) => {
      const five = now.tf('5m');
      i += 1;
      const closed = Math.floor(i / 5) * 5;
      if (closed === 0) assert.equal(five.close, Number.NaN);
      else assert.deepEqual([five.open, five.high, five.close], [100 + closed - 5, 100 + closed, 99.5 + closed]);
    });
    assert.throws(() => watch((now) => now.tf('7m' as '5m')), /there is no timeframe "7m"/);
  });

  it('a timeframe is a text: an object could say another one each time that it is asked', () => {
    const odd = { toString: () => '5m' } as unknown as '5m';
    assert.throws(() => watch((now) => now.tf(odd)), /now\.tf: there is no timeframe of type object/);
    const strategy = defineStrategy({
      ...base,
      timeframe: '1m',
      indicators: ({ tf }) => ({ five: tf(odd, (bars) => bars.close) }),
      decide: () => undefined,
    });
    assert.throws(
      () => simulate(strategy, [windowOf(barsOf(rising))], NEUTRAL, unitMarket()),
      /tf: there is no timeframe of type object/,
    );
  });

  it('indicators of another timeframe are aligned to its closed bars', () => {
    let i = 0;
    const strategy = defineStrategy({
      ...base,
      timeframe: '1m',
      indicators: ({ tf }) => ({
        five: tf('5m', (bars) => bars.close),
        smooth: tf('5m', (bars) => ema(bars.close, 1)),
      }),
      decide(now) {
        i += 1;
        const expected = i < 5 ? Number.NaN : 99.5 + Math.floor(i / 5) * 5;
        assert.deepEqual([now.five, now.smooth], [expected, expected]);
      },
    });
    simulate(strategy, [windowOf(barsOf(rising))], NEUTRAL, unitMarket());
    assert.equal(i, 30);
  });

  it('position, weight, entry price and bars held follow the account', () => {
    const seen: unknown[] = [];
    const market = { ...unitMarket({}, 1000), sizing: { mode: 'fraction', fraction: 1 } } as const;
    const strategy = defineStrategy({
      ...base,
      timeframe: '1m',
      decide(now) {
        seen.push([now.position, Math.round(now.weight * 1000) / 1000, now.entryPrice, now.barsHeld, now.working]);
        if (now.position === 0) now.target(0.5);
        now.order(-0.1, { limit: 500 });
      },
    });
    simulate(
      strategy,
      [
        windowOf(
          barsOf([
            [100, 100, 100, 100],
            [100, 100, 100, 100],
            [100, 200, 100, 200],
          ]),
        ),
      ],
      NEUTRAL,
      market,
    );
    assert.deepEqual(seen, [
      [0, 0, Number.NaN, 0, 0],
      [5, 0.5, 100, 0, 1],
      [5, 0.667, 100, 1, 2],
    ]);
  });

  it('an indicator may not take the name of something else', () => {
    assert.throws(() => withIndicators(({ close }) => ({ position: close })), /cannot be called "position"/);
  });

  it('an indicator must be a series of these bars', () => {
    assert.throws(() => withIndicators(() => ({ x: [1, 2] as unknown as Series })), /expected a Series/);
    assert.throws(() => withIndicators(() => ({ x: makeSeries(new Float64Array(3)) })), /3 values for 30 bars/);
  });

  it('an order at a price that is no number is an error that names it', () => {
    assert.throws(() => watch((now) => now.target(1, { stop: Number.NaN })), /stop must be a price, got NaN/);
    assert.throws(() => watch((now) => now.target(Number.NaN)), /a weight must be a number/);
    assert.throws(() => watch((now) => now.target('1' as unknown as number)), /a weight must be a number/);
    assert.throws(() => watch((now) => now.target(1, { limit: 99, bars: 0 })), /bars must be a whole number/);
    assert.throws(() => watch((now) => now.target(1, { trail: 0 })), /trail must be above 0/);
  });

  it('no more than 64 orders of a symbol wait', () => {
    let most = 0;
    watch((now) => {
      for (let i = 0; i < 50; i++) now.order(0.001, { limit: 1 });
      most = Math.max(most, now.working);
    });
    assert.equal(most, 64);
  });
});
