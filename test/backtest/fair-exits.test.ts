import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { simulate } from '../../src/backtest/engine.ts';
import { seededRandom } from '../../src/base/random.ts';
import { type Bars, MINUTE } from '../../src/market/bars.ts';
import { defineStrategy } from '../../src/strategy/definition.ts';
import type { Now } from '../../src/strategy/now.ts';
import { NEUTRAL, unitMarket, windowOf } from './support.ts';

const TOSSES = 12;
const TRADES = 100_000;
/** A limit must be traded through: so little above a price that a touch of that price is enough. */
const THROUGH = 1e-6;

/** High, low and close after open 0 of every way in which so many tosses of a fair coin, steps of 1, can fall. */
const PATHS = Array.from({ length: 2 ** TOSSES }, (_, tosses) => {
  let [price, high, low] = [0, 0, 0];
  for (let toss = 0; toss < TOSSES; toss++) {
    price += (tosses >> toss) % 2 === 0 ? 1 : -1;
    high = Math.max(high, price);
    low = Math.min(low, price);
  }
  return { high, low, close: price };
});

/** A market on which every price between low and high is traded and nobody can expect a profit. */
function coinBars(name: string, length: number): Bars {
  const random = seededRandom(name);
  const column = () => new Float64Array(length);
  const [time, open, high, low, close] = [column(), column(), column(), column(), column()];
  let price = 1_000_000;
  for (let i = 0; i < length; i++) {
    const path = PATHS[Math.floor(random() * PATHS.length)];
    time[i] = Date.UTC(2020, 0, 1) + i * MINUTE;
    open[i] = price;
    high[i] = price + path.high;
    low[i] = price + path.low;
    price = close[i] = price + path.close;
  }
  return { length, time, open, high, low, close, volume: column().fill(1000) };
}

const markets: Bars[] = [];

/** Mean profit of a closed trade of one unit before costs, and its standard error. `leave` is asked while a position is held. */
function trade(enter: (now: Now) => void, leave: (now: Now) => void) {
  const strategy = defineStrategy({
    family: 'fair',
    hypothesis: 'none',
    timeframe: '1m',
    params: {},
    warmup: 1,
    decide(now) {
      if (now.position !== 0) leave(now);
      else if (now.working === 0) enter(now);
    },
  });
  let [count, sum, squares] = [0, 0, 0];
  for (let k = 0; count < TRADES; k++) {
    markets[k] ??= coinBars(`fair market ${k}`, 250_000);
    const { trades } = simulate(strategy, [windowOf(markets[k])], NEUTRAL, unitMarket({ kind: 'perpetual' }, 1e9));
    assert.ok(trades.profit.length > 10_000, `only ${trades.profit.length} trades`);
    for (const profit of trades.profit) {
      count += 1;
      sum += profit;
      squares += profit * profit;
    }
  }
  const mean = sum / count;
  return { count, mean, error: Math.sqrt((squares / count - mean * mean) / count) };
}

/** Long and short in turn, by what the price happens to be. */
const side = (now: Now) => (now.close % 4 < 2 ? 1 : -1);
const held = (now: Now) => Math.sign(now.position);
const open = (now: Now) => now.target(side(now));
const late = (bars: number) => (now: Now) => {
  if (now.barsHeld >= bars) now.flat();
};

/** What enters and leaves; `doubt` where the path inside a minute matters, so that the engine decides against the strategy. */
const ways: Record<string, { enter: (now: Now) => void; leave: (now: Now) => void; doubt?: true }> = {
  stop: { enter: (now) => now.target(side(now), { stop: now.close - side(now) * 4 }), leave: late(4) },
  target: { enter: (now) => now.target(side(now), { target: now.close + side(now) * 4 }), leave: late(4) },
  'stop and target': {
    enter: (now) => now.target(side(now), { stop: now.close - side(now) * 7, target: now.close + side(now) * 7 }),
    leave: late(4),
  },
  trail: { enter: (now) => now.target(side(now), { trail: 13 }), leave: late(12) },
  limit: {
    enter: open,
    leave(now) {
      if (now.barsHeld >= 4) now.flat();
      else now.target(0, { limit: now.close + held(now) * (4 - THROUGH), bars: 1 });
    },
  },
  'limit entry': {
    enter: (now) => now.target(side(now), { limit: now.close - side(now) * (2 - THROUGH), bars: 1 }),
    leave: late(1),
  },
  trigger: {
    enter: open,
    leave(now) {
      if (now.barsHeld >= 4) now.flat();
      else now.target(0, { trigger: now.close - held(now) * 4, bars: 1 });
    },
  },
  'trigger entry': {
    enter: (now) => now.target(side(now), { trigger: now.close + side(now) * 2, bars: 1 }),
    leave: late(1),
  },
  oco: {
    enter(now) {
      now.order(side(now), { limit: now.close - side(now) * (6 - THROUGH), oco: true, bars: 1 });
      now.order(side(now), { trigger: now.close + side(now) * 7, oco: true, bars: 1 });
    },
    leave: late(1),
  },
  'tight trail': { enter: (now) => now.target(side(now), { trail: 0.2 }), leave: late(8), doubt: true },
  'tight stop and target': {
    enter: (now) => now.target(side(now), { stop: now.close - side(now), target: now.close + side(now) }),
    leave: late(8),
    doubt: true,
  },
  'tight oco': {
    enter(now) {
      now.order(side(now), { limit: now.close - side(now) * (2 - THROUGH), oco: true, bars: 1 });
      now.order(side(now), { trigger: now.close + side(now) * 2, oco: true, bars: 1 });
    },
    leave: late(1),
    doubt: true,
  },
};

/**
 * On a fair market no exit may gain or lose before costs: the mean profit of at least 100,000 trades lies within three standard errors
 * of zero. Levels are so wide apart (more than a minute can move) that the path inside a minute does not matter; those in doubt may lose.
 */
describe('exits on a fair market earn nothing before costs', () => {
  for (const [name, { enter, leave, doubt }] of Object.entries(ways)) {
    it(name, (t) => {
      const { count, mean, error } = trade(enter, leave);
      const found = `${name}: mean ${mean.toFixed(4)}, standard error ${error.toFixed(4)} over ${count} trades`;
      t.diagnostic(found);
      assert.ok(count >= TRADES && mean < 3 * error, found);
      if (doubt) assert.ok(mean < -3 * error, `the engine no longer decides doubt against the strategy: ${found}`);
      else assert.ok(mean > -3 * error, found);
    });
  }
});
