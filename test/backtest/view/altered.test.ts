import assert from 'node:assert/strict';
import { it } from 'node:test';
import { buildFrame } from '../../../src/backtest/view/frames.ts';
import { prepare, prepareAltered } from '../../../src/backtest/view/prepare.ts';
import type { Bars, Timeframe } from '../../../src/market/bars.ts';
import fc from '../../fast-check.ts';
import { candles } from '../arbitrary.ts';

function join(past: Bars, future: Bars, rows: number): Bars {
  const shift = past.time[rows - 1] + 60_000 - future.time[0];
  const both = (column: 'open' | 'high' | 'low' | 'close' | 'volume') =>
    Float64Array.of(...past[column].subarray(0, rows), ...future[column]);
  return {
    length: rows + future.length,
    time: Float64Array.of(...past.time.subarray(0, rows), ...future.time.map((time) => time + shift)),
    open: both('open'),
    high: both('high'),
    low: both('low'),
    close: both('close'),
    volume: both('volume'),
  };
}

it('bars with another future give the same frames whether the past is built again or not', () => {
  fc.assert(
    fc.property(candles, candles, fc.nat(), (past, future, at) => {
      const rows = 1 + (at % past.length);
      const bars = join(past, future, rows);
      const quick = prepareAltered(bars, prepare('X', past), rows);
      assert.equal(prepare('X', bars), quick);
      const plain = prepare('X', { ...bars });
      for (const timeframe of ['1m', '5m', '15m', '1h'] as const satisfies Timeframe[]) {
        assert.deepEqual(quick.frame(timeframe), buildFrame(bars, timeframe));
        assert.deepEqual(quick.aligned('1m', timeframe), plain.aligned('1m', timeframe));
        assert.deepEqual(quick.aligned('15m', timeframe), plain.aligned('15m', timeframe));
      }
    }),
    { numRuns: 300 },
  );
});
