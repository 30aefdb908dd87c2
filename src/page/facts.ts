import { type KnownDays, knownDays } from '../gates/knowledge.ts';
import { paretoFront } from '../gates/pareto.ts';
import type { Outcome } from '../gates/verdict.ts';
import type { RunEvent } from '../journal/events.ts';
import { measuredBy } from '../journal/projections/measured.ts';
import { knowledgeOf, type ResultRow, rowsOf, settingsOf } from '../journal/projections/rows.ts';
import { statusOf } from '../journal/projections/status.ts';
import { coverageAt } from '../journal/provenance.ts';
import { stateOf } from '../journal/state/run-state.ts';

export type RunFacts = ReturnType<typeof factsOf>;

const MOST_NEAR_MISSES = 8;

/** Everything that the report and the live page show, from the journal alone. */
export function factsOf(events: readonly RunEvent[]) {
  const rows = rowsOf(events);
  const finished = events.filter((event) => event.type === 'trial.finished');
  const started = events.filter((event) => event.type === 'trial.started');
  let highest: number | null = null;
  return {
    status: statusOf(events),
    rows,
    families: familiesOf(rows, new Map(finished.map(({ trial, score }) => [trial, score]))),
    /** What a run on a project measures; null for other tasks. */
    measured: measuredBy(events) ?? null,
    keeps: rows.filter(({ outcome, trial }) => outcome === 'keep' && trial !== null),
    /** What the holdout answered, by trial. */
    holdout: stateOf(events).holdoutAnswers,
    /** What each symbol of a kept universe did on train. */
    symbols: finished.flatMap(({ trial, outcome, symbols }) =>
      outcome === 'keep' && symbols ? [{ trial, figures: symbols }] : [],
    ),
    nearMisses: nearMisses(rows),
    front: paretoFront(rows.flatMap(pointOf)),
    /** Score of each finished trial in order, and the highest so far, kept or not. */
    progress: finished.map(({ score, outcome }) => {
      if (score !== null && outcome !== 'crash') highest = Math.max(highest ?? Number.NEGATIVE_INFINITY, score);
      return { score, highest };
    }),
    promotions: events.filter((event) => event.type === 'holdout.answered'),
    /** What each window of the newest segment holds. */
    coverage: coverageAt(events),
    /** How many held-back days of the newest segment the models of the run may know; null without such days. */
    known: knownIn(events),
    /** Why earlier spending on these data was forgotten, each reason once. */
    forgotten: [...new Set(started.flatMap(({ forgotten = [] }) => forgotten))],
    /** Tokens of all sessions, and what they cost where ralph.yaml has a price. */
    cost: costOf(events),
    /** Trials that could not be kept, because nothing could be kept any more. */
    trainOnly: started.filter(({ trainOnly }) => trainOnly).length,
  };
}

function costOf(events: readonly RunEvent[]) {
  const sessions = events.filter((event) => event.type === 'session.ended');
  const prompt = sessions.reduce((sum, { promptTokens }) => sum + promptTokens, 0);
  const completion = sessions.reduce((sum, { completionTokens }) => sum + completionTokens, 0);
  const { price } = settingsOf(events) as { price?: { prompt: number; completion: number } };
  const money = price ? (prompt * price.prompt + completion * price.completion) / 1e6 : null;
  return { prompt, completion, money };
}

/** The held-back days of the newest segment that the model may know; null where the run does not say. */
export function knownIn(events: readonly RunEvent[]): KnownDays | null {
  const coverage = coverageAt(events);
  const [first] = coverage;
  const windows = coverage.filter(({ symbol }) => symbol === first.symbol);
  const holdout = windows.find(({ window }) => window === 'holdout');
  const selection = windows.filter(({ window }) => window.startsWith('selection'));
  return holdout ? knownDays(knowledgeOf(events), { selection, holdout }) : null;
}

/** What was tried of each family, and the gate that ended most of its trials. */
function familiesOf(rows: readonly ResultRow[], scores: ReadonlyMap<string, number | null>) {
  const tried = rows.filter(({ trial }) => trial !== null);
  const families = [...Map.groupBy(tried, ({ family }) => family ?? 'none')].map(([family, own]) => ({
    family,
    trials: own.length,
    outcomes: { keep: count(own, 'keep'), discard: count(own, 'discard'), crash: count(own, 'crash') },
    bestSharpe: most(own.map(({ metrics }) => metrics.sharpe ?? null)),
    bestScore: most(own.map(({ trial }) => scores.get(trial ?? '') ?? null)),
    stoppedBy: commonest(
      own.flatMap(({ reasons, outcome }) => (outcome === 'keep' || !reasons[0] ? [] : [reasons[0].gate])),
    ),
  }));
  return families.sort((a, b) => b.trials - a.trials || a.family.localeCompare(b.family));
}

/** The trials that a single gate kept out, and by how little. */
function nearMisses(rows: readonly ResultRow[]) {
  return rows
    .flatMap((row) => {
      const failed = row.reasons.filter(({ passed }) => !passed);
      const near = failed.length === 1 && failed[0].class !== 'leak';
      return row.outcome === 'discard' && row.trial !== null && near ? [{ row, gate: failed[0] }] : [];
    })
    .sort((a, b) => a.gate.gap - b.gate.gap)
    .slice(0, MOST_NEAR_MISSES);
}

function pointOf({ trial, family, outcome, metrics }: ResultRow) {
  const { annualReturn, trades, maxDrawdown, turnover } = metrics;
  if (trial === null || outcome === 'crash') return [];
  if (annualReturn == null || trades == null || maxDrawdown == null || turnover == null) return [];
  return [{ trial, family: family ?? 'none', outcome, annualReturn, trades, maxDrawdown, turnover }];
}

function count(rows: readonly ResultRow[], outcome: Outcome): number {
  return rows.filter((row) => row.outcome === outcome).length;
}

function most(values: readonly (number | null)[]): number | null {
  return values.reduce((best, value) => (value !== null && (best === null || value > best) ? value : best), null);
}

function commonest(names: readonly string[]): { gate: string; count: number } | null {
  const [first] = [...Map.groupBy(names, (name) => name)].sort(([, a], [, b]) => b.length - a.length);
  return first ? { gate: first[0], count: first[1].length } : null;
}
