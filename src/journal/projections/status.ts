import type { Outcome, Route } from '../../gates/verdict.ts';
import type { RunEvent } from '../events.ts';
import { cyclesOf, type ModelFacts, modelOf, type TrialFacts, tagOf } from './rows.ts';
import { headline, number } from './text.ts';

/** Where a run stands, from its journal alone. */
export interface RunStatus {
  readonly tag: string;
  readonly segment: number;
  readonly state: 'empty' | 'open' | 'ended';
  readonly ended: { readonly reason: string; readonly exitCode: number; readonly at: number } | null;
  /** Epoch ms of the first and of the last event. */
  readonly startedAt: number;
  readonly lastAt: number;
  readonly cycles: number;
  readonly trials: number;
  readonly outcomes: Readonly<Record<Outcome, number>>;
  /** The step of the cycle under way, or null between cycles. */
  readonly phase: { readonly cycle: number; readonly step: string; readonly directive: string } | null;
  /** The route of the last verdict and how many cycles in a row have followed it. */
  readonly streak: { readonly route: Route | null; readonly length: number };
  readonly tokens: number;
  /** Turns of the model by class, what was done about the bad ones, and advice about the server. */
  readonly model: ModelFacts;
  readonly evaluationSeconds: number;
  readonly faults: Readonly<Record<string, number>>;
  readonly lastFault: { readonly class: string; readonly detail: string; readonly at: number } | null;
  readonly selectionLooks: number;
  readonly holdoutLooks: number;
  readonly hintsOpen: number;
  readonly best: { readonly trial: string; readonly family: string; readonly score: number } | null;
  readonly last: string | null;
  /** Cycles whose result has not been handed to the tracker. */
  readonly unmirrored: number;
  /** The agent's state of search as the last cycle was told: improving, exploring, plateaued, stuck. */
  readonly search: string | null;
}

/** Everything `status` and STATUS.md show. */
export function statusOf(events: readonly RunEvent[]): RunStatus {
  const cycles = cyclesOf(events);
  const finished = cycles.flatMap(({ trials }) => trials).filter((trial) => trial.finished !== null);
  const outcomes: Record<Outcome, number> = { keep: 0, discard: 0, crash: 0 };
  for (const { verdict } of cycles) if (verdict) outcomes[verdict.outcome] += 1;
  const faults = events.filter((event) => event.type === 'fault.occurred');
  const lastFault = faults.at(-1);
  const end = events.findLast((event) => event.type === 'run.ended' || event.type === 'run.resumed');
  const current = cycles.at(-1);
  const answered = new Set(events.flatMap((event) => closesHint(event)));
  return {
    tag: tagOf(events),
    segment: events.findLast((event) => event.type === 'segment.started')?.segment ?? 1,
    state: events.length === 0 ? 'empty' : end?.type === 'run.ended' ? 'ended' : 'open',
    ended: end?.type === 'run.ended' ? { reason: end.reason, exitCode: end.exitCode, at: end.at } : null,
    startedAt: events[0]?.at ?? 0,
    lastAt: events.at(-1)?.at ?? 0,
    cycles: cycles.filter(({ verdict }) => verdict !== null).length,
    trials: events.findLast((event) => event.type === 'trial.started')?.n ?? 0,
    outcomes,
    phase:
      current?.started && current.commit === null ? phaseOf(current.cycle, current.started.directive, events) : null,
    streak: streakOf(cycles.flatMap(({ verdict }) => (verdict ? [verdict.route] : []))),
    model: modelOf(events),
    tokens: cycles.reduce(
      (sum, { session }) => sum + (session ? session.promptTokens + session.completionTokens : 0),
      0,
    ),
    evaluationSeconds: finished.reduce((sum, trial) => sum + trial.finished!.seconds, 0),
    faults: countBy(faults.map((fault) => fault.class)),
    lastFault: lastFault ? { class: lastFault.class, detail: lastFault.detail, at: lastFault.at } : null,
    selectionLooks: events.filter((event) => event.type === 'selection.looked').length,
    holdoutLooks: events.filter((event) => event.type === 'holdout.opened').length,
    hintsOpen: events.filter((event) => event.type === 'hint.taken' && !answered.has(event.hint)).length,
    best: bestOf(finished),
    last: lastLine(cycles.flatMap(({ verdict }) => (verdict ? [verdict] : [])).at(-1)),
    unmirrored: cycles.filter(({ commit, mirrored }) => commit !== null && !mirrored).length,
    search: current?.started?.state ?? null,
  };
}

/** STATUS.md: the same, for a person who looks into the folder. `seq` is the event it was made from. */
export function statusMarkdown(status: RunStatus, seq: number): string {
  const { outcomes } = status;
  const lines = [
    `# Run ${status.tag}`,
    '',
    `- state: ${status.ended ? `ended (${status.ended.reason})` : status.phase ? `cycle ${status.phase.cycle}, ${status.phase.step}` : status.state}`,
    `- cycles: ${status.cycles} (${outcomes.keep} keep, ${outcomes.discard} discard, ${outcomes.crash} crash), trials: ${status.trials}`,
    `- best: ${status.best ? `${status.best.trial} ${status.best.family}, score ${number(status.best.score)}` : 'none yet'}`,
    `- last: ${status.last ?? 'nothing yet'}`,
    `- next: ${status.streak.route ?? 'new'}${status.streak.length > 1 ? ` (${status.streak.length} in a row)` : ''}`,
    `- tokens: ${status.tokens}, evaluation: ${number(status.evaluationSeconds)} s`,
    `- faults: ${
      Object.entries(status.faults)
        .map(([name, count]) => `${count} ${name}`)
        .join(', ') || 'none'
    }`,
    `- model: ${turnsText(status.model)}`,
    ...status.model.advice.map((line) => `- advice: ${line}`),
    `- looks: ${status.selectionLooks} selection, ${status.holdoutLooks} holdout; open hints: ${status.hintsOpen}`,
    `- as of event ${seq}`,
  ];
  return `${lines.join('\n')}\n`;
}

/** `41 turns, 3 TRUNCATED, 1 EMPTY_TURN; 2 resampled`: the good ones only counted. */
export function turnsText({ turns, recoveries }: ModelFacts): string {
  const total = Object.values(turns).reduce((sum, count) => sum + count, 0);
  const bad = Object.entries(turns).filter(([name]) => !name.startsWith('OK_'));
  const done = Object.entries(recoveries).map(([name, count]) => `${count} ${name}`);
  const text = [`${total} turns`, ...bad.map(([name, count]) => `${count} ${name}`)].join(', ');
  return done.length > 0 ? `${text}; ${done.join(', ')}` : text;
}

function phaseOf(cycle: number, directive: string, events: readonly RunEvent[]): RunStatus['phase'] {
  const last = events.findLast((event) => STEPS[event.type] !== undefined);
  return { cycle, step: last ? STEPS[last.type]! : 'session', directive };
}

/** What is being done after each event. */
const STEPS: Partial<Record<RunEvent['type'], string>> = {
  'cycle.started': 'session',
  'hypothesis.registered': 'session',
  'trial.started': 'evaluation',
  'trial.finished': 'session',
  'session.ended': 'verdict',
  'verdict.given': 'commit',
  'cycle.committed': 'mirror',
};

function streakOf(routes: readonly Route[]): RunStatus['streak'] {
  const route = routes.at(-1) ?? null;
  let length = 0;
  while (length < routes.length && routes[routes.length - 1 - length] === route) length += 1;
  return { route, length };
}

function bestOf(trials: readonly TrialFacts[]): RunStatus['best'] {
  let best: RunStatus['best'] = null;
  for (const { started, finished } of trials) {
    if (finished?.score == null || finished.outcome === 'crash' || (best && finished.score <= best.score)) continue;
    best = { trial: started.trial, family: started.family, score: finished.score };
  }
  return best;
}

function lastLine(verdict: Extract<RunEvent, { type: 'verdict.given' }> | undefined): string | null {
  if (!verdict) return null;
  const name = verdict.family ?? verdict.candidate ?? 'no candidate';
  return headline(verdict.outcome, verdict.reasons as Parameters<typeof headline>[1], name);
}

function closesHint(event: RunEvent): string[] {
  return event.type === 'hint.answered' || event.type === 'hint.dropped' ? [event.hint] : [];
}

function countBy(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}
