import type { RunEvent } from '../events.ts';
import type { Line, Problem } from './problem.ts';

interface Story {
  readonly cycles: Map<number, Set<RunEvent['type']>>;
  readonly started: Map<string, number>;
  readonly finished: Set<string>;
  readonly looked: Set<string>;
  lastCycle: number;
  lastN: number;
}

/** Whether the events tell a possible story: every trial charged once and answered once, numbers rising, steps in order. */
export function storyProblems(lines: readonly Line[]): { problems: Problem[]; cycles: number; trials: number } {
  const problems: Problem[] = [];
  const story: Story = {
    cycles: new Map(),
    started: new Map(),
    finished: new Set(),
    looked: new Set(),
    lastCycle: 0,
    lastN: 0,
  };
  for (const [index, { file, line, event }] of lines.entries()) {
    for (const problem of judge(event, story, index === 0)) problems.push({ file, line, seq: event.seq, problem });
  }
  const judged = [...story.cycles.values()].filter((steps) => steps.has('verdict.given')).length;
  return { problems, cycles: judged, trials: story.started.size };
}

function judge(event: RunEvent, story: Story, first: boolean): string[] {
  const found: string[] = [];
  if (first !== (event.type === 'run.started')) {
    found.push(first ? 'the journal does not begin with run.started' : 'run.started stands in the middle');
  }
  if (event.type === 'cycle.started') return [...found, ...startCycle(event.cycle, story)];
  if (event.type === 'trial.started') return [...found, ...startTrial(event, story)];
  if (event.type === 'trial.finished') return [...found, ...finishTrial(event, story)];
  if (event.type === 'selection.looked') {
    if (story.looked.has(event.trial)) found.push(`trial ${event.trial} paid for a second look at selection`);
    if (!story.started.has(event.trial)) found.push(`trial ${event.trial} looked at selection and was never charged`);
    story.looked.add(event.trial);
  }
  if (ONCE.has(event.type) && 'cycle' in event) found.push(...once(event, event.cycle, story));
  return found;
}

function startCycle(cycle: number, story: Story): string[] {
  const found: string[] = [];
  if (story.cycles.has(cycle)) found.push(`cycle ${cycle} starts a second time`);
  else if (cycle <= story.lastCycle) found.push(`cycle ${cycle} starts after cycle ${story.lastCycle}`);
  if (!story.cycles.has(cycle)) story.cycles.set(cycle, new Set());
  story.lastCycle = Math.max(story.lastCycle, cycle);
  return found;
}

function startTrial(event: Extract<RunEvent, { type: 'trial.started' }>, story: Story): string[] {
  const found: string[] = [];
  if (story.started.has(event.trial)) found.push(`trial ${event.trial} was charged twice`);
  if (event.n !== story.lastN + 1)
    found.push(`trial ${event.trial} has number ${event.n}; expected ${story.lastN + 1}`);
  const steps = story.cycles.get(event.cycle);
  if (!steps) found.push(`trial ${event.trial} belongs to cycle ${event.cycle}, which never started`);
  if (steps?.has('verdict.given'))
    found.push(`trial ${event.trial} was charged after the verdict of cycle ${event.cycle}`);
  story.started.set(event.trial, event.cycle);
  story.lastN = event.n;
  return found;
}

function finishTrial(event: Extract<RunEvent, { type: 'trial.finished' }>, story: Story): string[] {
  const found: string[] = [];
  const cycle = story.started.get(event.trial);
  if (cycle === undefined) found.push(`trial ${event.trial} has a result and was never charged`);
  else if (cycle !== event.cycle)
    found.push(`trial ${event.trial} was charged in cycle ${cycle} and finished in ${event.cycle}`);
  if (story.finished.has(event.trial)) found.push(`the result of trial ${event.trial} was recorded twice`);
  story.finished.add(event.trial);
  return found;
}

/** Steps that a cycle has once, and the step that must stand before each. */
const ONCE = new Map<RunEvent['type'], RunEvent['type'] | null>([
  ['verdict.given', null],
  ['cycle.committed', 'verdict.given'],
  ['cycle.mirrored', 'cycle.committed'],
]);

function once(event: RunEvent, cycle: number, story: Story): string[] {
  const steps = story.cycles.get(cycle);
  if (!steps) return [`${event.type} of cycle ${cycle}, which never started`];
  const found: string[] = [];
  if (steps.has(event.type)) found.push(`${event.type} of cycle ${cycle} stands twice`);
  const needed = ONCE.get(event.type);
  if (needed && !steps.has(needed)) found.push(`${event.type} of cycle ${cycle} stands before its ${needed}`);
  if (event.type === 'verdict.given' && event.trial !== null) {
    if (!story.started.has(event.trial))
      found.push(`the verdict of cycle ${cycle} names trial ${event.trial}, which was never charged`);
    else if (!story.finished.has(event.trial))
      found.push(`the verdict of cycle ${cycle} names trial ${event.trial}, which has no result`);
  }
  steps.add(event.type);
  return found;
}
