import type { EventOf, RunEvent } from '../../journal/events.ts';
import { noteProgress, rewardOf } from '../directive/progress.ts';
import { cellOf } from './behaviour.ts';
import { noteCarried, noteLesson } from './lessons.ts';
import { better, type CycleRecord, type FamilyRecord, type History, type TrialRecord } from './records.ts';

const remembered = new WeakMap<readonly RunEvent[], { seen: number; history: History }>();

/** Replays events into a History. The same growing array is only read from where the last call stopped. */
export function historyOf(events: readonly RunEvent[]): History {
  let memory = remembered.get(events);
  if (memory === undefined || memory.seen > events.length) {
    memory = { seen: 0, history: emptyHistory() };
    remembered.set(events, memory);
  }
  for (; memory.seen < events.length; memory.seen++) fold(memory.history, events[memory.seen]);
  return memory.history;
}

/** The journal as it stood when a cycle began: the events before its `cycle.started`. */
export function eventsBefore(events: readonly RunEvent[], cycle: number): readonly RunEvent[] {
  const end = events.findIndex((event) => event.type === 'cycle.started' && event.cycle >= cycle);
  return end < 0 ? events : events.slice(0, end);
}

function emptyHistory(): History {
  return {
    tag: '',
    segment: 1,
    cycles: [],
    byCycle: new Map(),
    trials: [],
    refused: [],
    byTrial: new Map(),
    families: new Map(),
    lessons: [],
    ideas: [],
    gates: new Map(),
    cells: new Map(),
    seen: new Set(),
    progress: { best: null, bestReward: 0, gains: [] },
    looked: new Set(),
    looksSpent: false,
    now: 0,
  };
}

function fold(history: History, event: RunEvent): void {
  history.now = event.at;
  switch (event.type) {
    case 'run.started':
      history.tag = event.tag;
      return;
    case 'segment.started':
      history.segment = event.segment;
      history.looksSpent = false;
      Object.assign(history.progress, { best: null, bestReward: 0 });
      return;
    case 'cycle.started':
      startCycle(history, event);
      return;
    case 'hypothesis.registered':
      assign(history, event.cycle, { hypothesis: event });
      return;
    case 'session.ended':
      assign(history, event.cycle, { session: event });
      return;
    case 'verdict.given':
      assign(history, event.cycle, { verdict: event });
      return;
    case 'selection.looked':
      history.looked.add(event.trial);
      return;
    case 'run.carried':
      history.ideas.push(...event.ideas);
      for (const lesson of event.lessons) noteCarried(history, lesson, event.from);
      return;
    case 'lesson.noted':
      noteLesson(history, event);
      return;
    case 'trial.refused':
      history.refused.push(event);
      return;
    case 'trial.started':
      startTrial(history, event);
      return;
    case 'trial.finished':
      finishTrial(history, event);
      return;
  }
}

function startCycle(history: History, event: EventOf<'cycle.started'>): void {
  const known = history.byCycle.get(event.cycle);
  const record: CycleRecord = {
    cycle: event.cycle,
    at: event.at,
    started: event,
    trials: known?.trials ?? [],
    hypothesis: null,
    session: null,
    verdict: null,
  };
  if (known) history.cycles[history.cycles.indexOf(known)] = record;
  else history.cycles.push(record);
  history.byCycle.set(event.cycle, record);
}

function assign(history: History, cycle: number, part: Partial<CycleRecord>): void {
  const record = history.byCycle.get(cycle);
  if (record) Object.assign(record, part);
}

function startTrial(history: History, event: EventOf<'trial.started'>): void {
  const record: TrialRecord = {
    trial: event.trial,
    cycle: event.cycle,
    segment: history.segment,
    candidate: event.candidate,
    family: event.family,
    hypothesis: event.hypothesis,
    fingerprint: event.fingerprint,
    codeSha256: event.codeSha256,
    params: event.params,
    outcome: null,
    gates: [],
    metrics: {},
    score: null,
    returnsSha256: null,
    duplicateOf: null,
    cell: null,
    effective: false,
    novel: false,
    likeKept: null,
  };
  history.trials.push(record);
  history.byTrial.set(event.trial, record);
  history.byCycle.get(event.cycle)?.trials.push(record);
  const family = history.families.get(event.family) ?? newFamily(event);
  family.trials += 1;
  family.lastCycle = event.cycle;
  history.families.set(event.family, family);
}

function newFamily(event: EventOf<'trial.started'>): FamilyRecord {
  return {
    family: event.family,
    trials: 0,
    keep: 0,
    discard: 0,
    crash: 0,
    classes: new Map(),
    best: null,
    reward: 0,
    bestReward: 0,
    bestScore: null,
    likeKept: 0,
    firstCycle: event.cycle,
    lastCycle: event.cycle,
  };
}

function finishTrial(history: History, event: EventOf<'trial.finished'>): void {
  const record = history.byTrial.get(event.trial);
  if (record === undefined) return;
  const { outcome, gates, metrics, score, returnsSha256, duplicateOf } = event;
  Object.assign(record, { outcome, gates, metrics, score, returnsSha256, duplicateOf });
  for (const gate of gates)
    if (gate.threshold !== null && gate.stage !== 'selection') history.gates.set(gate.gate, gate);
  const refused =
    gates.some(({ stage, passed }) => stage === 'selection' && !passed) && !history.looked.has(event.trial);
  if (refused && history.looked.size > 0) history.looksSpent = true;
  const family = history.families.get(record.family)!;
  family[outcome] += 1;
  family.reward += rewardOf(record);
  if (score !== null) family.bestScore = Math.max(score, family.bestScore ?? score);
  if (outcome !== 'keep') family.bestReward = Math.max(family.bestReward, rewardOf(record));
  noteLikeness(record, family);
  noteBehaviour(history, record, family);
  noteProgress(history, record);
  const failed = gates.find((gate) => !gate.passed);
  if (failed?.class) family.classes.set(failed.class, (family.classes.get(failed.class) ?? 0) + 1);
  if (better(record, family.best)) family.best = record;
}

/** The gates measure it late, so many trials say nothing. */
function noteLikeness(trial: TrialRecord, family: FamilyRecord): void {
  trial.likeKept = trial.gates.find(({ gate }) => gate === 'redundancy.keep')?.value ?? null;
  if (family.keep > 0) family.likeKept = 1;
  else if (trial.likeKept !== null) family.likeKept = Math.max(0, trial.likeKept);
}

function noteBehaviour(history: History, trial: TrialRecord, family: FamilyRecord): void {
  const { seen, cells } = history;
  const repeated = seen.has(trial.fingerprint) || (trial.returnsSha256 !== null && seen.has(trial.returnsSha256));
  seen.add(trial.fingerprint);
  if (trial.returnsSha256 !== null) seen.add(trial.returnsSha256);
  trial.effective = trial.outcome !== 'crash' && !repeated && trial.duplicateOf === null;
  trial.cell = cellOf(trial.metrics);
  const inCell = trial.cell === null ? 1 : (cells.get(trial.cell) ?? 0);
  if (trial.cell !== null) cells.set(trial.cell, inCell + 1);
  trial.novel = trial.effective && (family.trials <= 2 || inCell === 0);
}
