import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { describe, it } from 'node:test';
import { simulate } from '../../src/backtest/engine.ts';
import { defineStrategy } from '../../src/strategy/definition.ts';
import { makeSeries, type Series, valuesOf } from '../../src/strategy/series.ts';
import { NEUTRAL, readCandles, unitMarket, windowOf } from './support.ts';

const folder = new URL('../../../shared/data/bitfinex/', import.meta.url);

/** Seeded with the first close, alpha 2 / (n + 1); the oracle's own, so that this test stands without the indicators. */
function ema(series: Series, n: number): Series {
  const values = valuesOf(series);
  const alpha = 2 / (n + 1);
  const smooth = Float64Array.from(values);
  for (let i = 1; i < smooth.length; i++) smooth[i] = alpha * values[i] + (1 - alpha) * smooth[i - 1];
  return makeSeries(smooth);
}

const cross = defineStrategy({
  family: 'cross',
  hypothesis: 'golden',
  timeframe: '1m',
  params: { fast: 10, slow: 50 },
  warmup: 1000,
  indicators: ({ close }, p) => ({ fast: ema(close, p.fast), slow: ema(close, p.slow) }),
  decide(now) {
    now.target(now.fast > now.slow ? 1 : 0);
  },
});

const bracket = defineStrategy({
  family: 'bracket',
  hypothesis: 'golden',
  timeframe: '1m',
  params: { fast: 10, slow: 50 },
  warmup: 1000,
  indicators: ({ close }, p) => ({ fast: ema(close, p.fast), slow: ema(close, p.slow) }),
  decide(now) {
    const crossed = now.fast > now.slow && now.ago('fast', 1) <= now.ago('slow', 1);
    if (now.position === 0 && crossed) now.target(1, { stop: now.close * 0.98, target: now.close * 1.03 });
  },
});

const cases = [
  [
    'BTCUSD-1m-2016',
    cross,
    293_230,
    4271,
    9995032.632079996,
    -4971.49643,
    '2016-01-02T03:35',
    432.52,
    '2016-01-02T04:41',
    432.3,
  ],
  [
    'BTCUSD-1m-2016',
    bracket,
    293_230,
    242,
    9999879.618366204,
    -120.381633799999,
    '2016-01-02T03:35',
    432.52,
    '2016-01-03T13:33',
    423.8402,
  ],
  [
    'BTCUSD-1m-2015',
    cross,
    366_710,
    5141,
    9997595.512679685,
    -2404.48732027699,
    '2015-01-02T05:51',
    315.25,
    '2015-01-02T06:14',
    314.56,
  ],
  [
    'BTCUSD-1m-2015',
    bracket,
    366_710,
    472,
    9999863.209548594,
    -135.390461392118,
    '2015-01-02T08:16',
    315.46,
    '2015-01-03T06:14',
    309.3468,
  ],
  [
    'LTCUSD-1m-2014',
    cross,
    110_366,
    1954,
    9999935.592550373,
    -64.40744966136,
    '2014-01-04T05:54',
    23.92,
    '2014-01-04T17:53',
    24.574,
  ],
  [
    'LTCUSD-1m-2014',
    bracket,
    110_366,
    738,
    9999961.376300164,
    -38.623699860198,
    '2014-01-04T05:54',
    23.92,
    '2014-01-04T16:11',
    24.7303,
  ],
] as const;

describe('golden results of an independent engine', () => {
  for (const [name, strategy, bars, trades, equity, profit, entryTime, entryPrice, exitTime, exitPrice] of cases) {
    const file = new URL(`${name}.csv.gz`, folder);
    const skip = existsSync(file) ? false : `SKIPPED: no candles at ${file.pathname}`;
    it(`${name}: ${strategy.family}`, { skip }, () => {
      const candles = readCandles(file.pathname);
      assert.equal(candles.length, bars);
      const market = unitMarket({ makerBps: 10, takerBps: 10 });
      const result = simulate(strategy, [windowOf(candles)], NEUTRAL, market);
      assert.equal(result.trades.length, trades);
      close(result.finalEquity, equity);
      close(
        result.trades.profit.reduce((sum, one) => sum + one, 0),
        profit,
      );
      assert.equal(new Date(result.trades.entryTime[0]).toISOString().slice(0, 16), entryTime);
      close(result.trades.entryPrice[0], entryPrice);
      assert.equal(new Date(result.trades.exitTime[0]).toISOString().slice(0, 16), exitTime);
      close(result.trades.exitPrice[0], exitPrice);
    });
  }
});

function close(actual: number, expected: number): void {
  assert.ok(Math.abs(actual - expected) < 1e-6, `expected ${expected}, got ${actual}`);
}
