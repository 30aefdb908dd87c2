import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { EXIT, type ExitCode } from '../base/errors.ts';
import { print, printJson } from '../base/terminal.ts';
import { readGatesConfig } from '../gates/config.ts';
import { reviewKeep } from '../gates/incumbents.ts';
import { lookBudget } from '../gates/ladder.ts';
import { requiredSharpe } from '../gates/stages/deflation.ts';
import type { RunEvent } from '../journal/events.ts';
import { runFolder } from '../journal/folder.ts';
import { readJournal } from '../journal/journal.ts';
import { lockHolder } from '../journal/lock.ts';
import { openObjects, returnsFromBytes } from '../journal/objects.ts';
import { rowsOf, settingsOf } from '../journal/projections/rows.ts';
import { type RunStatus, statusOf, turnsText } from '../journal/projections/status.ts';
import { number } from '../journal/projections/text.ts';
import { configFolderOf } from '../loop/start/config-folder.ts';
import { readWindowsConfig } from '../market/windows.ts';
import { impliedIndependent } from '../metrics/statistics/independent.ts';
import { configPath } from '../task/config-path.ts';
import { openOutbox } from '../tracking/outbox.ts';
import { folded } from '../tracking/width.ts';

const DAY_MS = 86_400_000;
const NAME_WIDTH = 9;

/** `status [--tag TAG] [--json]`: where a run stands, from outside, while it runs or after. */
export async function run(args: string[]): Promise<ExitCode> {
  const root = join(import.meta.dirname, '../..');
  const { values } = parseArgs({
    args,
    options: {
      tag: { type: 'string' },
      runs: { type: 'string' },
      config: { type: 'string' },
      json: { type: 'boolean' },
    },
  });
  const dir = runFolder(values.runs ?? join(root, 'runs'), values.tag);
  const events = readJournal(join(dir, 'journal.jsonl'));
  const status = statusOf(events);
  const holder = lockHolder(dir);
  const outbox = openOutbox(dir, false);
  const pathOf = (name: string) => configPath(root, values.config ?? configFolderOf(events, root), name);
  const full = {
    ...status,
    // A journal that is open without a living harness is one that crashed; the next start recovers it.
    state: holder
      ? existsSync(join(dir, 'PAUSE'))
        ? 'paused'
        : 'running'
      : status.state === 'open'
        ? 'crashed'
        : status.state,
    process: holder?.pid ?? null,
    budget: budgetOf(events, status),
    looks: looksOf(pathOf, status),
    independentTrials: independentOf(dir, events),
    keeps: keepsOf(pathOf, events, status),
    tracking: {
      pending: outbox.pending().length,
      failed: outbox.failed().length,
      delivered: outbox.deliveredCount(),
      ...outbox.state(),
    },
  };
  if (values.json) printJson(full);
  else for (const line of linesOf(full)) for (const part of folded(line, NAME_WIDTH + 1)) print(part);
  return EXIT.done;
}

type FullStatus = Omit<RunStatus, 'state'> & {
  readonly state: string;
  readonly process: number | null;
  readonly budget: Readonly<Record<string, { readonly spent: number; readonly limit: number }>>;
  /** What N is worth, were the trials independent; a diagnostic that no gate uses. Null before two trials have returns. */
  readonly independentTrials: number | null;
  readonly keeps: readonly ReviewedKeep[];
  readonly looks: { readonly selection: Looks; readonly holdout: Looks; readonly requiredSharpe: number | null };
  readonly tracking: {
    readonly pending: number;
    readonly failed: number;
    readonly delivered: number;
    readonly lastError: string | null;
  };
};

interface Looks {
  readonly used: number;
  /** Null when the config cannot be read. */
  readonly left: number | null;
}

/** A kept trial at today's N. */
interface ReviewedKeep {
  readonly trial: string;
  readonly family: string;
  /** Chance that luck shows as much; null when the config cannot be read. */
  readonly luck: number | null;
  readonly provisional: boolean;
}

function keepsOf(pathOf: (name: string) => string, events: readonly RunEvent[], status: RunStatus): ReviewedKeep[] {
  const kept = rowsOf(events).filter(({ outcome, trial }) => outcome === 'keep' && trial !== null);
  const base = kept.map(({ trial, family, metrics }) => ({ trial: trial ?? '', family: family ?? '', metrics }));
  try {
    const { deflation } = readGatesConfig(pathOf('gates.yaml'));
    return base.map(({ metrics, ...keep }) => ({ ...keep, ...reviewKeep(metrics, status.trials, deflation) }));
  } catch {
    return base.map(({ trial, family }) => ({ trial, family, luck: null, provisional: false }));
  }
}

/** From the stored returns of this segment's trials; one whose object is missing is left out here and named by `verify`. */
function independentOf(dir: string, events: readonly RunEvent[]): number | null {
  const objects = openObjects(dir);
  const segment = events.findLastIndex(({ type }) => type === 'segment.started');
  const columns = events.slice(segment + 1).flatMap((event) => {
    if (event.type !== 'trial.finished' || event.returnsSha256 === null) return [];
    try {
      return [returnsFromBytes(objects.get(event.returnsSha256))];
    } catch {
      return [];
    }
  });
  return impliedIndependent(columns.filter(({ length }) => length === columns[0].length));
}

function budgetOf(events: readonly RunEvent[], status: RunStatus): FullStatus['budget'] {
  const limits = (settingsOf(events).budgets ?? {}) as Record<string, number>;
  const start = events.findLast((event) => event.type === 'run.resumed' || event.type === 'run.started');
  const spent: Record<string, number> = {
    cycles: status.cycles,
    trials: status.trials,
    hours: (status.lastAt - (start?.at ?? status.lastAt)) / 3_600_000,
    tokens: status.tokens,
    faults: faultsInARow(events),
  };
  return Object.fromEntries(Object.entries(limits).map(([name, limit]) => [name, { spent: spent[name] ?? 0, limit }]));
}

/** What the budget of faults counts: those that the run is waiting out at the moment. */
function faultsInARow(events: readonly RunEvent[]): number {
  const last = events.findLast((event) => event.type !== 'fault.occurred' || event.attempt > 0);
  return last?.type === 'fault.occurred' ? last.attempt : 0;
}

function looksOf(pathOf: (name: string) => string, status: RunStatus): FullStatus['looks'] {
  try {
    const gates = readGatesConfig(pathOf('gates.yaml'));
    const windows = readWindowsConfig(pathOf('windows.yaml'));
    const years = windows.selection.reduce((sum, { from, to }) => sum + (to - from), 0) / DAY_MS / 365;
    const left = (used: number, budget: number): Looks => ({ used, left: Math.max(0, budget - used) });
    return {
      selection: left(status.selectionLooks, lookBudget(years, gates.selection)),
      holdout: left(status.holdoutLooks, gates.holdout.openings),
      requiredSharpe: requiredSharpe(
        (windows.train.to - windows.train.from) / DAY_MS,
        Math.max(1, status.trials),
        gates.deflation,
      ),
    };
  } catch {
    const unknown = (used: number): Looks => ({ used, left: null });
    return { selection: unknown(status.selectionLooks), holdout: unknown(status.holdoutLooks), requiredSharpe: null };
  }
}

function linesOf(full: FullStatus): string[] {
  const { outcomes, tracking, looks } = full;
  const state =
    full.ended && !full.process
      ? `ended: ${full.ended.reason}`
      : `${full.state}${full.process ? ` (process ${full.process})` : ''}`;
  const budget = Object.entries(full.budget).map(
    ([name, { spent, limit }]) => `${name}${name === 'faults' ? ' in a row' : ''} ${number(spent)}/${number(limit)}`,
  );
  const faults = Object.entries(full.faults).map(([name, count]) => `${count} ${name}`);
  const line = (name: string, text: string) => `${name.padEnd(NAME_WIDTH)} ${text}`;
  return [
    line('run', `${full.tag}, segment ${full.segment}: ${state}`),
    ...(full.phase ? [line('phase', `cycle ${full.phase.cycle} (${full.phase.directive}): ${full.phase.step}`)] : []),
    line(
      'cycles',
      `${full.cycles}: ${outcomes.keep} keep, ${outcomes.discard} discard, ${outcomes.crash} crash; N = ${full.trials} trials${full.independentTrials === null ? '' : ` (worth about ${full.independentTrials.toFixed(0)} independent ones; the bar counts all)`}`,
    ),
    ...(budget.length > 0 ? [line('budget', budget.join(', '))] : []),
    line(
      'streak',
      full.streak.route
        ? `${full.streak.length} x ${full.streak.route}${full.search ? `; search is ${full.search}` : ''}`
        : 'none yet',
    ),
    line('best', full.best ? `${full.best.trial} ${full.best.family}, score ${number(full.best.score)}` : 'none yet'),
    line('last', full.last ?? 'nothing yet'),
    line('model', turnsText(full.model)),
    ...full.model.advice.map((advice) => line('advice', advice)),
    ...full.keeps.map(({ trial, family, luck, provisional }) =>
      line(
        'keep',
        `${trial} ${family}${luck === null ? '' : `, luck shows this in ${(luck * 100).toFixed(0)}% of searches of N`}${provisional ? ": PROVISIONAL, it would not pass at today's N" : ''}`,
      ),
    ),
    line('faults', faults.length > 0 ? `${faults.join(', ')}; last: ${full.lastFault?.detail ?? ''}` : 'none'),
    line(
      'looks',
      `selection ${looksText(looks.selection)}, holdout ${looksText(looks.holdout)}${looks.requiredSharpe === null ? '' : `; a new trial needs train sharpe ${number(looks.requiredSharpe)}`}`,
    ),
    line(
      'tracking',
      `${tracking.pending} waiting, ${tracking.delivered} delivered, ${tracking.failed} refused${tracking.lastError ? `; ${tracking.lastError}` : ''}`,
    ),
    line('hints', `${full.hintsOpen} not answered`),
  ];
}

function looksText({ used, left }: Looks): string {
  return `${used} used, ${left ?? '?'} left`;
}
