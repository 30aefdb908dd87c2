import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { messageOf } from '../base/errors.ts';
import { PROJECT_DIR } from '../base/roots.ts';
import { secret } from '../base/secrets.ts';
import { say } from '../base/terminal.ts';
import { type GatesConfig, readGatesConfig } from '../gates/config.ts';
import { reviewKeep } from '../gates/incumbents.ts';
import { requiredSharpe } from '../gates/stages/deflation.ts';
import type { RunEvent } from '../journal/events.ts';
import { configFolderOf } from '../journal/projections/rows.ts';
import type { Spent } from '../ledger/book.ts';
import { type Ledger, openLedger } from '../ledger/ledger.ts';
import { databaseOf, readMarketConfig } from '../market/config.ts';
import { readWindowsConfig, type Windows } from '../market/windows.ts';
import { configPath } from '../task/config-path.ts';
import { doerOf } from '../task/doer.ts';

const DAY_MS = 86_400_000;

/** What a finished run's trials are measured against today. */
export interface SettingsNow {
  readonly gates: GatesConfig;
  readonly windows: Windows;
  /** Annual train Sharpe that a new trial needs. */
  readonly requiredSharpe: number;
  review(metrics: Parameters<typeof reviewKeep>[0]): ReturnType<typeof reviewKeep>;
}

/**
 * What the ledger says by now of the data that a run searched on, whatever run it was spent by; null where the run charged no trial or the
 * ledger is out of reach. Then the journal's own numbers are the best there are.
 */
export async function spentNow(events: readonly RunEvent[], config: string | undefined): Promise<Spent | null> {
  if (events[0]?.type !== 'run.started') return null;
  let ledger: Ledger | undefined;
  try {
    const folder = config ?? configFolderOf(events, PROJECT_DIR);
    const market = readMarketConfig(configPath(PROJECT_DIR, folder, 'market.yaml'));
    const dataDir = resolve(PROJECT_DIR, market.dataDir);
    const database = databaseOf(market, dataDir, secret('DATABASE_URL'));
    if (!database.url && !existsSync(dataDir)) return null;
    ledger = openLedger(database);
    return (await ledger.add([], (book) => book.spentOf(doerOf(events, '').run))) ?? null;
  } catch (thrown) {
    say(`the ledger does not answer (${messageOf(thrown)}): N and looks are those of the run itself`);
    return null;
  } finally {
    await ledger?.close();
  }
}

/** The gates and windows of a run as they stand in its config after `trials`, or null where they cannot be read. */
export function settingsNow(
  events: readonly RunEvent[],
  config: string | undefined,
  trials: number,
): SettingsNow | null {
  const folder = config ?? configFolderOf(events, PROJECT_DIR);
  const pathOf = (name: string) => configPath(PROJECT_DIR, folder, name);
  try {
    const gates = readGatesConfig(pathOf('gates.yaml'));
    const windows = readWindowsConfig(pathOf('windows.yaml'));
    const days = (windows.train.to - windows.train.from) / DAY_MS;
    return {
      gates,
      windows,
      requiredSharpe: requiredSharpe(days, Math.max(1, trials), gates.deflation),
      review: (metrics) => reviewKeep(metrics, trials, gates.deflation),
    };
  } catch {
    return null;
  }
}
