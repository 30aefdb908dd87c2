import { seriesOf } from '../../ledger/series.ts';
import type { FrozenWindows } from '../../market/snapshot.ts';
import { databaseFor } from '../config-path.ts';
import { type MarketLedger, marketLedger } from '../ledger.ts';
import type { Trading } from './context.ts';

/** The ledger of the run's data. */
export function openMarketLedger({ projectDir, frozen, market }: Trading): MarketLedger {
  const files = [frozen.train, ...frozen.selection, frozen.holdout];
  const pathsOf = (k: number) => files.map((window) => window[k].path);
  const series = frozen.train.map(({ symbol }, k) => seriesOf(symbol, pathsOf(k)));
  return marketLedger(databaseFor(projectDir, market), series, windowsOf(frozen));
}

export function windowsOf({ train, selection, holdout }: FrozenWindows) {
  return { train: train[0].range, selection: selection.map(([fold]) => fold.range), holdout: holdout[0].range };
}
