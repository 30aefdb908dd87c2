import { isoDay } from '../../../base/numbers.ts';
import type { Activity } from '../../../forward/entries.ts';
import type { ForwardRow, GapRow } from '../../../forward/row.ts';
import { activeOf, hiddenRiskOf, NO_DAYS, standingOf, withDay } from '../../../forward/standing.ts';
import type { RunEvent } from '../../../journal/events.ts';
import { stateOf } from '../../../journal/state/run-state.ts';
import { DAY } from '../../../market/bars.ts';
import { DAYS_A_YEAR } from '../../../metrics/returns.ts';
import { sharpeRatio } from '../../../metrics/statistics/moments.ts';
import type { Looked } from './forward.ts';

/** Held-back windows show their Sharpe ratio once the holdout was opened for the trial, as everywhere. */
export function forwardRow(events: readonly RunEvent[], looked: Looked): ForwardRow {
  const { trial, record, added, missing, changed, differs, activity, problem } = looked;
  const { candidate, family, outcome } = trial;
  const role = outcome === 'keep' ? 'keep' : 'control';
  const frozen = record?.frozen ?? null;
  const days = record?.days ?? [];
  const standing = record && role === 'keep' ? standingOf(record) : null;
  const grown = (name: 'return' | 'benchmark') =>
    days.length === 0 ? null : days.reduce((level, day) => level * (1 + day[name]), 1) - 1;
  const date = (time: number | null | undefined) => (time == null ? null : isoDay(time));
  const corrections = record?.corrections.flatMap((each) => each.days.map(({ day }) => day)) ?? [];
  return {
    trial: trial.trial,
    candidate,
    family,
    role,
    state: standing?.state ?? null,
    since: date(standing?.since),
    expected: date(standing?.expected),
    promise: frozen && role === 'keep' ? frozen.promise : null,
    evidence: standing?.evidence ?? null,
    from: date(frozen?.from),
    through: frozen && date(frozen.from + days.length * DAY),
    days: days.length,
    added,
    unseen: days.filter(({ day }) => day >= (frozen?.kept ?? 0)).length,
    return: grown('return'),
    benchmarkReturn: grown('benchmark'),
    sharpe: { train: frozen?.promise.observed ?? null, ...heldBack(events, trial.trial), record: recordSharpe(looked) },
    gap: [...(frozen?.activity ?? []), ...(activity ? [activity] : [])].map(gapRow),
    missing: missing && { from: isoDay(missing.from), to: isoDay(missing.to) },
    changed,
    corrected: new Set(corrections).size,
    differs,
    problem: problem && `${problem.message} -> ${problem.remedy}`,
  };
}

function gapRow({ name, days, fills, trades, exposure, traded, costs }: Activity): GapRow {
  const months = days / (DAYS_A_YEAR / 12);
  return {
    window: name,
    days,
    fillsAMonth: months > 0 ? fills / months : 0,
    tradesAMonth: months > 0 ? trades / months : 0,
    exposure,
    costBps: traded > 0 ? (costs / traded) * 10_000 : null,
  };
}

function heldBack(events: readonly RunEvent[], trial: string) {
  if (!stateOf(events).holdoutAnswers.has(trial)) return { folds: null, holdout: null };
  const holdout = events.findLast((event) => event.type === 'holdout.answered' && event.trial === trial);
  const folds = events.findLast((event) => event.type === 'selection.answered' && event.trial === trial);
  return {
    folds: folds?.type === 'selection.answered' ? folds.sharpe : null,
    holdout: holdout?.type === 'holdout.answered' ? holdout.sharpe : null,
  };
}

/** By the variance of the judge, as all the others; null for fewer days than say anything. */
function recordSharpe({ record }: Looked): number | null {
  if (!record || record.days.length < 2) return null;
  const active = Float64Array.from(record.days, (day) => activeOf(day, record.frozen.beta));
  const risk = Math.max(1, hiddenRiskOf(record.days.reduce(withDay, NO_DAYS)));
  const sharpe = sharpeRatio(active) * Math.sqrt(DAYS_A_YEAR / risk);
  return Number.isFinite(sharpe) ? sharpe : null;
}
