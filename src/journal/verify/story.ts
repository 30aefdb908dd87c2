import type { EventOf, EventType, RunEvent } from '../events.ts';
import { RunState } from '../state/run-state.ts';
import { type Line, type Problem, problemAt, REMEDY } from './problem.ts';

/**
 * Whether the events tell a possible story: every trial charged once and answered once, numbers rising, steps in order. `damaged`: lines are
 * missing or changed, which explains one that is not.
 */
export function storyProblems(
  lines: readonly Line[],
  damaged = false,
): { problems: Problem[]; cycles: number; trials: number } {
  const problems: Problem[] = [];
  const state = new RunState(lines.map(({ event }) => event));
  for (const [place, { file, line, event }] of lines.entries()) {
    for (const what of judge(event, state, place === 0))
      problems.push(problemAt({ file, line, seq: event.seq }, what, damaged ? REMEDY.journal : REMEDY.code));
    state.take(event, place);
  }
  const cycles = state.cycles.filter(({ verdict }) => verdict !== null).length;
  return { problems, cycles, trials: state.byTrial.size };
}

/** What is wrong with an event that comes after this state. */
function judge(event: RunEvent, state: RunState, first: boolean): string[] {
  const start = [
    first && event.type !== 'run.started' && 'the journal does not begin with run.started',
    !first && event.type === 'run.started' && 'run.started stands in the middle',
  ];
  return [...start, ...judgeOne(event, state)].filter((problem) => problem !== false);
}

function judgeOne(event: RunEvent, state: RunState): (string | false)[] {
  const charged = 'trial' in event && event.trial !== null ? state.byTrial.get(event.trial) : undefined;
  switch (event.type) {
    case 'cycle.started': {
      const last = state.lastCycle;
      if (state.byCycle.has(event.cycle)) return [`cycle ${event.cycle} starts a second time`];
      return [event.cycle <= last && `cycle ${event.cycle} starts after cycle ${last}`];
    }
    case 'trial.started': {
      const cycle = state.byCycle.get(event.cycle);
      return [
        charged !== undefined && `trial ${event.trial} was charged twice`,
        !follows(event, state) && `trial ${event.trial} has number ${event.n}; expected ${state.n + 1}`,
        !cycle && `trial ${event.trial} belongs to cycle ${event.cycle}, which never started`,
        cycle?.verdict != null && `trial ${event.trial} was charged after the verdict of cycle ${event.cycle}`,
      ];
    }
    case 'trial.finished':
      if (!charged) return [`trial ${event.trial} has a result and was never charged`];
      return [
        charged.cycle !== event.cycle &&
          `trial ${event.trial} was charged in cycle ${charged.cycle} and finished in ${event.cycle}`,
        charged.finished !== null && `the result of trial ${event.trial} was recorded twice`,
      ];
    case 'selection.looked':
      return [
        state.looks.has(event.trial) && `trial ${event.trial} paid for a second look at selection`,
        !charged && `trial ${event.trial} looked at selection and was never charged`,
      ];
    case 'verdict.given':
      return [
        ...step(event, state, null),
        event.trial !== null &&
          !charged &&
          `the verdict of cycle ${event.cycle} names trial ${event.trial}, which was never charged`,
        charged?.finished === null &&
          `the verdict of cycle ${event.cycle} names trial ${event.trial}, which has no result`,
        charged?.finished != null &&
          charged.finished.outcome !== event.outcome &&
          `the verdict of cycle ${event.cycle} is ${event.outcome}; trial ${event.trial} came out as ${charged.finished.outcome}`,
        ...unfounded(event, charged?.finished),
      ];
    case 'cycle.committed':
      return step(event, state, 'verdict.given');
    case 'cycle.mirrored':
      return step(event, state, 'cycle.committed');
    default:
      return [];
  }
}

/** Reasons of a verdict that no gate of its trial gave. */
function unfounded(
  { cycle, reasons }: EventOf<'verdict.given'>,
  finished: EventOf<'trial.finished'> | null | undefined,
) {
  if (!finished) return [];
  const given = new Set(finished.gates.map((gate) => JSON.stringify(gate)));
  return reasons
    .filter((reason) => !given.has(JSON.stringify(reason)))
    .map(
      ({ gate }) => `the verdict of cycle ${cycle} names ${gate}, which is not what that gate answered in its trial`,
    );
}

type Step = EventOf<'verdict.given' | 'cycle.committed' | 'cycle.mirrored'>;

/** A step that a cycle has once, behind the one that must stand before it. */
function step({ type, cycle }: Step, state: RunState, before: EventType | null): (string | false)[] {
  const steps = state.byCycle.get(cycle);
  if (!steps) return [`${type} of cycle ${cycle}, which never started`];
  return [
    steps.has(type) && `${type} of cycle ${cycle} stands twice`,
    before !== null && !steps.has(before) && `${type} of cycle ${cycle} stands before its ${before}`,
  ];
}

/** A ledger counts the trials of other runs too: the number rises, unless spending was forgotten or a segment has other data. */
function follows({ n, ledger, forgotten }: EventOf<'trial.started'>, state: RunState): boolean {
  if (ledger === undefined) return n === state.n + 1;
  return n > state.n || forgotten !== undefined || state.segment > 1;
}
