import { join } from 'node:path';
import { type Knowledge, latestKnowledge } from '../../gates/knowledge.ts';
import type { GateResult, Outcome, Route } from '../../gates/verdict.ts';
import type { RunEvent } from '../events.ts';
import type { CycleState } from '../state/parts.ts';
import { stateOf } from '../state/run-state.ts';

/** One line of `results --json`: a trial, or a cycle that came to none. */
export interface ResultRow {
  readonly cycle: number;
  /** Null for a cycle without a trial. */
  readonly trial: string | null;
  readonly tag: string;
  readonly family: string | null;
  readonly candidate: string | null;
  readonly outcome: Outcome;
  /** Of the cycle; null while it is not judged. */
  readonly route: Route | null;
  /** The failed gates, or for a keep the verdict's closest ones. */
  readonly reasons: readonly GateResult[];
  readonly metrics: Readonly<Record<string, number | null>>;
  /** Of the cycle's session, on the row its verdict names (or its last), 0 on the others: the sum is the run's. */
  readonly tokens: number;
  /** Evaluation of the trial; of the session for a cycle without one. */
  readonly seconds: number;
  readonly commit: string | null;
}

/** The rows of `results --json`: every finished trial, and every judged cycle that had none, in order. */
export function rowsOf(events: readonly RunEvent[]): ResultRow[] {
  const { cycles, tag } = stateOf(events);
  return cycles.flatMap((cycle) => rowsOfCycle(cycle, tag));
}

/** The settings a run was first started with, as ralph.yaml gave them; empty when the journal holds none. */
export function settingsOf(events: readonly RunEvent[]): Readonly<Record<string, unknown>> {
  const config = stateOf(events).first?.config as { values?: Record<string, unknown> } | null | undefined;
  return config?.values ?? {};
}

/** The config folder that a run was first started with, absolute, so that later commands on the run read the same files. */
export function configFolderOf(events: readonly RunEvent[], projectDir: string): string {
  const config = stateOf(events).first?.config as { folder?: string } | null | undefined;
  return join(projectDir, config?.folder ?? 'config');
}

/** How far the models knew that have worked on a run: one that knew more may have left its idea to the next. */
export function knowledgeOf(events: readonly RunEvent[]): Knowledge {
  const starts = events.filter((event) => event.type === 'run.started' || event.type === 'segment.started');
  return latestKnowledge(starts.map(({ provenance }) => provenance.knowledge ?? 'unknown'));
}

/** The rows of one cycle. */
export function rowsOfCycle(cycle: CycleState, tag: string): ResultRow[] {
  const { verdict, session, tokens } = cycle;
  const commit = cycle.committed?.commit ?? null;
  const finished = cycle.trials.flatMap(({ started, finished: end }) => (end ? [{ started, end }] : []));
  if (finished.length === 0) {
    if (!verdict) return [];
    const { family, candidate, outcome, route, reasons } = verdict;
    const seconds = session?.seconds ?? 0;
    const row = { cycle: cycle.cycle, trial: null, tag, family, candidate, outcome, route, reasons };
    return [{ ...row, metrics: {}, tokens, seconds, commit }];
  }
  const chosen = finished.find(({ started }) => started.trial === verdict?.trial) ?? finished[finished.length - 1];
  return finished.map((each) => {
    const { started, end } = each;
    const ofVerdict = verdict?.trial === started.trial ? verdict.reasons : [];
    return {
      cycle: started.cycle,
      trial: started.trial,
      tag,
      family: started.family,
      candidate: started.candidate,
      outcome: end.outcome,
      route: verdict?.route ?? null,
      reasons: ofVerdict.length > 0 ? ofVerdict : end.gates.filter((gate) => !gate.passed),
      metrics: end.metrics,
      tokens: each === chosen ? tokens : 0,
      seconds: end.seconds,
      commit,
    };
  });
}
