import type { GateResult } from '../../gates/verdict.ts';
import type { EventOf, RunEvent } from '../../journal/events.ts';
import { folded } from '../../journal/state/fold.ts';
import { climb, newRungs, noteProgress, rewardOf } from '../directive/progress.ts';
import { cellOf } from './behaviour.ts';
import { noteCarried, noteLesson } from './lessons.ts';
import { better, FamilyRecord, History, TrialRecord } from './records.ts';

/** The history that these events give. Asked again for a list that has grown, it takes only the new events. */
export function historyOf(events: readonly RunEvent[]): History {
  return folded(events, Memory);
}

/** The journal as it stood when a cycle began: the events before its `cycle.started`. */
export function eventsBefore(events: readonly RunEvent[], cycle: number): readonly RunEvent[] {
  const end = events.findIndex((event) => event.type === 'cycle.started' && event.cycle >= cycle);
  return end < 0 ? events : events.slice(0, end);
}

class Memory extends History {
  override take(event: RunEvent, place: number): void {
    super.take(event, place);
    this.now = event.at;
    if (event.type === 'segment.started') {
      this.looksSpent = false;
      Object.assign(this.progress, { best: null, bestReward: 0 });
    } else if (event.type === 'run.carried') {
      this.ideas.push(...event.ideas);
      for (const lesson of event.lessons) noteCarried(this, lesson, event.from);
    } else if (event.type === 'lesson.noted') noteLesson(this, event);
    else if (event.type === 'trial.refused') this.refused.push(event);
    else if (event.type === 'trial.started') countTrial(this, event);
    else if (event.type === 'trial.finished') finishTrial(this, event);
  }

  protected override newTrial(place: number): TrialRecord {
    return new TrialRecord(this.events, place, this.segment);
  }
}

type Finished = EventOf<'trial.finished'>;

function countTrial(history: History, event: EventOf<'trial.started'>): void {
  const family = history.families.get(event.family) ?? new FamilyRecord(event.family, newRungs());
  family.trials += 1;
  family.lastCycle = event.cycle;
  history.families.set(event.family, family);
}

function finishTrial(history: History, end: Finished): void {
  const trial = history.byTrial.get(end.trial);
  if (trial === undefined) return;
  const { outcome, gates } = end;
  const shown = gates.filter(({ stage }) => stage !== 'selection');
  trial.metrics = end.metrics;
  trial.failed = gates.filter(({ passed }) => !passed);
  trial.told = shown.flatMap(({ value, threshold }) => [value, threshold]).filter((number) => number !== null);
  for (const gate of shown) if (gate.threshold !== null) history.gates.set(gate.gate, gate);
  const refused = trial.failed.some(({ stage }) => stage === 'selection') && !history.looks.has(end.trial);
  if (refused && history.looks.size > 0) history.looksSpent = true;
  const family = history.families.get(trial.family)!;
  family[outcome] += 1;
  family.reward += rewardOf(trial);
  noteLikeness(trial, gates, family);
  climb(trial, family.rungs);
  noteBehaviour(history, trial, end, family);
  noteProgress(history, trial);
  const [failed] = trial.failed;
  if (failed?.class) family.classes.set(failed.class, (family.classes.get(failed.class) ?? 0) + 1);
  if (better(trial, family.best)) family.best = trial;
}

/** The gates measure it late, so many trials say nothing. */
function noteLikeness(trial: TrialRecord, gates: readonly GateResult[], family: FamilyRecord): void {
  trial.likeKept = gates.find(({ gate }) => gate === 'redundancy.keep')?.value ?? null;
  if (family.keep > 0) family.likeKept = 1;
  else if (trial.likeKept !== null) family.likeKept = Math.max(0, trial.likeKept);
}

function noteBehaviour(history: History, trial: TrialRecord, end: Finished, family: FamilyRecord): void {
  const { seen, cells } = history;
  const { fingerprint } = trial;
  const { returnsSha256 } = end;
  const repeated = seen.has(fingerprint) || (returnsSha256 !== null && seen.has(returnsSha256));
  seen.add(fingerprint);
  if (returnsSha256 !== null) seen.add(returnsSha256);
  trial.effective = end.outcome !== 'crash' && !repeated && end.duplicateOf === null;
  trial.cell = cellOf(trial.metrics);
  const inCell = trial.cell === null ? 1 : (cells.get(trial.cell) ?? 0);
  if (trial.cell !== null) cells.set(trial.cell, inCell + 1);
  trial.novel = trial.effective && (family.trials <= 2 || inCell === 0);
}
