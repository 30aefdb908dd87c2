import { openLedger } from '../../ledger/ledger.ts';
import { seriesOf, settingOf } from '../../ledger/series.ts';
import type { FrozenWindows } from '../../market/snapshot.ts';
import { databaseFor } from '../config-path.ts';
import type { MarketLedger } from '../ledger.ts';
import type { Trading } from './context.ts';

/** The ledger of the run's data. */
export function openMarketLedger({
  projectDir,
  frozen,
  market,
}: Pick<Trading, 'projectDir' | 'frozen' | 'market'>): MarketLedger {
  const files = [frozen.train, ...frozen.selection, frozen.holdout];
  const series = frozen.train.map(({ symbol }, k) =>
    seriesOf(
      symbol,
      files.map((window) => window[k].path),
    ),
  );
  const setting = settingOf(
    series.map((each) => each.series),
    windowsOf(frozen),
  );
  const ledger = openLedger(databaseFor(projectDir, market));
  return { ledger, setting, known: [...series, setting] };
}

export function windowsOf({ train, selection, holdout }: FrozenWindows) {
  return { train: train[0].range, selection: selection.map(([fold]) => fold.range), holdout: holdout[0].range };
}
