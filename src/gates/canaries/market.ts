import { join } from 'node:path';
import { type Bars, barsBetween, DAY, type Range } from '../../market/bars.ts';
import type { MarketConfig } from '../../market/config.ts';
import { simulateMarket } from '../../market/simulate.ts';
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
  const freeze = (range: Range, name: string) =>
    freezeBars(bars, { symbol: SYMBOL, range, warmupMs: WARMUP, path: join(dir, `canary-${name}.bars`) });
  return { train: [freeze(train, 'train')], selection: [[freeze(fold, 'fold')]] };
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

/** Writes one window of a simulated market, with its warm-up, as an evaluation process reads it. */
export function freezeBars(
  bars: Bars,
  { symbol, range, warmupMs, path }: Pick<WindowFile, 'symbol' | 'range' | 'path'> & { readonly warmupMs: number },
): WindowFile {
  const about = { symbol, range, warmupMs, provenance: 'simulated' };
  const header = writeWindowFile(path, barsBetween(bars, range.from - warmupMs, range.to), about);
  const { fingerprint, warmupBars, gapMinutes } = header;
  return { path, symbol, fingerprint, range, bars: header.bars - warmupBars, warmupBars, gapMinutes };
}
