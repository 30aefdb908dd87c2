import { join } from 'node:path';
import { barsBetween, DAY, type Range } from '../../../market/bars.ts';
import { type MarketConfig, readMarketConfig } from '../../../market/config.ts';
import { simulateMarket } from '../../../market/simulate.ts';
import type { FrozenWindows, WindowFile } from '../../../market/snapshot.ts';
import { writeWindowFile } from '../../../market/window-file.ts';

export const SYMBOL = 'BENCH';

const START = Date.UTC(2020, 0, 1);
const WARMUP = 60 * DAY;
const TRAIN = 730 * DAY;
const FOLD = 90 * DAY;
const FOLDS = 4;

/** Hourly decisions, stops on minutes, four parameters and so eight neighbours; it follows what the market rewards. */
export const trialSource = `import { atr, defineStrategy } from 'ralph/strategy';
export default defineStrategy({
  family: 'bench-momentum',
  hypothesis: 'The last day goes on; refuted if train Sharpe < 1',
  timeframe: '1h',
  params: { hours: 24, atrBars: 48, stopAtr: 6, calm: 0.002 },
  warmup: (p) => 2 * Math.max(p.hours, p.atrBars),
  indicators: ({ close, high, low }, p) => ({ range: atr(high, low, close, p.atrBars) }),
  decide(now, p) {
    const change = now.close / now.ago('close', p.hours) - 1;
    if (change > p.calm && now.position <= 0) now.target(1, { stop: now.close - p.stopAtr * now.range });
    if (change < -p.calm && now.position >= 0) now.target(-1, { stop: now.close + p.stopAtr * now.range });
  },
});
`;

/** A cheap perpetual; everything else as in config/market.yaml. */
export function trialMarket(configDir: string): MarketConfig {
  const costs: MarketConfig['symbols'][string] = {
    kind: 'perpetual',
    makerBps: 2,
    takerBps: 5,
    slippageBps: 1,
    rangeShare: 0.05,
    participation: 0,
    tick: 0.01,
    lot: 1e-8,
    minNotional: 0,
    fundingBps: 0,
  };
  const market = readMarketConfig(join(configDir, 'market.yaml'));
  return { ...market, cash: 1_000_000, sizing: { mode: 'fraction', fraction: 0.4 }, symbols: { [SYMBOL]: costs } };
}

/** Two years to train on and four quarters held back, of a simulated market with a strong day momentum, as window files. */
export function trialWindows(folder: string): Pick<FrozenWindows, 'train' | 'selection'> {
  const { bars } = simulateMarket({
    seed: 'bench',
    start: START,
    minutes: (WARMUP + TRAIN + FOLDS * FOLD) / 60_000,
    gapsPerYear: 24,
    edges: [{ kind: 'momentum', annualSharpe: 12 }],
  });
  const freeze = (range: Range, name: string): WindowFile => {
    const path = join(folder, `${name}.bars`);
    const own = barsBetween(bars, range.from - WARMUP, range.to);
    const header = writeWindowFile(path, own, { symbol: SYMBOL, range, warmupMs: WARMUP, provenance: 'bench' });
    const { fingerprint, warmupBars, gapMinutes } = header;
    return { path, symbol: SYMBOL, fingerprint, range, bars: header.bars - warmupBars, warmupBars, gapMinutes };
  };
  const from = START + WARMUP;
  const folds = Array.from({ length: FOLDS }, (_, k) => from + TRAIN + k * FOLD);
  return {
    train: [freeze({ from, to: from + TRAIN }, 'train')],
    selection: folds.map((start, k) => [freeze({ from: start, to: start + FOLD }, `fold${k}`)]),
  };
}
