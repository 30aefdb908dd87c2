import type { GatesConfig } from '../../../gates/config.ts';
import { seriesFrom } from '../../../ledger/series.ts';
import { databaseFor, readMarket } from '../../config-path.ts';
import { type MarketLedger, marketLedger, taskLedger } from '../../ledger.ts';
import type { TaskLedger } from '../../spending.ts';
import { type Returns, windowsOf } from '../contract/returns.ts';
import type { HeldBack } from './hold-back.ts';

/** The ledger of a project's price files: they are the market that is searched, and what was spent on it is counted over all runs. */
export function returnsLedger(
  projectDir: string,
  configDir: string,
  returns: Returns,
  gates: GatesConfig,
  heldBack: () => HeldBack,
): TaskLedger {
  return taskLedger(windowsOf(returns), gates, () => openReturnsLedger(projectDir, configDir, returns, heldBack()));
}

export function openReturnsLedger(
  projectDir: string,
  configDir: string,
  returns: Returns,
  heldBack: HeldBack,
): MarketLedger {
  const market = readMarket({ projectDir, configDir });
  const series = [...heldBack].map(([path, { times, price }]) => seriesFrom(path, [{ time: times, close: price }]));
  return marketLedger(databaseFor(projectDir, market), series, windowsOf(returns));
}
