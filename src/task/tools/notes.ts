import { sha256 } from '../../base/hash.ts';
import { queryJournal } from '../../search/digest/query.ts';
import { writeProposal } from '../../search/directive/proposals.ts';
import { type ActiveHint, activeHints } from '../../search/hints/hints.ts';
import type { Cycle } from '../task.ts';
import { answer, type RunTool, refuse, text } from './tool.ts';

/** What earlier cycles found, from the journal alone. */
export const askJournal: RunTool = (args, cycle) => {
  const number = Number(args.cycle);
  const query = {
    kind: text(args, 'kind'),
    name: text(args, 'name') || undefined,
    cycle: Number.isInteger(number) ? number : undefined,
  };
  return answer(queryJournal(cycle.events, query));
};

/** A short lesson that cites the trials it rests on. */
export const noteLesson: RunTool = (args, cycle) => {
  const lesson = text(args, 'text');
  const known = new Set(cycle.events.flatMap((event) => (event.type === 'trial.finished' ? [event.trial] : [])));
  const cited = text(args, 'trials').match(/\d{4,}-\d+/g) ?? [];
  const unknown = cited.filter((trial) => !known.has(trial));
  if (lesson.length < 10 || lesson.length > 300) return refuse('A lesson is one sentence of 10 to 300 characters.');
  if (cited.length === 0) return refuse('Cite the trials that the lesson rests on, such as trials: "0003-1, 0003-2".');
  if (unknown.length > 0) return refuse(`There is no finished trial ${unknown.join(', ')}.`);
  cycle.record({
    type: 'lesson.noted',
    cycle: cycle.id,
    lesson: sha256(lesson).slice(0, 8),
    trials: cited,
    text: lesson,
  });
  return answer('Noted.');
};

/** Every hint in the brief is answered: accepted or declined, and why. */
export const answerHint: RunTool = (args, cycle) => {
  const hint = text(args, 'hint');
  const why = text(args, 'why');
  const open = activeHints(cycle.events, cycle.id).map(({ id }) => id);
  if (!open.includes(hint)) return refuse(`There is no open hint "${hint}". Open hints: ${open.join(', ') || 'none'}.`);
  if (why === '') return refuse('Say why in one sentence.');
  const accepted = args.accepted === true || text(args, 'accepted').toLowerCase() === 'true';
  cycle.record({ type: 'hint.answered', hint, cycle: cycle.id, accepted, why });
  return answer('Answered.');
};

/** A wish to change score or gates: a file for the human, who alone can apply it. */
export const proposeChange: RunTool = (args, cycle) => {
  const wish = text(args, 'text');
  if (wish.length < 20) return refuse('Say what should change, from what to what, and which trials show it.');
  const event = writeProposal(cycle.runDir, cycle.id, wish);
  cycle.record(event);
  return answer('Kept for the human. Gates and score stay as they are: go on.');
};

/** Hints that this cycle was told and nobody has answered yet. */
export function openHints({ events, id: cycle }: Pick<Cycle, 'events' | 'id'>): ActiveHint[] {
  const told = events.find((event) => event.type === 'cycle.started' && event.cycle === cycle);
  const asked = told?.type === 'cycle.started' ? told.hints : [];
  return activeHints(events, cycle).filter(({ id, answered }) => !answered && asked.includes(id));
}

/**
 * The only way to end a session. Refused while a hint of its brief is unanswered, because the person outside waits for it. What
 * another session took meanwhile, or what is meant for another family, is not its to answer.
 */
export const finish: RunTool = (args, cycle) => {
  const open = openHints(cycle);
  if (open.length > 0)
    return refuse(`Answer the open hints first with answer_hint: ${open.map(({ id }) => id).join(', ')}.`);
  const trials = cycle.events.some((event) => event.type === 'trial.started' && event.cycle === cycle.id);
  if (!trials && text(args, 'summary') === '')
    return refuse('Nothing was backtested. Backtest a candidate, or give a summary that says why not.');
  return { ok: true, content: 'Finished.', final: true };
};
