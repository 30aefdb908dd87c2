import test from 'node:test';
import { simulate } from '../../../src/backtest/engine.ts';
import fc from '../../fast-check.ts';
import { cut, same, viewed } from './compare.ts';
import { follow, type Scene, scenes } from './plans.ts';
import { type OracleResult, oraclePlay } from './play.ts';

const RUNS = Number(process.env.RALPH_ORACLE_RUNS ?? 800);
const SEED = Number(process.env.RALPH_ORACLE_SEED ?? 20260101);

test('the engine agrees with a slow second implementation of its rules', () => {
  fc.assert(fc.property(scenes, compare), { numRuns: RUNS, seed: SEED });
});

function compare(scene: Scene): void {
  const { bars, market, scenario, part } = scene;
  const range = cut(bars, part);
  const seen: number[][] = [];
  const fast = simulate(
    follow(scene, (now) => seen.push(viewed(now))),
    [{ symbol: 'X', bars, range }],
    { params: {}, scenario, detail: 'full' },
    market,
  );
  const slowSeen: number[][] = [];
  const slow: OracleResult = oraclePlay(
    follow(scene, (now) => slowSeen.push(viewed(now))),
    bars,
    range,
    scenario,
    market,
  );
  const { holding } = slow;

  same(
    fast.fills!.map((fill) => [fill.time, fill.quantity, fill.price, fill.fee, fill.reason]),
    holding.fills.map((fill) => [fill.at, fill.quantity, fill.price, fill.fee, fill.reason]),
    'fills',
  );
  same(seen, slowSeen, 'what decide() saw');
  const { trades } = fast;
  same(
    Array.from({ length: trades.length }, (_, i) => [
      trades.side[i],
      trades.entryTime[i],
      trades.exitTime[i],
      trades.entryPrice[i],
      trades.exitPrice[i],
      trades.quantity[i],
      trades.profit[i],
    ]),
    holding.trades.map((trade) => [
      trade.side,
      trade.opened,
      trade.closed,
      trade.entry,
      trade.exit,
      trade.size,
      trade.profit,
    ]),
    'trades',
  );
  same(
    [...fast.days].map((day, d) => [day, fast.dayEquity[d], fast.dayBenchmark[d]]),
    slow.days,
    'days',
  );
  same([fast.finalEquity], [slow.finalEquity], 'final equity');
  same(
    [fast.fees, fast.traded, fast.funding],
    [holding.fees, holding.traded, holding.funding],
    'fees, traded, funding',
  );
  same([fast.maxDrawdown, fast.underwaterMs], [slow.maxDrawdown, slow.underwaterMs], 'drawdown, time under water');
  same(
    [fast.barsInPosition, fast.meanExposure],
    [slow.barsInPosition, slow.meanExposure],
    'bars in position, exposure',
  );
  same(
    [fast.decisions, fast.refused, Number(fast.ruined)],
    [slow.decisions, slow.refused, Number(slow.ruined)],
    'decisions, refused, ruined',
  );
}
