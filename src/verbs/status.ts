import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { attempt } from '../base/attempt.ts';
import { print, printJson } from '../base/draw/terminal.ts';
import { folded } from '../base/draw/width.ts';
import { counted, duration, number, percent } from '../base/numbers.ts';
import { islandLines, readIslandState } from '../fleet/island/state.ts';
import { fleetLines, readFleetState } from '../fleet/run/state.ts';
import type { RunEvent } from '../journal/events.ts';
import { lockHolder } from '../journal/lock.ts';
import { returnsReader } from '../journal/objects.ts';
import { rowsOf, settingsOf } from '../journal/projections/rows.ts';
import { bestText, type RunStatus, statusOf, turnsText } from '../journal/projections/status.ts';
import { stateOf } from '../journal/state/run-state.ts';
import { impliedIndependent } from '../metrics/statistics/independent.ts';
import type { Looks } from '../page/view.ts';
import { openOutbox } from '../tracking/outbox.ts';
import { readRun } from './run.ts';
import { type Standing, spentNow, standingOf } from './standing.ts';
import type { Handler } from './table/table.ts';

const NAME_WIDTH = 9;

/** Where a run stands, from outside, while it runs or after. */
export const status: Handler<'status'> = async ({ tag, config, runs, json }) => {
  const { dir, events } = readRun(tag, runs);
  const full = await fullStatus(dir, events, config);
  if (json) printJson(full);
  else for (const line of linesOf(full)) for (const part of folded(line, NAME_WIDTH + 1)) print(part);
};

async function fullStatus(dir: string, events: readonly RunEvent[], config: string | undefined) {
  const standing = standingOf(events, config, await spentNow(events, config));
  const known = { ...statusOf(events), n: standing.n };
  const holder = lockHolder(dir);
  // A journal that is open without a living harness crashed; the next start recovers it.
  const idle = known.state === 'open' ? 'crashed' : known.state;
  const outbox = openOutbox(dir, false);
  return {
    ...known,
    state: holder ? (existsSync(join(dir, 'PAUSE')) ? 'paused' : 'running') : idle,
    process: holder?.pid ?? null,
    budget: budgetOf(events, known),
    looks: standing.looks,
    /** How many independent trials N amounts to; a diagnostic that no gate uses. Null before two trials have returns. */
    independentTrials: independentOf(dir, events),
    keeps: keepsOf(standing, events),
    tracking: { ...outbox.counts(), ...outbox.state() },
    /** Workers and queue, and islands, of a run under way; null where it evaluates or holds its sessions by itself. */
    fleet: readFleetState(dir),
    islands: readIslandState(dir),
  };
}

type FullStatus = Awaited<ReturnType<typeof fullStatus>>;

/** The kept trials at today's N; `luck` is null too when the config cannot be read, `holdout` while it was not opened. Its rejection vetoes the keep. */
function keepsOf(now: Standing, events: readonly RunEvent[]) {
  const { holdoutAnswers } = stateOf(events);
  return rowsOf(events).flatMap(({ outcome, trial, family, metrics }) => {
    if (outcome !== 'keep' || trial === null) return [];
    const review = now.review?.(metrics) ?? { luck: null, provisional: false };
    return [{ trial, family: family ?? '', ...review, holdout: holdoutAnswers.get(trial) ?? null }];
  });
}

/** From the stored returns of this segment's trials; one whose object is missing is left out here and named by `verify`. */
function independentOf(dir: string, events: readonly RunEvent[]): number | null {
  const returnsOf = returnsReader(dir, events);
  const segment = events.findLastIndex(({ type }) => type === 'segment.started');
  const columns = events.slice(segment + 1).flatMap((event) => {
    if (event.type !== 'trial.finished' || event.returnsSha256 === null) return [];
    return attempt(() => [returnsOf(event.trial)]) ?? [];
  });
  return impliedIndependent(columns.filter(({ length }) => length === columns[0].length));
}

export function budgetOf(
  events: readonly RunEvent[],
  status: RunStatus,
): Record<string, { spent: number; limit: number }> {
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

function linesOf(full: FullStatus): string[] {
  const { outcomes, tracking, looks } = full;
  const budget = Object.entries(full.budget).map(
    ([name, { spent, limit }]) => `${name}${name === 'faults' ? ' in a row' : ''} ${number(spent)}/${number(limit)}`,
  );
  const faults = Object.entries(full.faults).map(([name, count]) => `${count} ${name}`);
  const line = (name: string, text: string) => `${name.padEnd(NAME_WIDTH)} ${text}`;
  // A project's number that is no Sharpe ratio knows neither looks nor luck of a market.
  const plain = full.measured !== null && looks.requiredSharpe === null;
  return [
    line('run', `${full.tag}, segment ${full.segment}: ${stateText(full)}`),
    ...(full.phase ? [line('phase', `cycle ${full.phase.cycle} (${full.phase.directive}): ${full.phase.step}`)] : []),
    line(
      'cycles',
      `${full.cycles}: ${outcomes.keep} keep, ${outcomes.discard} discard, ${outcomes.crash} crash; ${counted(full.trials, 'trial')}, N = ${full.n}${full.independentTrials === null ? '' : ` (about ${full.independentTrials.toFixed(0)} independent; the threshold uses all N)`}`,
    ),
    ...(budget.length > 0 ? [line('budget', budget.join(', '))] : []),
    line(
      'streak',
      full.streak.route
        ? `${full.streak.length} x ${full.streak.route}${full.search ? `; search is ${full.search}` : ''}`
        : 'none yet',
    ),
    ...(full.measured ? [line('measured', full.measured.baseline)] : []),
    line('best', bestText(full)),
    line('last', full.last ?? 'nothing yet'),
    line('model', turnsText(full.model)),
    ...full.model.advice.map((advice) => line('advice', advice)),
    ...(plain ? [] : full.keeps.map((keep) => line('keep', keepText(keep)))),
    line('faults', faults.length > 0 ? `${faults.join(', ')}; last: ${full.lastFault?.detail ?? ''}` : 'none'),
    ...(plain
      ? []
      : [
          line(
            'looks',
            `selection ${looksText(looks.selection)}, holdout ${looksText(looks.holdout)}${looks.requiredSharpe === null ? '' : `; required Sharpe on train ${number(looks.requiredSharpe)}`}`,
          ),
        ]),
    line(
      'tracking',
      `${tracking.pending} waiting, ${tracking.delivered} delivered, ${tracking.failed} refused${tracking.lastError ? `; ${tracking.lastError}` : ''}`,
    ),
    ...(full.fleet ? fleetLines(full.fleet).map((text) => line('fleet', text)) : []),
    ...(full.islands ? islandLines(full.islands).map((text) => line('islands', text)) : []),
    line('hints', `${full.hintsOpen} not answered`),
  ];
}

function stateText({ tag, state, process, ended, lastAt }: FullStatus): string {
  if (process) return `${state} (process ${process})`;
  if (ended) return `ended: ${ended.reason}`;
  if (state !== 'crashed') return state;
  const ago = duration(Date.now() - lastAt);
  return `not running: it was killed or crashed, last seen ${ago} ago; go on with: npm run ralph -- run --tag ${tag}`;
}

function keepText({ trial, family, luck, provisional, holdout }: FullStatus['keeps'][number]): string {
  return [
    `${trial} ${family}`,
    ...(luck === null ? [] : [`luck shows this in ${percent(luck, 0)} of searches of N`]),
    ...(provisional ? ["PROVISIONAL, it would not pass at today's N"] : []),
    ...(holdout === null ? [] : [`holdout: ${holdout}`]),
  ].join(', ');
}

function looksText({ used, left }: Looks): string {
  return `${used} used, ${left ?? '?'} left`;
}
