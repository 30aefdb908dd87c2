import type { EventOf } from '../../journal/events.ts';
import { number } from '../digest/describe.ts';
import { rewardOf } from '../directive/progress.ts';
import { type Figure, holds, parseClaims, parseFigures } from './claim.ts';
import type { History, LessonRecord, TrialRecord } from './records.ts';

/** Two lessons with this share of their words in common say the same thing. */
const SAME = 0.6;
/** How far back a new lesson is compared, in lessons. */
const COMPARED = 200;
/** A lesson loses half its rank in this many cycles unless it is repeated. */
const HALF_LIFE = 200;

/** A lesson with what to say before it: nothing, or why not to trust it. */
type RankedLesson = LessonRecord & { readonly mark: string };

/** Adds a lesson, or merges it into one that says the same of the same families: the newer words, the trials of both. */
export function noteLesson(history: History, event: EventOf<'lesson.noted'>): void {
  const trials = event.trials.filter((trial) => history.byTrial.has(trial));
  const families = new Set(trials.map((trial) => history.byTrial.get(trial)!.family));
  const words = wordsOf(event.text);
  const known = history.lessons
    .slice(-COMPARED)
    .findLast(
      (lesson) => overlap(families, lesson.families) && alike(words, lesson.words) && agrees(event.text, lesson.text),
    );
  if (known === undefined) {
    history.lessons.push({
      lesson: event.lesson,
      text: event.text,
      trials: new Set(trials),
      families,
      words,
      from: null,
      cycle: event.cycle,
    });
    return;
  }
  for (const trial of trials) known.trials.add(trial);
  for (const family of families) known.families.add(family);
  Object.assign(known, { text: event.text, words, cycle: event.cycle });
}

/** Adds a lesson of an earlier run. Its trials are not in this journal, so it ranks as one with half a trial. */
export function noteCarried(history: History, { lesson, text }: { lesson: string; text: string }, from: string): void {
  history.lessons.push({ lesson, text, trials: new Set(), families: new Set(), words: wordsOf(text), from, cycle: 0 });
}

/** Lessons by evidence (trials cited), aged by half-life; those without evidence or against it come last and are marked. */
export function rankLessons(history: History): RankedLesson[] {
  const now = history.cycles.at(-1)?.cycle ?? 0;
  const ranked = history.lessons.map((lesson) => {
    const mark = markOf(lesson, history);
    const evidence = lesson.from === null ? lesson.trials.size : Math.max(0.5, lesson.trials.size);
    const weight = evidence * 0.5 ** ((now - lesson.cycle) / HALF_LIFE);
    return { lesson, mark, weight: mark === '' || lesson.from !== null ? weight : weight / 1e6 };
  });
  ranked.sort((a, b) => b.weight - a.weight || b.lesson.cycle - a.lesson.cycle);
  return ranked.map(({ lesson, mark }) => ({ ...lesson, mark }));
}

/** Checks a lesson against its cited trials. The mark is information; no decision reads lessons. */
function markOf(lesson: LessonRecord, history: History): string {
  const trials = [...lesson.trials].map((id) => history.byTrial.get(id)!);
  if (trials.length === 0) return lesson.from === null ? '(no evidence) ' : `(from ${lesson.from}) `;
  for (const claim of parseClaims(lesson.text).claims) {
    const answers = trials.map((trial) => holds(claim, trial.metrics)).filter((answer) => answer !== null);
    const against = answers.filter((answer) => !answer).length;
    if (against * 2 > answers.length) return `(contradicted: ${against} of ${answers.length} cited trials) `;
  }
  const figure = parseFigures(lesson.text).find((one) => trials.every((trial) => isElsewhere(one, trial)));
  if (figure) return `(contradicted: no cited trial has ${figure.metric} ${number(figure.value)}) `;
  const praise = PRAISE.test(lesson.text);
  const blame = BLAME.test(lesson.text);
  if (praise === blame) return '';
  if (praise)
    return trials.every((trial) => rewardOf(trial) < 0.4) ? '(contradicted: none of its trials came near) ' : '';
  const kept = trials.find(({ outcome }) => outcome === 'keep') ?? laterKeep(lesson, history);
  return kept ? `(contradicted: ${kept.trial} was kept) ` : '';
}

const PRAISE = /\b(works?|worked|helps?|helped|improves?|improved|profitable|robust|survives?|promising)\b/i;
const BLAME = /\b(fails?|failed|never|no edge|not work|doesn't|loses?|lost|hopeless|dead|useless|worthless|avoid)\b/i;

/** People round and quote thresholds: a figure counts as contradicted only if no number the session was told is this near. */
const TOLERANCE = 0.05;

function isElsewhere({ metric, value, rounding }: Figure, { metrics, told }: TrialRecord): boolean {
  if (typeof metrics[metric] !== 'number') return false;
  const near = (known: number) => Math.abs(Math.abs(known) - Math.abs(value)) <= rounding + TOLERANCE * Math.abs(known);
  return ![metrics[metric], ...told].some((known) => known !== null && near(known));
}

/** The keep of a family that the lesson wrote off by name. A candidate's name contains its family's and does not count. */
function laterKeep(lesson: LessonRecord, history: History) {
  if (lesson.families.size !== 1) return undefined;
  const [family] = lesson.families;
  const record = history.families.get(family);
  return record?.best?.outcome === 'keep' && names(lesson.text, family) ? record.best : undefined;
}

function names(text: string, family: string): boolean {
  return text.split(/[^\w-]+/).includes(family);
}

function wordsOf(text: string): ReadonlySet<string> {
  return new Set(text.toLowerCase().match(/[a-z0-9.]{3,}/g) ?? []);
}

function alike(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  if (a.size === 0 || b.size === 0) return a.size === b.size;
  const common = a.intersection(b).size;
  return common / (a.size + b.size - common) >= SAME;
}

const NEGATED = /\b(?:not|no|never|without|neither|nor)\b|n't\b/i;

/** `helps` and `does not help` differ in a word or two and must not share evidence. */
function agrees(a: string, b: string): boolean {
  return [NEGATED, PRAISE, BLAME].every((tone) => tone.test(a) === tone.test(b));
}

function overlap(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return (a.size === 0 && b.size === 0) || !a.isDisjointFrom(b);
}
