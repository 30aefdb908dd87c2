import { PROJECT_DIR } from '../base/roots.ts';
import { type GatesConfig, readGatesConfig } from '../gates/config.ts';
import { reviewKeep } from '../gates/incumbents.ts';
import { requiredSharpe } from '../gates/stages/deflation.ts';
import type { RunEvent } from '../journal/events.ts';
import { configFolderOf } from '../loop/start/config-folder.ts';
import { readWindowsConfig, type Windows } from '../market/windows.ts';
import { configPath } from '../task/config-path.ts';

const DAY_MS = 86_400_000;

/** What a finished run's trials are measured against today. */
export interface SettingsNow {
  readonly gates: GatesConfig;
  readonly windows: Windows;
  /** Annual train Sharpe that a new trial needs. */
  readonly requiredSharpe: number;
  review(metrics: Parameters<typeof reviewKeep>[0]): ReturnType<typeof reviewKeep>;
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
