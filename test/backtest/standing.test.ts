import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Standing } from '../../src/backtest/contract.ts';
import { seededRandom } from '../../src/base/random.ts';
import { type Bars, MINUTE, TIMEFRAME_MS } from '../../src/market/bars.ts';
import { simulateMarket } from '../../src/market/simulate.ts';
import { firstBars, load, NAMES, play } from '../strategies/support.ts';

const START = Date.UTC(2021, 0, 1);
/** Moments a strategy. RALPH_MOMENTS=50 tries more of them. */
const MOMENTS = Number(process.env.RALPH_MOMENTS ?? 3);
const { bars } = simulateMarket({ seed: 21, start: START, minutes: (60 * 86_400_000) / MINUTE });

for (const name of NAMES) {
  test(`${name}: what stands at the end of the bars is what a longer backtest holds at that bar`, async () => {
    const strategy = await load(name);
    const { fills } = play(strategy, bars).result;
    const random = seededRandom(`standing ${name}`);
    for (let moment = 0; moment < MOMENTS; moment++) {
      const length = 20_000 + Math.floor(random() * (bars.length - 20_001));
      const [standing] = play(strategy, firstBars(bars, length)).result.standings!;
      const end = bars.time[length - 1] + MINUTE;
      const held = fills!.filter(({ time }) => time < end).reduce((sum, { quantity }) => sum + quantity, 0);
      assert.ok(Math.abs(standing.position - held) < 1e-9, `${standing.position} and ${held} at ${length}`);
      assert.deepEqual([standing.bar, standing.close], [end - MINUTE, bars.close[length - 1]]);
      const step = TIMEFRAME_MS[standing.timeframe];
      // Null before the end of the warm-up, which is weeks long for the slowest.
      if (standing.decided === null) assert.equal(held, 0);
      else assert.equal(standing.decided, Math.floor(end / step) * step);
      nextBarAgrees(
        standing,
        fills!.filter(({ time }) => time === end),
        bars,
        length,
      );
    }
  });
}

/** Market orders that wait fill in the bar after the end, and no order that waits there is silent about it. */
function nextBarAgrees(
  { orders }: Standing,
  next: readonly { quantity: number; reason: string }[],
  { volume }: Bars,
  length: number,
): void {
  const waits = orders.filter(({ kind }) => kind === 'market');
  const filled = next.filter(({ reason }) => reason === 'market');
  if (volume[length] > 0) assert.equal(waits.length, filled.length, JSON.stringify({ orders, next }));
  for (const [i, { side, quantity }] of waits.entries()) {
    if (filled[i] === undefined) continue;
    const signed = side === 'buy' ? quantity : -quantity;
    assert.ok(Math.abs(filled[i].quantity - signed) < 1e-6, `${filled[i].quantity} and ${signed}`);
  }
}
