import type { EventOf, RalphEvent, RunEvent } from '../../journal/events.ts';
import { oneLine } from '../digest/describe.ts';
import { historyOf } from './history.ts';
import { rankLessons } from './lessons.ts';
import { better, type TrialRecord } from './records.ts';

const MOST_LESSONS = 40;
const MOST_IDEAS = 30;
/** Words that reveal a result on held-back data: a keep has passed selection. */
const HELD_BACK =
  /selection|held.?back|hold.?out|\b(?:keep(?:s|ers?)?|kept)\b|\bpass(?:es|ed)?\b|\b(?:every|all)\b[\w\s]{0,9}\bgates?\b/i;

/**
 * What a new run takes over: ideas by train-side score, and lessons without a word of held-back data, so that nothing reveals who passed
 * selection. Trials count where the data are the same.
 */
export function carryOver(events: readonly RunEvent[], sameData: boolean): RalphEvent {
  const history = historyOf(events);
  const lessons = rankLessons(history)
    .filter(({ mark, text }) => mark === '' && !HELD_BACK.test(text))
    .slice(0, MOST_LESSONS)
    .map(({ lesson, text, trials }) => ({ lesson, text: oneLine(text, 300), trials: [...trials] }));
  const ideas = bestOfFamilies(history.trials)
    .slice(0, MOST_IDEAS)
    .map(({ candidate, family, hypothesis, score }) => ({
      candidate,
      family,
      hypothesis: oneLine(hypothesis, 300),
      score,
    }));
  return {
    type: 'run.carried',
    from: history.tag,
    sameData,
    trials: sameData ? trialCount(events) : 0,
    lessons,
    ideas,
  };
}

/** Trials that the bar counts: this run's own, those it took over, and what was shown of tunings. */
export function trialCount(events: readonly RunEvent[]): number {
  const own = historyOf(events).trials.length;
  return events.reduce((sum, event) => {
    if (event.type === 'run.carried') return sum + event.trials;
    return event.type === 'cycle.started' ? sum + (event.shown?.curves ?? 0) : sum;
  }, own);
}

/** Whether two runs were searched on the same bars and windows: the data fingerprint of their provenance. */
export function sameData(a: readonly RunEvent[], b: readonly RunEvent[]): boolean {
  const [left, right] = [a, b].map((events) => events.find((event) => event.type === 'run.started'));
  const data = (event: EventOf<'run.started'> | undefined) => event?.provenance.data;
  return data(left) !== undefined && data(left) === data(right);
}

function bestOfFamilies(trials: readonly TrialRecord[]): TrialRecord[] {
  // A keep before a discard would tell who passed selection: the outcome is hidden from the comparison.
  const blind = ({ score, segment }: TrialRecord) => ({ score, segment, outcome: null });
  const best = new Map<string, TrialRecord>();
  for (const trial of trials) {
    const known = best.get(trial.family);
    if (better(blind(trial), known ? blind(known) : null)) best.set(trial.family, trial);
  }
  return [...best.values()].sort((a, b) => (better(blind(a), blind(b)) ? -1 : 1));
}
