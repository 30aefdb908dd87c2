import { duration, number } from '../../base/numbers.ts';
import { plainText } from '../../base/plain.ts';
import type { EventOf, RunEvent } from '../events.ts';
import type { CycleState, Trial } from '../state/parts.ts';
import { type ModelState, stateOf } from '../state/run-state.ts';
import { changeText, digits, measuredBy, measuredLine } from './measured.ts';
import { headline } from './text.ts';

/** Where a run stands, from its journal alone. */
export type RunStatus = Readonly<ReturnType<typeof statusOf>>;

/** Everything `status` and STATUS.md show. */
export function statusOf(events: readonly RunEvent[]) {
  const state = stateOf(events);
  const { cycles, ended, lastFault } = state;
  const current = cycles.at(-1);
  return {
    tag: state.tag,
    segment: state.segment,
    state: events.length === 0 ? ('empty' as const) : ended ? ('ended' as const) : ('open' as const),
    ended: ended && { reason: ended.reason, exitCode: ended.exitCode, at: ended.at },
    /** Epoch ms of the first and of the last event of the search; opening the holdout afterwards does not count. */
    startedAt: events[0]?.at ?? 0,
    lastAt: events.findLast(({ type }) => !type.startsWith('holdout.'))?.at ?? 0,
    cycles: cycles.filter(({ verdict }) => verdict !== null).length,
    trials: state.trials.length,
    /** N as the newest trial was told: all trials on its data, of whatever run. */
    n: state.trials.at(-1)?.started.n ?? 0,
    outcomes: state.outcomes,
    /** The step of the cycle under way, or null between cycles. */
    phase: current && !current.committed ? phaseOf(current, events) : null,
    streak: state.streak,
    model: state.model,
    tokens: state.tokens,
    evaluationSeconds: state.evaluationSeconds,
    faults: state.faults,
    lastFault: lastFault && { class: lastFault.class, detail: lastFault.detail, at: lastFault.at },
    selectionLooks: state.lookCount,
    holdoutLooks: state.holdouts,
    hintsOpen: state.openHints.size,
    best: bestOf(state.trials),
    measured: measuredIn(events, state.trials),
    last: lastLine(cycles.findLast(({ verdict }) => verdict !== null)?.verdict),
    /** Cycles whose result has not been handed to the tracker. */
    unmirrored: cycles.filter(({ committed, mirrored }) => committed !== null && !mirrored).length,
    /** The agent's state of search as the last cycle was told: improving, exploring, plateaued, stuck. */
    search: current?.started.state ?? null,
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
    ...(status.measured ? [`- ${status.measured.baseline}`] : []),
    `- best: ${bestText(status)}`,
    `- last: ${status.last ?? 'nothing yet'}`,
    `- next: ${status.streak.route ?? 'new'}${status.streak.length > 1 ? ` (${status.streak.length} in a row)` : ''}`,
    `- tokens: ${status.tokens}, evaluation: ${duration(1000 * status.evaluationSeconds)}`,
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
  return plainText(`${lines.join('\n')}\n`);
}

/** The best keep, or that there is none. */
export function bestText({ best, measured }: Pick<RunStatus, 'best' | 'measured'>): string {
  if (measured?.best) return measured.best;
  return best ? `${best.trial} ${best.family}, score ${number(best.score)}` : 'nothing was kept yet';
}

/** `41 turns, 3 TRUNCATED, 1 EMPTY_TURN; 2 resampled`: the good ones only counted. */
export function turnsText({ turns, recoveries }: ModelState): string {
  const total = Object.values(turns).reduce((sum, count) => sum + count, 0);
  const bad = Object.entries(turns).filter(([name]) => !name.startsWith('OK_'));
  const done = Object.entries(recoveries).map(([name, count]) => `${count} ${name}`);
  const text = [`${total} turns`, ...bad.map(([name, count]) => `${count} ${name}`)].join(', ');
  return done.length > 0 ? `${text}; ${done.join(', ')}` : text;
}

function phaseOf({ cycle, started }: CycleState, events: readonly RunEvent[]) {
  const last = events.findLast((event) => STEPS[event.type] !== undefined);
  return { cycle, step: last ? STEPS[last.type]! : 'session', directive: started.directive };
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

/** The keep with the highest score. */
function bestOf(trials: readonly Trial[]) {
  let best: { trial: string; family: string; score: number } | null = null;
  for (const { trial, family, score, outcome } of trials)
    if (score !== null && outcome === 'keep' && score > (best?.score ?? Number.NEGATIVE_INFINITY))
      best = { trial, family, score };
  return best;
}

/** What a project's run measures: the baseline, and the newest keep in words. Null for other tasks. */
function measuredIn(events: readonly RunEvent[], trials: readonly Trial[]) {
  const baseline = measuredBy(events);
  if (!baseline) return null;
  const kept = trials.findLast(({ outcome }) => outcome === 'keep');
  const { value, total } = kept?.finished?.metrics ?? {};
  const best =
    kept && value != null && total != null
      ? `${kept.trial} ${kept.family}, ${baseline.metric} ${digits(value)}, ${changeText(total)} than the baseline`
      : null;
  return { baseline: measuredLine(baseline), best };
}

function lastLine(verdict: EventOf<'verdict.given'> | null | undefined): string | null {
  if (!verdict) return null;
  return headline(verdict.outcome, verdict.reasons, verdict.family ?? verdict.candidate ?? 'no candidate');
}
