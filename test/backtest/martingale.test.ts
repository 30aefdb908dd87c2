import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { simulate } from '../../src/backtest/engine.ts';
import { pick, type Random, seededRandom } from '../../src/base/random.ts';
import type { Bars } from '../../src/market/bars.ts';
import { type Act, follow } from './arbitrary.ts';
import { barsOf, NEUTRAL, unitMarket, windowOf } from './support.ts';

const perpetual = { kind: 'perpetual' } as const;
const PLANS = Number(process.env.RALPH_MARTINGALE_PLANS ?? 1500);

/** A fair coin tossed many times a minute: every price between low and high is traded, and nobody can expect a profit. */
function coinBars(random: Random, length: number): Bars {
  let price = 1000;
  return barsOf(
    Array.from({ length }, () => {
      const open = price;
      let [high, low] = [price, price];
      for (let toss = 0; toss < 12; toss++) {
        price += random() < 0.5 ? 1 : -1;
        if (price > high) high = price;
        if (price < low) low = price;
      }
      return [open, high, low, price];
    }),
  );
}

function randomAct(random: Random, kinds: readonly number[]): Act {
  return {
    kind: pick(random, kinds),
    weight: pick(random, [-1, -0.5, 0.5, 1]),
    stop: pick(random, [-4, 0, 2, 5]),
    target: pick(random, [-4, 0, 2, 5]),
    entry: pick(random, [-4, -1, 2, 5]),
    bars: pick(random, [1, 2, 4]),
  };
}

/**
 * On a fair market, without costs, no way of placing orders may be expected to gain. An engine that fills an order at a price
 * that was not there, or that picks the favourable order of events inside a bar, shows here as free money.
 */
describe('no way of placing orders gains on a fair market', () => {
  const ways = {
    market: [0, 6, 9],
    limits: [3, 5, 6, 9],
    triggers: [4, 6, 9],
    trailing: [7, 9],
    pairs: [8, 6, 9],
    all: [0, 3, 4, 5, 6, 7, 8, 9],
  };
  for (const [name, kinds] of Object.entries(ways)) {
    it(name, () => {
      const random = seededRandom(`martingale ${name}`);
      let [sum, squares, fills] = [0, 0, 0];
      for (let run = 0; run < PLANS; run++) {
        const plan = Array.from({ length: 17 }, () => randomAct(random, kinds));
        const result = simulate(follow(plan), [windowOf(coinBars(random, 60))], NEUTRAL, unitMarket(perpetual));
        const profit = result.finalEquity - result.cash;
        sum += profit;
        squares += profit * profit;
        fills += result.fillCount;
      }
      const mean = sum / PLANS;
      const error = Math.sqrt((squares / PLANS - mean * mean) / PLANS);
      assert.ok(fills > PLANS, `only ${fills} fills`);
      if (process.env.RALPH_MARTINGALE_PLANS)
        process.stderr.write(`${name}: mean ${mean} error ${error} fills ${fills}\n`);
      assert.ok(mean < 3.5 * error, `a mean profit of ${mean} with a standard error of ${error} over ${PLANS} plans`);
    });
  }
});
