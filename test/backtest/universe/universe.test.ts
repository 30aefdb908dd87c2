import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { SimulationResult } from '../../../src/backtest/contract.ts';
import { simulate } from '../../../src/backtest/engine.ts';
import type { BookLimits, EngineMarket, SymbolCosts } from '../../../src/backtest/market.ts';
import { type Bars, DAY, MINUTE, type Timeframe } from '../../../src/market/bars.ts';
import { computeMetrics } from '../../../src/metrics/metrics.ts';
import { neutralise, topK } from '../../../src/strategy/across.ts';
import { defineStrategy } from '../../../src/strategy/define.ts';
import { roc } from '../../../src/strategy/indicators/index.ts';
import type { UniverseNow } from '../../../src/strategy/universe.ts';
import { barsOf, NEUTRAL, unitMarket } from '../support.ts';
import { walk } from './walk.ts';

const START = Date.UTC(2020, 0, 1);

interface Options {
  readonly costs?: Partial<SymbolCosts>;
  readonly cash?: number;
  readonly limits?: BookLimits;
  readonly timeframe?: Timeframe;
  readonly anonymous?: boolean;
  readonly calendar?: 'none';
}

function marketOf(symbols: readonly string[], { costs = {}, cash = 1000, limits }: Options): EngineMarket {
  const market = { ...unitMarket({ kind: 'perpetual', ...costs }, cash, [...symbols]), ...(limits && { limits }) };
  return { ...market, sizing: { mode: 'fraction', fraction: 1 } };
}

function play(
  bars: Readonly<Record<string, Bars>>,
  decide: (now: UniverseNow<{ speed: never }>) => void,
  options: Options = {},
): SimulationResult {
  const { timeframe = '1m', anonymous, calendar } = options;
  const ends = Object.values(bars).map(({ time, length }) => time[length - 1] + MINUTE);
  const range = { from: START, to: Math.max(...ends) };
  const strategy = defineStrategy({
    ...{
      family: 'universe',
      hypothesis: 'none',
      timeframe,
      params: {},
      warmup: 1,
      universe: true,
      anonymous,
      calendar,
    },
    indicators: ({ close }) => ({ speed: roc(close, 3) }),
    decide: decide as never,
  });
  const data = Object.entries(bars).map(([symbol, each]) => ({ symbol, bars: each, range }));
  return simulate(strategy, data, NEUTRAL, marketOf(Object.keys(bars), options));
}

const rows = (...prices: (number | null)[]) =>
  barsOf(
    prices.map((price) => (price === null ? null : [price, price, price, price])),
    START,
  );
const halves = (now: UniverseNow<{ speed: never }>) => {
  for (const symbol of now.symbols) symbol.target(0.5);
};

/** In the order of time and name: which of two fills of a minute came first changes with the minute. */
const fillsOf = ({ fills }: SimulationResult) =>
  fills!
    .toSorted((a, b) => a.time - b.time || (a.symbol < b.symbol ? -1 : 1))
    .map(({ symbol, time, quantity, price }) => [symbol, (time - START) / MINUTE, quantity, price]);

describe('a universe', () => {
  it('decides once a moment and shows every symbol: what is gone keeps its last close and is not live', () => {
    const seen: unknown[] = [];
    play({ A: rows(10, 11, null, 12), B: rows(null, 20, 21, 22) }, (now) => {
      seen.push(now.symbols.map(({ name, close, live }) => [name, close, live]));
    });
    assert.deepEqual(seen, [
      [
        ['A', 10, true],
        ['B', Number.NaN, false],
      ],
      [
        ['A', 11, true],
        ['B', 20, true],
      ],
      [
        ['A', 11, false],
        ['B', 21, true],
      ],
      [
        ['A', 12, true],
        ['B', 22, true],
      ],
    ]);
  });

  it('weights are fractions of the whole equity, and now.cash, gross and net say what the book holds', () => {
    const seen: number[][] = [];
    const result = play({ A: rows(10, 10, 10, 20), B: rows(5, 5, 5, 5) }, (now) => {
      seen.push([now.cash, now.equity, now.gross, now.net, now.of('A').weight, now.of('B').position]);
      now.of('A').target(0.5);
      now.of('B').target(-0.25);
    });
    assert.deepEqual(fillsOf(result), [
      ['A', 1, 50, 10],
      ['B', 1, -50, 5],
    ]);
    assert.deepEqual(seen[1], [750, 1000, 0.75, 0.25, 0.5, -50]);
    assert.deepEqual(seen[3], [750, 1500, 1250 / 1500, 750 / 1500, 1000 / 1500, -50]);
  });

  it('what a decision adds is cut by one factor for all where it goes beyond the gross limit', () => {
    const result = play({ A: rows(10, 10), B: rows(10, 10), C: rows(10, 10) }, (now) => {
      for (const { target, name } of now.symbols.map((s) => ({ target: s.target.bind(s), name: s.name }))) {
        target(name === 'A' ? 1 : 0.5);
      }
    });
    assert.deepEqual(
      fillsOf(result).map(([, , quantity]) => quantity),
      [50, 25, 25],
    );
  });

  it('the net limit cuts the heavier side alone', () => {
    const limits = { gross: 2, net: 0.1 };
    const result = play(
      { A: rows(10, 10), B: rows(10, 10) },
      (now) => {
        now.of('A').target(0.8);
        now.of('B').target(-0.5);
      },
      {
        limits,
      },
    );
    assert.deepEqual(
      fillsOf(result).map(([, , quantity]) => Math.round(Number(quantity))),
      [60, -50],
    );
  });

  it('room is made before it is taken: what leaves fills first, whatever its name', () => {
    for (const [first, second] of ['AZ', 'ZA']) {
      const swap = play(
        { A: rows(10, 10, 10, 10), Z: rows(10, 10, 10, 10) },
        (now) => {
          const holds = now.of(first).position !== 0;
          now.of(first).target(holds ? 0 : 1);
          if (holds) now.of(second).target(1);
        },
        { costs: { kind: 'spot' } },
      );
      const order = swap.fills!.slice(0, 3).map(({ symbol, quantity }) => [symbol, quantity]);
      assert.deepEqual(order, [
        [first, 100],
        [first, -100],
        [second, 100],
      ]);
    }
  });

  it('cash that is not enough for all that opens is shared by what each asked for', () => {
    // Both gap up after the decision: 1500 would be needed.
    for (const kind of ['spot', 'perpetual'] as const) {
      const result = play({ A: rows(10, 15), B: rows(20, 30) }, halves, {
        costs: { kind },
      });
      const spent = fillsOf(result).map(([symbol, , quantity, price]) => [
        symbol,
        Math.round(Number(quantity) * Number(price)),
      ]);
      assert.deepEqual(
        spent,
        [
          ['A', 500],
          ['B', 500],
        ],
        kind,
      );
    }
  });

  it('orders for a symbol in its warm-up are refused and counted; leaving nothing is no order', () => {
    const result = play({ A: rows(10, 10), B: rows(null, 10) }, (now) => {
      now.of('B').flat();
      now.of('B').target(0.5);
    });
    assert.equal(result.refused, 1);
    assert.equal(result.fillCount, 0);
  });

  it('names are handles where it is anonymous, and the calendar is not shown', () => {
    const symbols = { BTCUSD: rows(10, 10), ETHUSD: rows(20, 20), LTCUSD: rows(30, 30) };
    const seen = new Set<string>();
    play(
      symbols,
      (now) => {
        for (const { name } of now.symbols) seen.add(name);
        assert.throws(() => now.of('BTCUSD'), /S01, S02, S03/);
        assert.equal('hour' in now, false);
        assert.equal('time' in now.symbols[0], false);
      },
      { anonymous: true, calendar: 'none' },
    );
    assert.deepEqual([...seen], ['S01', 'S02', 'S03']);
  });

  it('its views keep nothing and make no others', () => {
    play({ A: rows(10, 10) }, (now) => {
      const [view] = now.symbols;
      for (const object of [now, view, now.symbols]) assert.ok(Object.isFrozen(object));
      assert.notEqual(
        view.constructor,
        Object.getPrototypeOf(view).constructor === Object ? undefined : view.constructor,
      );
      for (let each = Object.getPrototypeOf(view); each !== Object.prototype; each = Object.getPrototypeOf(each)) {
        assert.ok(Object.isFrozen(each));
        for (const { get, value } of Object.values(Object.getOwnPropertyDescriptors(each))) {
          assert.ok(Object.isFrozen(get ?? value));
        }
      }
    });
  });
});

describe('whatever the market', () => {
  const momentum = (now: UniverseNow<{ speed: never }>) => {
    const weights = topK(
      now.symbols.map(({ speed, live }) => (live ? speed : Number.NaN)),
      2,
    );
    for (const [i, symbol] of now.symbols.entries()) if (symbol.live) symbol.target(weights[i]);
  };
  const costs = { takerBps: 10, slippageBps: 2, rangeShare: 0.05, participation: 0.2, tick: 0.01 };

  it('the order in which symbols are handed over changes nothing', () => {
    const bars = { A: walk(1, 400), B: walk(2, 400), C: walk(3, 400) };
    const { A, B, C } = bars;
    const first = play(bars, momentum, { costs, timeframe: '5m' });
    const other = play({ C, A, B }, momentum, { costs, timeframe: '5m' });
    assert.ok(first.fillCount > 50, String(first.fillCount));
    assert.deepEqual(other.fills, first.fills);
    assert.equal(other.equityFingerprint, first.equityFingerprint);
    const names = (result: SimulationResult, order: string) =>
      Array.from(result.trades.symbol, (s) => order[s]).join('');
    assert.equal(names(other, 'CAB'), names(first, 'ABC'));
  });

  it('a symbol split into two identical ones halves each', () => {
    const bars = walk(4, 600);
    const switching = (now: UniverseNow<{ speed: never }>) => {
      for (const symbol of now.symbols) symbol.target(symbol.speed > 0 ? 1 : -1);
    };
    const own = { takerBps: 10, slippageBps: 2, rangeShare: 0.05 };
    const one = play({ A: bars }, switching, { costs: own, timeframe: '5m' });
    const two = play({ A: bars, B: bars }, switching, { costs: own, timeframe: '5m' });
    assert.ok(one.fillCount > 20);
    for (const name of ['A', 'B']) {
      const half = two.fills!.filter(({ symbol }) => symbol === name);
      assert.equal(half.length, one.fillCount);
      for (const [i, fill] of half.entries()) near(2 * fill.quantity, one.fills![i].quantity);
    }
    near(two.finalEquity, one.finalEquity);
  });

  it('profits of the symbols add up to that of the whole, turnover and exposure too', () => {
    const result = play({ A: walk(1, 900), B: walk(2, 900), C: walk(3, 900) }, momentum, { costs, timeframe: '5m' });
    const sum = (of: 'profit' | 'traded' | 'exposure') => result.symbols!.reduce((all, each) => all + each[of], 0);
    near(sum('profit'), result.finalEquity - result.cash);
    near(sum('traded'), result.traded);
    near(sum('exposure'), result.meanExposure);
    const best = Math.max(...result.symbols!.map(({ profit }) => profit));
    const share = computeMetrics(result).topSymbolShare;
    if (result.finalEquity > result.cash) near(share!, best / (result.finalEquity - result.cash));
    else assert.equal(share, null);
  });

  it('a symbol that dies loses no money and makes none', () => {
    const dying = walk(5, 300);
    const calm = barsOf(
      Array.from({ length: 3 * 1440 }, () => [10, 10, 10, 10]),
      START,
    );
    const result = play({ CALM: calm, DYING: dying }, halves, { timeframe: '1h' });
    const last = dying.close[dying.length - 1];
    const [entry, exit] = result.fills!.filter(({ symbol }) => symbol === 'DYING');
    assert.partialDeepStrictEqual(exit, { reason: 'delisting', price: last, time: dying.time[dying.length - 1] });
    near(result.finalEquity, 1000 + entry.quantity * (last - entry.price));
    near(result.dayEquity[0], result.finalEquity);
    near(result.days.length, Math.ceil((3 * 1440 * MINUTE) / DAY));
  });

  it('minutes that are only marked are those that would be played one by one', () => {
    const bars = { A: walk(6, 3000), B: walk(7, 3000), C: walk(8, 2500) };
    const hourly = (now: UniverseNow<{ speed: never }>) => {
      const time = Math.max(...now.symbols.map((symbol) => (symbol as unknown as { time: number }).time || 0));
      if (time % (60 * MINUTE) !== 0) return;
      const weights = neutralise(now.symbols.map(({ close }) => (close * 997) % 1));
      for (const [i, symbol] of now.symbols.entries()) symbol.target(weights[i], { stop: null });
    };
    const [marked, walked] = [play(bars, hourly, { timeframe: '1h' }), play(bars, hourly, { timeframe: '1m' })];
    assert.ok(marked.fillCount > 100, String(marked.fillCount));
    assert.deepEqual(marked.fills, walked.fills);
    assert.equal(marked.equityFingerprint, walked.equityFingerprint);
    for (const key of ['maxDrawdown', 'underwaterMs', 'bars', 'barsInPosition'] as const)
      near(marked[key], walked[key]);
    for (const [d, value] of marked.dayVariation.entries()) near(value, walked.dayVariation[d]);
  });
});

function near(a: number, b: number): void {
  assert.ok(Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(b)), `${a} and ${b}`);
}
