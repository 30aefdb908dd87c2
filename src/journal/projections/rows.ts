import type { GateResult, Outcome, Route } from '../../gates/verdict.ts';
import type { EventOf, RunEvent } from '../events.ts';

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

/** What is known of one cycle. */
export interface CycleFacts {
  cycle: number;
  started: EventOf<'cycle.started'> | null;
  trials: TrialFacts[];
  session: EventOf<'session.ended'> | null;
  verdict: EventOf<'verdict.given'> | null;
  commit: string | null;
  mirrored: boolean;
}

export interface TrialFacts {
  started: EventOf<'trial.started'>;
  finished: EventOf<'trial.finished'> | null;
}

/** What was folded of a list of events so far: a journal only grows, so each event is looked at once. */
interface Fold {
  seen: number;
  readonly byCycle: Map<number, CycleFacts>;
  readonly byTrial: Map<string, TrialFacts>;
  readonly cycles: CycleFacts[];
  readonly model: ModelFacts;
}

/** How the model behaved over the run: turns by class, what was done about the bad ones, and what to change about the server. */
export interface ModelFacts {
  readonly turns: Record<string, number>;
  readonly recoveries: Record<string, number>;
  readonly advice: string[];
}

const folds = new WeakMap<readonly RunEvent[], Fold>();

/** The cycles of a journal in order, each with its trials. Cheap to ask again for a list of events that has only grown. */
export function cyclesOf(events: readonly RunEvent[]): readonly CycleFacts[] {
  return foldOf(events).cycles;
}

/** How the model behaved over the run. */
export function modelOf(events: readonly RunEvent[]): ModelFacts {
  return foldOf(events).model;
}

function foldOf(events: readonly RunEvent[]): Fold {
  let fold = folds.get(events);
  if (!fold || fold.seen > events.length) {
    fold = {
      seen: 0,
      byCycle: new Map(),
      byTrial: new Map(),
      cycles: [],
      model: { turns: {}, recoveries: {}, advice: [] },
    };
    folds.set(events, fold);
  }
  for (; fold.seen < events.length; fold.seen++) take(fold, events[fold.seen]);
  return fold;
}

/** Lets go of what was folded: the events were exchanged for lighter ones that say the same. */
export function forgetCycles(events: readonly RunEvent[]): void {
  folds.delete(events);
}

function take(fold: Fold, event: RunEvent): void {
  if (event.type === 'cycle.started') cycleAt(fold, event.cycle).started ??= event;
  else if (event.type === 'trial.started') {
    const trial: TrialFacts = { started: event, finished: null };
    fold.byTrial.set(event.trial, trial);
    cycleAt(fold, event.cycle).trials.push(trial);
  } else if (event.type === 'trial.finished') {
    const trial = fold.byTrial.get(event.trial);
    if (trial) trial.finished ??= event;
  } else if (event.type === 'session.ended') {
    cycleAt(fold, event.cycle).session = event;
    addSession(fold.model, event);
  } else if (event.type === 'verdict.given') cycleAt(fold, event.cycle).verdict ??= event;
  else if (event.type === 'cycle.committed') cycleAt(fold, event.cycle).commit ??= event.commit;
  else if (event.type === 'cycle.mirrored') cycleAt(fold, event.cycle).mirrored = true;
}

function addSession(model: ModelFacts, event: EventOf<'session.ended'>): void {
  for (const [name, count] of Object.entries(event.classes)) model.turns[name] = (model.turns[name] ?? 0) + count;
  for (const [name, count] of Object.entries(event.recoveries ?? {})) {
    model.recoveries[name] = (model.recoveries[name] ?? 0) + count;
  }
  for (const line of event.advice ?? []) if (!model.advice.includes(line)) model.advice.push(line);
}

function cycleAt(fold: Fold, cycle: number): CycleFacts {
  let facts = fold.byCycle.get(cycle);
  if (!facts) {
    facts = { cycle, started: null, trials: [], session: null, verdict: null, commit: null, mirrored: false };
    fold.byCycle.set(cycle, facts);
    fold.cycles.push(facts);
  }
  return facts;
}

/** The rows of `results --json`: every finished trial, and every judged cycle that had none, in order. */
export function rowsOf(events: readonly RunEvent[]): ResultRow[] {
  const tag = tagOf(events);
  return cyclesOf(events).flatMap((cycle) => rowsOfCycle(cycle, tag));
}

/** The tag of a run; empty for an empty journal. */
export function tagOf(events: readonly RunEvent[]): string {
  const first = events.find((event) => event.type === 'run.started');
  return first?.tag ?? '';
}

/** The settings a run was first started with, as ralph.yaml gave them; empty when the journal holds none. */
export function settingsOf(events: readonly RunEvent[]): Readonly<Record<string, unknown>> {
  const first = events[0];
  const config = first?.type === 'run.started' ? (first.config as { values?: Record<string, unknown> } | null) : null;
  return config?.values ?? {};
}

/** The rows of one cycle. */
export function rowsOfCycle(cycle: CycleFacts, tag: string): ResultRow[] {
  const { verdict, session, commit } = cycle;
  const tokens = session ? session.promptTokens + session.completionTokens : 0;
  const finished = cycle.trials.filter((trial) => trial.finished !== null);
  if (finished.length === 0) return verdict ? [rowWithoutTrial(cycle, verdict, tag, tokens)] : [];
  const chosen = finished.find(({ started }) => started.trial === verdict?.trial) ?? finished[finished.length - 1];
  return finished.map((trial) => {
    const { started } = trial;
    const end = trial.finished!;
    const failed = end.gates.filter((gate) => !gate.passed) as GateResult[];
    const ofVerdict = verdict?.trial === started.trial ? (verdict.reasons as GateResult[]) : [];
    return {
      cycle: started.cycle,
      trial: started.trial,
      tag,
      family: started.family,
      candidate: started.candidate,
      outcome: end.outcome,
      route: verdict?.route ?? null,
      reasons: ofVerdict.length > 0 ? ofVerdict : failed,
      metrics: end.metrics,
      tokens: trial === chosen ? tokens : 0,
      seconds: end.seconds,
      commit,
    };
  });
}

function rowWithoutTrial(cycle: CycleFacts, verdict: EventOf<'verdict.given'>, tag: string, tokens: number): ResultRow {
  return {
    cycle: cycle.cycle,
    trial: null,
    tag,
    family: verdict.family,
    candidate: verdict.candidate,
    outcome: verdict.outcome,
    route: verdict.route,
    reasons: verdict.reasons as GateResult[],
    metrics: {},
    tokens,
    seconds: cycle.session?.seconds ?? 0,
    commit: cycle.commit,
  };
}
