import { isoDay } from '../base/numbers.ts';
import { DAY } from '../market/bars.ts';
import { marketRelation } from '../metrics/benchmark.ts';
import { DAYS_A_YEAR } from '../metrics/returns.ts';
import { momentsOf, sharpeRatio } from '../metrics/statistics/moments.ts';
import type { TrialRecord } from './record.ts';

/** A living keep as a part of the book. */
export interface Member {
  readonly record: TrialRecord;
  /** Daily returns of train, as the run stored them. */
  readonly train: Float64Array;
}

/** The living keeps together. */
export type Book = ReturnType<typeof bookOf>;

/** Combines records, rebalanced daily; a member counts from its first day on. */
export function bookOf(members: readonly Member[]) {
  const deviations = members.map(({ train }) => momentsOf(train).deviation);
  const equal = members.map(() => 1 / members.length);
  const risk = shares(deviations.map((deviation) => (deviation > 0 ? 1 / deviation : 0)));
  const correlation = members.map((a) => members.map((b) => (a === b ? 1 : correlationOf(a.train, b.train))));
  return {
    members: members.map(({ record: { frozen } }, k) => ({
      trial: frozen.trial,
      candidate: frozen.candidate,
      /** Shares of the book: equal, and in inverse proportion to the deviation on train. Both sum to 1. */
      equalWeight: equal[k],
      equalRisk: risk[k],
      /** Whether the book is better with it than without. */
      adds: addsTo(members, risk, k),
    })),
    /** Of daily returns on train, in the order of the members; null where undefined. */
    correlation,
    /** The record of both combinations. */
    record: members.some(({ record }) => record.days.length > 0)
      ? { equalWeight: recordOf(members, equal), equalRisk: recordOf(members, risk) }
      : null,
  };
}

/**
 * Elton, Gruber & Rentzler 1987: a part raises the Sharpe ratio of the rest when its own exceeds that of the rest times their correlation. The
 * Sharpe ratios are those that were promised, the correlations those of train: a short record knows neither.
 */
function addsTo(members: readonly Member[], weights: readonly number[], k: number): boolean {
  const rest = members.flatMap((member, i) => (i === k ? [] : [{ member, weight: weights[i] }]));
  const length = Math.min(...members.map(({ train }) => train.length));
  const promised = members[k].record.frozen.promise.sharpe;
  if (rest.length === 0) return promised > 0;
  const together = new Float64Array(length);
  let earned = 0;
  for (const { member, weight } of rest) {
    const train = endOf(member.train, length);
    for (let day = 0; day < length; day++) together[day] += weight * train[day];
    earned += weight * member.record.frozen.promise.sharpe * momentsOf(train).deviation;
  }
  const restSharpe = earned / momentsOf(together).deviation;
  const correlation = correlationOf(members[k].train, together) ?? 0;
  return promised > correlation * (Number.isFinite(restSharpe) ? restSharpe : 0);
}

function recordOf(members: readonly Member[], weights: readonly number[]) {
  const from = Math.min(...members.map(({ record }) => record.frozen.from));
  const to = Math.max(...members.map(({ record }) => record.frozen.from + record.days.length * DAY));
  const returns = Float64Array.from({ length: (to - from) / DAY }, (_, d) => {
    const day = from + d * DAY;
    const there = members.flatMap(({ record }, k) => {
      const found = record.days[(day - record.frozen.from) / DAY];
      return found ? [[weights[k], found.return] as const] : [];
    });
    const total = there.reduce((sum, [weight]) => sum + weight, 0);
    return total > 0 ? there.reduce((sum, [weight, value]) => sum + weight * value, 0) / total : 0;
  });
  const sharpe = sharpeRatio(returns) * Math.sqrt(DAYS_A_YEAR);
  return {
    from: isoDay(from),
    days: returns.length,
    return: returns.reduce((level, value) => level * (1 + value), 1) - 1,
    /** Annual; null where undefined. */
    sharpe: Number.isFinite(sharpe) ? sharpe : null,
  };
}

function shares(values: readonly number[]): number[] {
  const sum = values.reduce((total, value) => total + value, 0);
  return values.map((value) => (sum > 0 ? value / sum : 1 / values.length));
}

/** Over the days at their ends that both have. */
function correlationOf(a: Float64Array, b: Float64Array): number | null {
  const length = Math.min(a.length, b.length);
  return marketRelation(endOf(a, length), endOf(b, length)).correlation;
}

function endOf(values: Float64Array, length: number): Float64Array {
  return values.subarray(values.length - length);
}
