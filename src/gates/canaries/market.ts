import { join } from 'node:path';
import { type Bars, DAY, type Range } from '../../market/bars.ts';
import type { MarketConfig } from '../../market/config.ts';
import { simulateMarket } from '../../market/simulate.ts';
import { barsBetween } from '../../market/slice.ts';
import type { FrozenWindows, WindowFile } from '../../market/snapshot.ts';
import { writeWindowFile } from '../../market/window-file.ts';

const SYMBOL = 'CANARY';
const WARMUP = 30 * DAY;
const START = Date.UTC(2020, 0, 1);

/**
 * A small market of hourly bars with a strong day momentum, so that a strategy that follows it is good enough to become a champion;
 * two years of train and half a year of one fold, written as window files into `dir`.
 */
export function canaryWindows(dir: string): Pick<FrozenWindows, 'train' | 'selection'> {
  const { bars } = simulateMarket({
    seed: 'canary',
    start: START,
    minutes: (940 * DAY) / 60_000,
    barMinutes: 60,
    gapsPerYear: 0,
    edges: [{ kind: 'momentum', annualSharpe: 14 }],
  });
  const train = { from: START + WARMUP, to: START + WARMUP + 730 * DAY };
  const fold = { from: train.to, to: train.to + 180 * DAY };
  return { train: [freeze(bars, train, dir, 'train')], selection: [[freeze(bars, fold, dir, 'fold')]] };
}

/** Costs of the canary market: those of a cheap perpetual, whatever the user's market costs, so that canaries behave alike everywhere. */
export function canaryMarket(market: MarketConfig): MarketConfig {
  const costs: MarketConfig['symbols'][string] = {
    kind: 'perpetual',
    makerBps: 2,
    takerBps: 5,
    slippageBps: 1,
    rangeShare: 0,
    participation: 1,
    tick: 0.01,
    lot: 0.000001,
    minNotional: 0,
    fundingBps: 0,
  };
  return { ...market, cash: 10_000, sizing: { mode: 'fraction', fraction: 1 }, symbols: { [SYMBOL]: costs } };
}

function freeze(bars: Bars, range: Range, dir: string, name: string): WindowFile {
  const path = join(dir, `canary-${name}.bars`);
  const about = { symbol: SYMBOL, range, warmupMs: WARMUP, provenance: 'canary' };
  const header = writeWindowFile(path, barsBetween(bars, range.from - WARMUP, range.to), about);
  const { fingerprint, warmupBars, gapMinutes } = header;
  return { path, symbol: SYMBOL, fingerprint, range, bars: header.bars - warmupBars, warmupBars, gapMinutes };
}
