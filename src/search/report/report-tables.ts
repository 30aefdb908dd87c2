import type { ReportTable } from '../../base/draw/terminal.ts';
import type { EventOf, RunEvent } from '../../journal/events.ts';
import { earlierKeeps } from '../../journal/provenance.ts';
import { number, oneLine } from '../digest/describe.ts';
import { gapOf } from '../directive/progress.ts';
import { historyOf } from '../memory/history.ts';
import { judgeHypothesis } from '../memory/hypothesis.ts';
import type { CycleRecord } from '../memory/records.ts';
import { SIZE_HEAD, sizeCells, yieldBySize } from './compare.ts';

const NEWEST = 10;

/** What the report says of the search itself: what hypotheses came to, which size of a cycle pays, what hints did. */
export function searchTables(events: readonly RunEvent[]): ReportTable[] {
  return [...earlier(events), hypotheses(events), sizes(events), ...hints(events)];
}

/** Only where there are some: the engine or a gate was corrected in the middle of the search. */
function earlier(events: readonly RunEvent[]): ReportTable[] {
  const keeps = earlierKeeps(events);
  if (keeps.length === 0) return [];
  return [
    {
      title: 'Keeps judged under an earlier version',
      note: 'What changed since they were kept stands beside each. `ralph reproduce --again` judges them by what holds now.',
      head: ['trial', 'family', 'candidate', 'changed since'],
      rows: keeps.map(({ row, changed }) => [row.trial, row.family ?? '', row.candidate ?? '', changed.join(', ')]),
    },
  ];
}

function hypotheses(events: readonly RunEvent[]): ReportTable {
  const judged = historyOf(events).cycles.flatMap((cycle) => {
    const judgement = judgeHypothesis(cycle);
    return judgement && cycle.hypothesis ? [{ ...cycle.hypothesis, ...judgement }] : [];
  });
  const count = (answer: string) => judged.filter((one) => one.answer === answer).length;
  return {
    title: 'Hypotheses',
    note: `Registered before the code, judged by their own number: ${count('confirmed')} confirmed, ${count('refuted')} refuted, ${count('inconclusive')} inconclusive. The newest:`,
    head: ['cycle', 'family', 'refuted if', 'answer', 'why'],
    rows: judged
      .slice(-NEWEST)
      .reverse()
      .map(({ cycle, family, refutedIf, answer, why }) => [cycle, family, oneLine(refutedIf, 60), answer, why]),
  };
}

function sizes(events: readonly RunEvent[]): ReportTable {
  return {
    title: 'One change a cycle, or a theme of several trials',
    note: 'The reward is 1 for a keep, else how far the best trial of the cycle came.',
    head: SIZE_HEAD,
    rows: yieldBySize(historyOf(events)).map(sizeCells),
  };
}

function hints(events: readonly RunEvent[]): ReportTable[] {
  const effects = hintEffects(events);
  if (effects.length === 0) return [];
  const show = ({ cycles, trials, keeps, gap }: Yield) => `${cycles} / ${trials} / ${keeps} / ${number(gap)}`;
  return [
    {
      title: 'Hints, and what came of them',
      note: 'Cycles / trials / keeps / mean gap to being kept, under the hint and in all other cycles.',
      head: ['hint', 'under it', 'the rest', 'answer'],
      rows: effects.map(({ text, under, rest, answers, dropped }) => {
        const last = answers.at(-1);
        const answer = last ? `${last.accepted ? 'accepted' : 'declined'}: ${oneLine(last.why, 60)}` : 'not answered';
        return [oneLine(text, 60), show(under), show(rest), dropped ? `${answer} (dropped)` : answer];
      }),
    },
  ];
}

/** What a group of cycles came to. */
export interface Yield {
  readonly cycles: number;
  readonly trials: number;
  readonly keeps: number;
  /** Mean over the trials of how far from being kept: 0 for a keep, 1 for a crash or a wide miss; null without trials. */
  readonly gap: number | null;
}

interface HintEffect {
  readonly hint: string;
  readonly text: string;
  readonly from: string | null;
  readonly answers: readonly { cycle: number; accepted: boolean; why: string }[];
  readonly dropped: boolean;
  readonly under: Yield;
  readonly rest: Yield;
}

/** For each hint: trials, gaps and keeps of the cycles that read it against all other cycles of the run. */
export function hintEffects(events: readonly RunEvent[]): HintEffect[] {
  const { cycles } = historyOf(events);
  const all = <T extends RunEvent['type']>(type: T) => events.filter((event) => event.type === type) as EventOf<T>[];
  const answered = all('hint.answered');
  const dropped = new Set(all('hint.dropped').map(({ hint }) => hint));
  return all('hint.taken').map(({ hint, text, from = null }) => ({
    hint,
    text,
    from,
    answers: answered.filter((one) => one.hint === hint).map(({ cycle, accepted, why }) => ({ cycle, accepted, why })),
    dropped: dropped.has(hint),
    under: yieldOf(cycles.filter(({ started }) => started.hints.includes(hint))),
    rest: yieldOf(cycles.filter(({ started }) => !started.hints.includes(hint))),
  }));
}

function yieldOf(cycles: readonly CycleRecord[]): Yield {
  const trials = cycles.flatMap((cycle) => cycle.trials).filter(({ outcome }) => outcome !== null);
  const gaps = trials.map(gapOf);
  return {
    cycles: cycles.length,
    trials: trials.length,
    keeps: trials.filter(({ outcome }) => outcome === 'keep').length,
    gap: gaps.length === 0 ? null : gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length,
  };
}
