import { PROJECT_DIR } from '../base/roots.ts';
import { type GatesConfig, readGatesConfig } from '../gates/config.ts';
import { looksLeft, type WindowRanges } from '../gates/feasibility.ts';
import { reviewKeep } from '../gates/incumbents.ts';
import { requiredSharpe } from '../gates/stages/deflation.ts';
import type { RunEvent } from '../journal/events.ts';
import { configFolderOf, settingsOf } from '../journal/projections/rows.ts';
import { statusOf } from '../journal/projections/status.ts';
import type { Spent } from '../ledger/book.ts';
import { DAY } from '../market/bars.ts';
import { readWindowsConfig } from '../market/windows.ts';
import type { Looks } from '../page/view.ts';
import { type Returns, returnsSchema, windowsOf } from '../task/command/contract/returns.ts';
import { configPath } from '../task/config-path.ts';
import { askLedger } from './data/common.ts';

/** Where the data of a run stand by now: what every run has spent on them, and what that asks of a trial. */
export interface Standing {
  /** N. */
  readonly n: number;
  readonly looks: { readonly selection: Looks; readonly holdout: Looks; readonly requiredSharpe: number | null };
  /** Why earlier spending was forgotten. */
  readonly forgotten: readonly string[];
  /** A kept trial at today's N; null when the config cannot be read. */
  readonly review: ((metrics: Parameters<typeof reviewKeep>[0]) => Reviewed) | null;
}

export interface Reviewed {
  /** Chance that luck shows as much; null when its trial recorded nothing to tell it from. */
  readonly luck: number | null;
  /** It would no longer pass deflation. */
  readonly provisional: boolean;
}

/** The standing by the ledger; by the run's own counts where `spent` is null. */
export function standingOf(events: readonly RunEvent[], config: string | undefined, spent: Spent | null): Standing {
  const own = statusOf(events);
  const n = spent?.trials ?? own.n;
  const selection = spent?.looks ?? own.selectionLooks;
  const holdout = spent?.holdouts.length ?? own.holdoutLooks;
  const now = settingsNow(events, config);
  const trials = Math.max(1, n);
  const days = now ? (now.windows.train.to - now.windows.train.from) / DAY : 0;
  return {
    n,
    looks: {
      selection: { used: selection, left: now && looksLeft(now.windows, now.gates, trials, selection) },
      holdout: { used: holdout, left: now && Math.max(0, now.gates.holdout.openings - holdout) },
      requiredSharpe: now && requiredSharpe(days, trials, now.gates.deflation),
    },
    forgotten: spent?.forgotten ?? [],
    review:
      now &&
      ((metrics) => {
        const { luck, provisional } = reviewKeep(metrics, n, now.gates.deflation);
        return { luck: Number.isNaN(luck) ? null : luck, provisional };
      }),
  };
}

/**
 * What the ledger says by now of the data that a run searched on, whatever run it was spent by; null where the run charged no trial or the
 * ledger is out of reach. Then the journal's own numbers are the best there are.
 */
export async function spentNow(events: readonly RunEvent[], config: string | undefined): Promise<Spent | null> {
  if (events[0]?.type !== 'run.started') return null;
  const otherwise = 'N and looks are those of the run itself';
  return (await askLedger(events, config, (book, run) => book.spentOf(run), otherwise)) ?? null;
}

/** The gates and windows of a run as they stand in its config, or null where they cannot be read. */
function settingsNow(
  events: readonly RunEvent[],
  config: string | undefined,
): { readonly gates: GatesConfig; readonly windows: WindowRanges } | null {
  const folder = config ?? configFolderOf(events, PROJECT_DIR);
  const project = events[0]?.type === 'run.started' && events[0].task === 'project';
  const returns = project ? returnsIn(events) : null;
  if (project && !returns) return null;
  const pathOf = (name: string) => configPath(PROJECT_DIR, folder, name);
  try {
    const windows = returns ? windowsOf(returns) : readWindowsConfig(pathOf('windows.yaml'));
    return { gates: readGatesConfig(pathOf('gates.yaml')), windows };
  } catch {
    return null;
  }
}

/** The windows of a project whose returns are judged, as its run was started; null for any other. */
function returnsIn(events: readonly RunEvent[]): Returns | null {
  const { task } = settingsOf(events) as { task?: { returns?: unknown } };
  return returnsSchema.safeParse(task?.returns).data ?? null;
}
