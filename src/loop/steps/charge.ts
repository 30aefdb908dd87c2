import { say } from '../../base/draw/terminal.ts';
import type { EarlierTrial } from '../../gates/history.ts';
import type { EventOf, RunEvent } from '../../journal/events.ts';
import type { Journal } from '../../journal/journal.ts';
import { type Objects, returnsFromBytes } from '../../journal/objects.ts';
import { headOf } from '../../journal/projections/projections.ts';
import { provenanceAt } from '../../journal/provenance.ts';
import { stateOf } from '../../journal/state/run-state.ts';
import { doerOf } from '../../task/doer.ts';
import type { OwnSpending, TaskLedger } from '../../task/spending.ts';
import type { EvaluationContext } from '../../task/task.ts';
import type { RalphConfig } from '../config.ts';

/** What a trial was charged under, as its `trial.started` says. */
export function chargedOf(
  event: EventOf<'trial.started'>,
  objects: Pick<Objects, 'get'>,
): EvaluationContext['charged'][number] {
  const { trial, n, looks, trainOnly, rivals } = event;
  return { trial, n, looks, trainOnly, rivals: rivals ? loadRivals(rivals, objects) : undefined };
}

/** Keeps the rivals of a trial among the run's objects and answers their name; undefined where there are none. */
export function storeRivals(rivals: readonly EarlierTrial[], objects: Objects): string | undefined {
  if (rivals.length === 0) return undefined;
  return objects.put(JSON.stringify(rivals.map((rival) => ({ ...rival, returns: objects.put(rival.returns) }))));
}

/** A trial evaluated again after a crash, or reproduced, meets the rivals that it had. */
export function loadRivals(name: string, objects: Pick<Objects, 'get'>): EarlierTrial[] {
  const stored = JSON.parse(objects.get(name).toString('utf8')) as (EarlierTrial & { returns: string })[];
  return stored.map((rival) => ({ ...rival, returns: returnsFromBytes(objects.get(rival.returns)) }));
}

/** Enters what the journal spent on today's data and the ledger lacks (an older run, a lost ledger), and says what was spent and what a night costs. */
export async function openLedgerOf(ledger: TaskLedger, journal: Journal, config: RalphConfig): Promise<void> {
  await ledger.enter(doerOf(journal.events, '').run, spendingOf(journal.events));
  const { n, forgotten, spent, lines } = await ledger.outlook(nightOf(config, stateOf(journal.events).trials.length));
  for (const line of [...lines, ...lostLine(journal.events, n, forgotten)]) say(line);
  if (spent !== null && config.whenLooksAreSpent === 'train-only') say(`train only: ${spent}`);
}

/** A line where the ledger counts less than at this run's last trial: it was restored from an older copy, or made anew. */
function lostLine(events: readonly RunEvent[], n: number, forgotten: readonly string[]): string[] {
  const now = provenanceAt(events, Number.POSITIVE_INFINITY).data;
  const last = events.findLast((event) => event.type === 'trial.started');
  if (last?.ledger === undefined || n >= last.n || provenanceAt(events, last.seq).data !== now) return [];
  if (forgotten.length > (last.forgotten?.length ?? 0)) return [];
  const less = `the ledger counts ${n} trials on these data, and ${last.n} when ${last.trial} was charged`;
  return [
    `${less}: it is older than this run. Restore the newer one, or merge its backup (ralph ledger --merge FILE); until then luck is judged too mildly`,
  ];
}

/** Trials of one night: what the budgets leave, at no more than a trial a minute. */
function nightOf({ budgets, trialsPerCycle }: RalphConfig, done: number): number {
  return Math.max(1, Math.round(Math.min(budgets.trials - done, budgets.cycles * trialsPerCycle, budgets.hours * 60)));
}

/** What the journal spent on the data of its newest segment, as the ledger holds it. */
export function spendingOf(events: readonly RunEvent[]): OwnSpending[] {
  const now = provenanceAt(events, Number.POSITIVE_INFINITY).data;
  const fingerprints = new Map<string, string>();
  const own: OwnSpending[] = [];
  let data: string | undefined;
  for (const event of events) {
    if (event.type === 'run.started' || event.type === 'segment.started') data = event.provenance.data;
    if (data !== now) continue;
    if (event.type === 'trial.started') {
      const { trial, fingerprint, seq, prev } = event;
      fingerprints.set(trial, fingerprint);
      const doer = doerOf(events, trial);
      own.push(
        { type: 'trial', ...doer, fingerprint, journal: { seq: seq - 1, hash: prev } },
        { type: 'begun', ...doer },
      );
    } else if (event.type === 'cycle.started' && event.shown) {
      const { trial, curves } = event.shown;
      own.push({ type: 'shown', ...doerOf(events, trial), curves });
    } else if (event.type === 'selection.looked') own.push({ type: 'look', ...doerOf(events, event.trial) });
    else if (event.type === 'holdout.opened') {
      const { trial, candidate } = event;
      const fingerprint = fingerprints.get(trial) ?? trial;
      own.push({ type: 'holdout', ...doerOf(events, trial), candidate, fingerprint });
    } else if (event.type === 'holdout.answered') {
      const { trial, answer } = event;
      own.push({ type: 'answered', ...doerOf(events, trial), answer, journal: headOf([event]) });
    }
  }
  return own;
}
