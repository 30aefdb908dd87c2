import type { GatesConfig } from '../../gates/config.ts';
import { reviewKeep } from '../../gates/incumbents.ts';
import type { RunEvent } from '../../journal/events.ts';
import { keepers, nearMisses, spread } from '../directive/rank.ts';
import { searchState } from '../directive/state.ts';
import { activeHints } from '../hints/hints.ts';
import { CELLS, describeCell, thinCells } from '../memory/behaviour.ts';
import { judgeHypothesis } from '../memory/hypothesis.ts';
import { rankLessons } from '../memory/lessons.ts';
import type { CycleRecord, FamilyRecord, History, TrialRecord } from '../memory/records.ts';
import { describeGate, describeParams, number, oneLine } from './describe.ts';

export interface SectionContext {
  readonly history: History;
  readonly events: readonly RunEvent[];
  readonly cycle: number;
  readonly families: readonly string[];
  readonly trials?: number;
  readonly deflation?: GatesConfig['deflation'];
}

export interface Section {
  readonly title: string;
  /** Relative claim on the budget. */
  readonly share: number;
  /** Most important first; an empty list leaves the section out. */
  readonly lines: (context: SectionContext) => string[];
}

/** The digest's sections in reading order. */
export const SECTIONS: readonly Section[] = [
  { title: 'State', share: 8, lines: stateLines },
  { title: 'Gates on the train side, as the newest trial met them', share: 12, lines: gateLines },
  { title: 'Leaderboard (candidate, family, score)', share: 14, lines: leaderLines },
  { title: 'Near misses and the gate in the way', share: 14, lines: missLines },
  { title: 'Families: trials, keeps, discards, crashes, why', share: 18, lines: familyLines },
  { title: 'Lessons', share: 16, lines: lessonLines },
  { title: 'Ideas of an earlier run (train side)', share: 5, lines: ideaLines },
  { title: 'Behaviour covered', share: 5, lines: coverageLines },
  { title: 'Last cycles', share: 12, lines: cycleLines },
  { title: 'Hints now active', share: 6, lines: hintLines },
];

function stateLines({ history, trials }: SectionContext): string[] {
  const { state, why } = searchState(history);
  const kept = keepers(history).length;
  const needed = history.trials.findLast(({ metrics }) => typeof metrics.sharpeNeeded === 'number')?.metrics
    .sharpeNeeded;
  const bar =
    needed === undefined
      ? ''
      : ` The newest trial that got so far needed a Sharpe of ${number(needed)} to be more than luck.`;
  const repeats = history.refused.length > 0 ? `, ${history.refused.length} repeats sent back` : '';
  return [
    `${state}: ${why}`,
    `${history.cycles.length} cycles, ${trials ?? history.trials.length} trials${repeats}, ${kept} kept. Every trial raises the bar.${bar}`,
  ];
}

function gateLines({ history }: SectionContext): string[] {
  return [...history.gates.values()]
    .filter(({ threshold }) => threshold !== null)
    .map(({ gate, side, threshold }) => `- ${gate} ${side === 'max' ? '<=' : '>='} ${number(threshold)}`);
}

function leaderLines({ history, trials, deflation }: SectionContext): string[] {
  const n = trials ?? history.trials.length;
  return keepers(history).map((trial) => {
    const provisional = deflation !== undefined && reviewKeep(trial.metrics, n, deflation).provisional;
    const mark = provisional ? ` · PROVISIONAL: would not pass among ${n} trials` : '';
    return `- ${trial.candidate} (${trial.family}) ${number(trial.score)} · ${numbersOf(trial)}${mark}`;
  });
}

function missLines({ history }: SectionContext): string[] {
  const misses = nearMisses(history).map(({ trial, gate }) => ({ trial, gate, family: trial.family }));
  return spread(misses, 3).map(
    ({ trial, gate }) =>
      `- ${trial.candidate} (${trial.family}, ${describeParams(trial.params)}): ${describeGate(gate)}`,
  );
}

function familyLines({ history, families }: SectionContext): string[] {
  const tried = [...history.families.values()].sort(byInterest).map((record) => {
    const classes = [...record.classes].sort((a, b) => b[1] - a[1]).map(([name, count]) => `${name} ${count}`);
    const best = record.best ? `, best ${number(record.best.score)}` : '';
    return `- ${record.family}: ${record.trials}, ${record.keep}, ${record.discard}, ${record.crash}${best}; ${classes.slice(0, 4).join(', ')}`;
  });
  const untried = families.filter((family) => !history.families.has(family));
  return untried.length > 0 ? [`- untried: ${oneLine(untried.join(', '), 240)}`, ...tried] : tried;
}

function lessonLines({ history }: SectionContext): string[] {
  return rankLessons(history).map(
    ({ text, trials, mark }) =>
      `- ${mark}${oneLine(text, 200)}${trials.size > 0 ? ` [${[...trials].slice(0, 3).join(' ')}]` : ''}`,
  );
}

function ideaLines({ history }: SectionContext): string[] {
  return history.ideas.map(
    ({ candidate, family, hypothesis, score }) =>
      `- ${candidate} (${family}) ${number(score)}: ${oneLine(hypothesis, 120)}`,
  );
}

function cycleLines({ history }: SectionContext): string[] {
  return history.cycles.slice(-12).reverse().map(cycleLine);
}

function hintLines({ events, cycle }: SectionContext): string[] {
  return activeHints(events, cycle).map(({ id, text }) => `- [${id}] ${oneLine(text, 120)}`);
}

/** One cycle in one line. */
export function cycleLine(cycle: CycleRecord): string {
  const { verdict, started } = cycle;
  const asked = started.directive + (started.family ? ` ${started.family}` : '');
  if (verdict === null) return `- ${cycle.cycle} ${asked}: no verdict`;
  const failed = verdict.reasons.filter((reason) => !reason.passed);
  const why = failed.slice(0, 2).map(describeGate).join(', ');
  const judged = judgeHypothesis(cycle)?.answer;
  const told = judged && judged !== 'inconclusive' ? ` (${judged})` : '';
  return `- ${cycle.cycle} ${asked}: ${verdict.outcome} ${verdict.candidate ?? 'nothing'}${told} -> ${verdict.route}${why ? `; ${why}` : ''}`;
}

/** The train-side numbers that a trader asks for first. */
export function numbersOf(trial: TrialRecord): string {
  const wanted = ['sharpe', 'annualReturn', 'maxDrawdown', 'trades', 'exposure'];
  const known = wanted.filter((name) => typeof trial.metrics[name] === 'number');
  const [failed] = trial.failed;
  const numbers = known.map((name) => `${name} ${number(trial.metrics[name])}`).join(', ');
  return failed ? `${numbers}; ${describeGate(failed)}` : numbers;
}

function byInterest(a: FamilyRecord, b: FamilyRecord): number {
  return b.keep - a.keep || b.reward / b.trials - a.reward / a.trials || b.lastCycle - a.lastCycle;
}

function coverageLines({ history }: SectionContext): string[] {
  if (history.cells.size === 0) return [];
  const filled = [...history.cells].sort((a, b) => b[1] - a[1]);
  const crowded = filled.slice(0, 2).map(([cell, count]) => `${describeCell(cell)} (${count})`);
  const empty = thinCells(history.cells);
  const lines = [`${filled.length} of ${CELLS} kinds of behaviour seen; crowded: ${crowded.join('; ')}`];
  return empty.length > 0 ? [...lines, `nothing yet: ${empty.slice(0, 3).map(describeCell).join('; ')}`] : lines;
}
