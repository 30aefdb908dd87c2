import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { simulate } from '../../src/backtest/engine.ts';
import type { EngineMarket, SymbolCosts } from '../../src/backtest/market.ts';
import { DAY, MINUTE } from '../../src/market/bars.ts';
import { defineStrategy } from '../../src/strategy/definition.ts';
import type { Now } from '../../src/strategy/now.ts';
import { barsOf, NEUTRAL, timeOf, unitMarket } from './support.ts';

const START = Date.UTC(2020, 0, 1);
const FLAT = [100, 100, 100, 100];

function play(
  rows: Readonly<Record<string, readonly (readonly number[] | null)[]>>,
  decide: (now: Now) => void,
  market: EngineMarket = unitMarket({}, 1000, Object.keys(rows)),
  timeframe: '1m' | '5m' = '1m',
) {
  const length = Math.max(...Object.values(rows).map((one) => one.length));
  const range = { from: START, to: START + length * MINUTE };
  const data = Object.entries(rows).map(([symbol, one]) => ({ symbol, bars: barsOf(one, START), range }));
  const strategy = defineStrategy({ family: 'many', hypothesis: 'none', timeframe, params: {}, warmup: 1, decide });
  const result = simulate(strategy, data, NEUTRAL, market);
  return {
    result,
    fills: result.fills!.map((fill) => [fill.symbol, (fill.time - START) / MINUTE, fill.quantity, fill.price]),
  };
}

function fractionMarket(symbols: readonly string[], costs: Partial<SymbolCosts> = {}): EngineMarket {
  return { ...unitMarket(costs, 1000, [...symbols]), sizing: { mode: 'fraction', fraction: 1 } };
}

describe('several symbols', () => {
  it('share one equity: each gets an equal part', () => {
    const { fills } = play(
      {
        A: [FLAT, FLAT],
        B: [
          [50, 50, 50, 50],
          [50, 50, 50, 50],
        ],
      },
      (now) => now.target(1),
      fractionMarket(['A', 'B']),
    );
    assert.deepEqual(fills, [
      ['A', 1, 5, 100],
      ['B', 1, 10, 50],
    ]);
  });

  it('a profit in one raises the share of the other', () => {
    const rows = { A: [FLAT, FLAT, [200, 200, 200, 200], [200, 200, 200, 200]], B: [FLAT, FLAT, FLAT, FLAT] };
    const { fills } = play(
      rows,
      (now) => {
        if (now.symbol === 'A' || (now.ago('close', 1) > 0 && now.equity > 1000)) now.target(1);
      },
      fractionMarket(['A', 'B']),
    );
    // 1000 / 2 / 100 of A, then 1500 / 2 / 100 of B but only 500 of cash are left.
    assert.deepEqual(fills, [
      ['A', 1, 5, 100],
      ['B', 3, 5, 100],
    ]);
  });

  it('are decided in the order of the candidate, every bar of a moment known to all', () => {
    const seen: string[] = [];
    play({ B: [FLAT, FLAT], A: [FLAT, FLAT] }, (now) => seen.push(`${now.symbol}${(timeOf(now) - START) / MINUTE}`));
    assert.deepEqual(seen, ['B1', 'A1', 'B2', 'A2']);
  });

  it('a symbol without a bar is not decided on and keeps its last price', () => {
    const equities: number[] = [];
    const rows = { A: [FLAT, FLAT, [130, 130, 130, 130], null, null], B: [FLAT, FLAT, FLAT, FLAT, FLAT] };
    play(rows, (now) => {
      if (now.symbol === 'A') now.target(1);
      else equities.push(now.equity);
    });
    assert.deepEqual(equities, [1000, 1000, 1030, 1030, 1030]);
  });

  it('an order waits for the next bar of its own symbol', () => {
    const rows = { A: [FLAT, null, null, [103, 103, 103, 103]], B: [FLAT, FLAT, FLAT, FLAT] };
    const { fills } = play(rows, (now) => now.symbol === 'A' && now.target(1));
    assert.deepEqual(fills, [['A', 3, 1, 103]]);
  });

  it('coarser decisions of all symbols fall on the same moments', () => {
    const seen: string[] = [];
    const rows = { A: Array(11).fill(FLAT), B: [...Array(3).fill(FLAT), ...Array(8).fill(null)] };
    play(rows, (now) => seen.push(`${now.symbol}${(timeOf(now) - START) / MINUTE}`), undefined, '5m');
    assert.deepEqual(seen, ['A5', 'B5', 'A10']);
  });

  it('cash is shared in order: what the first spends the second lacks', () => {
    const market = { ...fractionMarket(['A', 'B']), sizing: { mode: 'units', units: 8 } } as const;
    const { fills } = play({ A: [FLAT, FLAT], B: [FLAT, FLAT] }, (now) => now.target(1), market);
    assert.deepEqual(fills, [
      ['A', 1, 8, 100],
      ['B', 1, 2, 100],
    ]);
  });

  it('a symbol is delisted in the very minute that lies a day behind its last bar', () => {
    const minutes = 1445;
    const { result } = play(
      {
        A: Array.from({ length: minutes }, (_, i) => (i < 2 ? FLAT : null)),
        B: Array.from({ length: minutes }, () => FLAT),
      },
      (now) => {
        if (now.symbol === 'A') now.target(1);
      },
    );
    assert.equal(result.barsInPosition, 1440, 'minutes 1 to 1440 of the market');
  });

  it('a delisted symbol is sold at its last close a day after its last bar', () => {
    const length = DAY / MINUTE + 10;
    const rows = { A: [FLAT, FLAT, [90, 90, 90, 90]], B: Array(length).fill(FLAT) };
    const market = unitMarket({ takerBps: 100 }, 1000, ['A', 'B']);
    const { result } = play(rows, (now) => now.symbol === 'A' && now.target(1), market);
    assert.deepEqual(
      result.fills!.map((fill) => [fill.symbol, fill.price, fill.reason]),
      [
        ['A', 100, 'market'],
        ['A', 90, 'delisting'],
      ],
    );
    assert.equal(result.finalEquity, 1000 - 10 - 1 - 0.9);
  });

  it('a symbol that merely ends with the window is marked to its last close', () => {
    const { result } = play(
      { A: [FLAT, FLAT, [90, 90, 90, 90]], B: Array(60).fill(FLAT) },
      (now) => now.symbol === 'A' && now.target(1),
    );
    assert.equal(result.fillCount, 1);
    assert.equal(result.finalEquity, 990);
  });

  it('the price of ruin follows what the other symbols have lost', () => {
    const rows = {
      A: [FLAT, FLAT, FLAT, [100, 140, 100, 130], FLAT],
      B: [FLAT, FLAT, [100, 100, 10, 10], [10, 10, 10, 10], FLAT],
    };
    const market = {
      ...unitMarket({ kind: 'perpetual' }, 1000, ['A', 'B']),
      sizing: { mode: 'units', units: 8 },
    } as const;
    const { result, fills } = play(rows, (now) => now.target(now.symbol === 'A' ? -1 : 1), market);
    // 1000 - 8 x 90 = 280 are left for a short of 8 from 100: nothing at 135.
    assert.deepEqual(fills[2], ['A', 3, 8, 135]);
    assert.deepEqual([result.fillCount, result.ruined, result.finalEquity], [3, true, 0]);
  });

  it('the benchmark holds equal parts from the first opens', () => {
    const { result } = play({ A: [FLAT, [150, 150, 150, 150]], B: [FLAT, FLAT] }, () => undefined);
    assert.deepEqual([...result.dayBenchmark], [1.25]);
  });

  it('time in the market counts the minutes of the union', () => {
    const { result } = play(
      { A: [FLAT, null, FLAT, FLAT], B: [FLAT, FLAT, null, null] },
      (now) => now.symbol === 'A' && now.target(1),
    );
    assert.deepEqual([result.bars, result.barsInPosition], [4, 2]);
  });
});
