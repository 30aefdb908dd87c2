import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { SimulationResult } from '../../../src/backtest/contract.ts';
import { DAY, MINUTE } from '../../../src/market/bars.ts';
import { computeMetrics } from '../../../src/metrics/metrics.ts';
import { neutralise, topK } from '../../../src/strategy/across.ts';
import type { UniverseNow } from '../../../src/strategy/universe.ts';
import { barsOf } from '../support.ts';
import { halves, near, play, START } from './play.ts';
import { walk } from './walk.ts';

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
