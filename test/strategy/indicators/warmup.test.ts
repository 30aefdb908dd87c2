import assert from 'node:assert/strict';
import test from 'node:test';
import { CATALOGUE, compute } from './catalogue.ts';
import { walk } from './columns.ts';

/** First bar with a value for a period of 9, counted from 0, as src/strategy/indicators/README.md promises; the rest start at 0. */
const FIRST: Readonly<Record<string, number | Readonly<Record<string, number>>>> = {
  adx: { adx: 17, plus: 9, minus: 9 },
  aroon: 9,
  atr: 8,
  bollinger: 8,
  cci: 8,
  cmf: 8,
  correlation: 8,
  donchian: 8,
  efficiencyRatio: 9,
  highest: 8,
  hma: 10,
  jump: 10,
  jumpShare: 9,
  kama: 9,
  keltner: { upper: 8, middle: 0, lower: 8 },
  lag: 9,
  lowest: 8,
  mfi: 9,
  momentum: 9,
  percentileRank: 9,
  psar: 1,
  quantile: 8,
  realisedVolatility: 9,
  rma: 8,
  roc: 9,
  rolling: 8,
  rsi: 9,
  slope: 8,
  sma: 8,
  stdev: 8,
  stochastic: { k: 10, d: 12 },
  sum: 8,
  supertrend: 8,
  vwap: 8,
  vwma: 8,
  williamsR: 8,
  wma: 8,
  zscore: 8,
};

for (const name of Object.keys(CATALOGUE)) {
  test(`${name}: NaN until it has seen enough bars, never later`, () => {
    const bars = walk(60, 21);
    // volume and movement everywhere: no other reason to be undefined
    bars.close.forEach((value, i) => {
      bars.close[i] = value + 0.001 * (i % 7);
      bars.volume[i] = 1 + (i % 5);
    });
    const expected = FIRST[name] ?? 0;
    for (const [output, values] of Object.entries(compute(name, bars, 9))) {
      const first = typeof expected === 'number' ? expected : expected[output];
      values.forEach((value, i) => void assert.equal(Number.isNaN(value), i < first, `${output} at ${i}: ${value}`));
    }
  });
}
