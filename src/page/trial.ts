import { structuredPatch } from 'diff';
import { attempt } from '../base/attempt.ts';
import { messageOf } from '../base/errors.ts';
import type { RunEvent } from '../journal/events.ts';
import { openObjects, returnsFromBytes } from '../journal/objects.ts';
import { reasonText } from '../journal/projections/text.ts';
import { coverageAt } from '../journal/provenance.ts';
import type { CycleState, Trial } from '../journal/state/parts.ts';
import { stateOf } from '../journal/state/run-state.ts';
import { levelsOf } from '../metrics/returns.ts';
import { tunedView } from './tuned.ts';
import type { CodeFile, Curve, TrialView } from './view.ts';

const DAY_S = 86_400;
/** Unchanged lines around a change. */
const CONTEXT = 1000;

/** Everything the page shows of one trial, or null when the run has none of that name. */
export function trialView(runDir: string, events: readonly RunEvent[], name: string): TrialView | null {
  const state = stateOf(events);
  const trial = state.byTrial.get(name);
  const cycle = trial && state.byCycle.get(trial.cycle);
  if (!trial || !cycle) return null;
  const { started, finished } = trial;
  const parent = parentOf(state.trials, trial, cycle);
  const opened = events.filter((event) => event.type === 'holdout.answered').findLast((event) => event.trial === name);
  const looked =
    opened && events.filter((event) => event.type === 'selection.answered').find((event) => event.trial === name);
  const told = new Set(cycle.started.hints);
  const windows = windowsOf(events);
  return {
    trial: name,
    cycle: trial.cycle,
    outcome: finished?.outcome ?? 'running',
    route: cycle.verdict?.route ?? null,
    family: trial.family,
    candidate: trial.candidate,
    hypothesis: trial.hypothesis,
    refutedIf: cycle.hypothesis?.refutedIf ?? null,
    directive: cycle.started.directive,
    directiveWhy: cycle.started.why,
    lessons: events
      .filter((event) => event.type === 'lesson.noted')
      .filter(({ trials, cycle: of }) => trials.includes(name) || of === trial.cycle)
      .map(({ text }) => text),
    summary: cycle.session?.summary ?? '',
    params: started.params,
    metrics: finished?.metrics ?? {},
    symbols: finished?.symbols ?? null,
    gates: (finished?.gates ?? []).map((gate) => {
      const { passed, side } = gate;
      const hidden = gate.stage === 'selection' && !opened;
      const { value, threshold } = hidden ? { value: null, threshold: null } : gate;
      const text = hidden ? (passed ? 'passed' : 'not passed') : reasonText(gate);
      return { gate: gate.gate, passed, value, threshold, side, text };
    }),
    n: started.n,
    seconds: finished?.seconds ?? null,
    tokens: cycle.tokens,
    commit: cycle.committed?.commit ?? null,
    hints: events
      .filter((event) => event.type === 'hint.taken')
      .filter(({ hint }) => told.has(hint))
      .map(({ hint, text }) => ({ id: hint, text })),
    curve: curveOf(runDir, trial, windows.find((window) => window.name === 'train')?.from),
    windows,
    holdout: opened ? { answer: opened.answer, sharpe: opened.sharpe, detectable: opened.detectable } : null,
    selectionSharpe: looked?.sharpe ?? null,
    files: filesOf(runDir, trial, parent),
    parent: parent?.trial ?? null,
    tuned: tunedView(runDir, finished),
  };
}

/** The trial that the code was made from: the cycle's base, else an earlier try of the same cycle. */
function parentOf(trials: readonly Trial[], trial: Trial, { started, trials: own }: CycleState): Trial | null {
  const earlier = own.slice(0, own.indexOf(trial)).at(-1);
  if (earlier) return earlier;
  const before = trials.slice(0, trials.indexOf(trial));
  return before.findLast(({ candidate }) => candidate === started.base) ?? null;
}

function filesOf(runDir: string, trial: Trial, parent: Trial | null): CodeFile[] {
  const before = parent ? contents(runDir, parent) : [];
  return contents(runDir, trial).map(([name, text]) => {
    const [, old] = before.find(([other]) => kind(other) === kind(name)) ?? [];
    const patch = old === undefined ? null : structuredPatch('', '', old, text, '', '', { context: CONTEXT });
    return { name, text, diff: patch?.hunks.flatMap(({ lines }) => lines) ?? null };
  });
}

function contents(runDir: string, trial: Trial): [name: string, text: string][] {
  const objects = openObjects(runDir);
  return Object.entries(trial.started.files).map(([name, object]) => {
    try {
      return [name, objects.get(object).toString('utf8')];
    } catch (thrown) {
      return [name, messageOf(thrown)];
    }
  });
}

function kind(name: string): string {
  return name.slice(name.lastIndexOf('.'));
}

/** Equity from 1 and drawdown over the days of train. */
function curveOf(runDir: string, { returnsSha256, finished }: Trial, train: number | undefined): Curve | null {
  if (returnsSha256 === null) return null;
  const returns = storedReturns(runDir, returnsSha256);
  if (returns === null || returns.length === 0) return null;
  // A tuned trial trades from its second part on.
  const start = Math.floor((finished?.tuned?.path[0].from ?? train ?? 0) / 1000);
  const { equity, lost } = levelsOf(returns);
  return {
    times: equity.map((_, day) => start + (day + 1) * DAY_S),
    equity: equity.map(short),
    drawdown: lost.map((share) => short(-share)),
  };
}

function storedReturns(runDir: string, object: string): Float64Array | null {
  return attempt(() => returnsFromBytes(openObjects(runDir).get(object))) ?? null;
}

function windowsOf(events: readonly RunEvent[]): TrialView['windows'] {
  const byName = Map.groupBy(coverageAt(events), ({ window }) => window);
  return [...byName].map(([name, [{ from, to }]]) => ({ name, from, to }));
}

function short(value: number): number {
  return Number(value.toPrecision(6));
}
