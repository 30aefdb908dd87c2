import type { RunEvent } from '../../journal/events.ts';
import { nearMisses } from '../directive/rank.ts';
import { historyOf } from '../memory/history.ts';
import { judgeHypothesis } from '../memory/hypothesis.ts';
import { rankLessons } from '../memory/lessons.ts';
import type { CycleRecord, History, TrialRecord } from '../memory/records.ts';
import { describeGate, describeParams, number, oneLine } from './describe.ts';
import { cycleLine, numbersOf } from './digest-sections.ts';
import { clipToTokens } from './tokens.ts';

const QUERY_KINDS = ['families', 'failures', 'lessons', 'near_misses', 'candidate', 'cycle'] as const;

export interface JournalQuery {
  readonly kind: string;
  /** A candidate's name for `candidate`, a family's name to narrow the others; for `lessons` also words to look for. */
  readonly name?: string;
  readonly cycle?: number;
}

/** What a tool answer may take of the session's context. */
const ANSWER_TOKENS = 700;

/** Answers the agent's question about the run so far, shortly and in train-side numbers only. Never throws for a bad question. */
export function queryJournal(events: readonly RunEvent[], query: JournalQuery): string {
  const history = historyOf(events);
  const lines = answer(history, query);
  const text = lines.length > 0 ? lines.join('\n') : 'nothing yet';
  return clipToTokens(text, ANSWER_TOKENS, '(cut; narrow it with name)');
}

function answer(history: History, { kind, name, cycle }: JournalQuery): string[] {
  switch (kind) {
    case 'families':
      return families(history, name);
    case 'failures':
      return failures(history, name);
    case 'lessons':
      return rankLessons(history)
        .filter((lesson) => !name || lesson.families.has(name) || speaksOf(lesson.text, name))
        .map(({ text, trials, mark }) => `${mark}${text} [${[...trials].join(' ')}]`);
    case 'near_misses':
      return nearMisses(history)
        .filter(({ trial }) => !name || trial.family === name)
        .map(
          ({ trial, gate }) =>
            `${trial.candidate} (${trial.family}) ${describeParams(trial.params)}: ${describeGate(gate)}`,
        );
    case 'candidate':
      return candidate(history, name);
    case 'cycle':
      return oneCycle(history, cycle);
    default:
      return [`unknown kind "${kind}": one of ${QUERY_KINDS.join(', ')}`];
  }
}

function families(history: History, name: string | undefined): string[] {
  return [...history.families.values()]
    .filter(({ family }) => !name || family.includes(name))
    .sort((a, b) => b.trials - a.trials)
    .map(({ family, trials, keep, discard, crash, best }) => {
      const score = best ? `, best ${best.candidate} ${number(best.score)}` : '';
      return `${family}: ${trials} trials, ${keep} keep, ${discard} discard, ${crash} crash${score}`;
    });
}

function failures(history: History, family: string | undefined): string[] {
  const wanted = history.trials.filter((trial) => (!family || trial.family === family) && trial.failed.length > 0);
  const alike = Map.groupBy(wanted, ({ failed: [gate] }) => `${gate.gate} (${gate.class ?? 'unclassed'})`);
  return [...alike]
    .sort(([, a], [, b]) => b.length - a.length)
    .map(([gate, trials]) => `${gate}: ${trials.length} trials`);
}

function candidate(history: History, name: string | undefined): string[] {
  const trials = history.trials.filter((trial) => trial.candidate === name);
  if (trials.length === 0) return [`no candidate "${name ?? ''}" in this run`];
  const { family, hypothesis } = trials.at(-1)!;
  return [`${name} (${family}): ${oneLine(hypothesis, 300)}`, ...trials.reverse().map(trialLine)];
}

function oneCycle(history: History, cycle: number | undefined): string[] {
  const record = cycle === undefined ? undefined : history.byCycle.get(cycle);
  if (!record) return [`no cycle ${cycle ?? '(give its number)'} in this run`];
  const judged = judgeHypothesis(record);
  const hypothesis = record.hypothesis
    ? [
        `hypothesis: ${oneLine(record.hypothesis.hypothesis, 300)}${judged ? ` -> ${judged.answer} (${judged.why})` : ''}`,
      ]
    : [];
  const summary = record.session ? [`summary: ${oneLine(record.session.summary, 400)}`] : [];
  return [
    cycleLine(record),
    `asked: ${record.started.why}`,
    ...hypothesis,
    ...record.trials.map(trialLine),
    ...lessonsOf(history, record),
    ...summary,
  ];
}

/** What was learned from the trials of a cycle, in that cycle or later. */
function lessonsOf(history: History, { cycle, trials }: CycleRecord): string[] {
  const own = new Set(trials.map(({ trial }) => trial));
  const about = rankLessons(history).filter((lesson) => lesson.cycle === cycle || !lesson.trials.isDisjointFrom(own));
  return about.slice(0, 8).map(({ mark, text }) => `lesson: ${mark}${oneLine(text, 300)}`);
}

function speaksOf(text: string, words: string): boolean {
  const spoken = text.toLowerCase();
  return words
    .toLowerCase()
    .split(/\s+/)
    .every((word) => spoken.includes(word));
}

function trialLine(trial: TrialRecord): string {
  return `${trial.trial} ${trial.outcome ?? 'no answer'} ${describeParams(trial.params)}: ${numbersOf(trial)}`;
}
