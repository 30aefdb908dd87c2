import { median } from '../../../base/numbers.ts';
import { plain } from '../../../gates/check.ts';
import type { GateResult } from '../../../gates/verdict.ts';
import { digits } from '../../../journal/projections/measured.ts';
import { type Contract, signOf } from '../contract/contract.ts';
import type { Failed } from '../run/measure.ts';
import type { Standing } from './race.ts';
import type { Shift } from './rank.ts';

type Values = Readonly<Record<string, number>>;
export type Samples = readonly Values[];

/** All values of one metric, in order. */
export function column(samples: Samples, name: string): number[] {
  return samples.map((values) => values[name]);
}

/** A result that came to nothing, as a gate. A guard that fails is a discard, everything else a crash. */
export function failedGate({ step, message }: Failed): GateResult {
  if (step === 'guard') return { ...plain('stress', step, false, 'policy', message), gate: 'project.guard' };
  const gate = step === 'readOnly' ? 'project.readOnly' : 'project.runs';
  return { ...plain('smoke', step, false, 'crash', message), gate };
}

/** The limits that the contract sets on each metric, beside the race on the primary one. */
export function limitGates(
  contract: Contract,
  samples: Samples,
  baseline: Readonly<Record<string, number>>,
): GateResult[] {
  return Object.entries(contract.metrics).flatMap(([name, metric]) => {
    const value = median(column(samples, name));
    const { atLeast, atMost, notWorseBy, better } = metric;
    const from = baseline[name];
    const allowed = from + (better === 'lower' ? 1 : -1) * Math.abs(from) * (notWorseBy ?? 0);
    const gates = [
      ...(atLeast === undefined ? [] : [limitGate(name, value, atLeast, 'min', '')]),
      ...(atMost === undefined ? [] : [limitGate(name, value, atMost, 'max', '')]),
      ...(notWorseBy === undefined || from === undefined
        ? []
        : [limitGate(name, value, allowed, better === 'lower' ? 'max' : 'min', ` (baseline ${digits(from)})`)]),
    ];
    return gates;
  });
}

function limitGate(name: string, value: number, threshold: number, side: 'min' | 'max', why: string): GateResult {
  const passed = side === 'min' ? value >= threshold : value <= threshold;
  const sign = side === 'min' ? (passed ? '>=' : '<') : passed ? '<=' : '>';
  return {
    stage: 'stress',
    gate: `project.limit.${name}`,
    passed,
    value,
    threshold,
    side,
    gap: passed ? 0 : Math.min(1, Math.abs(value - threshold) / Math.max(Math.abs(threshold), Number.EPSILON)),
    class: passed ? null : 'risk',
    message: `${name} ${digits(value)} ${sign} ${digits(threshold)}${why}`,
  };
}

/** What a race came to. */
export interface Contest {
  readonly contract: Contract;
  readonly best: Samples;
  readonly candidate: Samples;
  readonly standing: Standing;
  /** N. */
  readonly n: number;
  readonly against: string | null;
  /** Lines that the candidate has less than the best; negative when it has more. */
  readonly linesLess: number;
}

/** The gate that decides: kept, or what is missing, with the change and its interval. */
export function raceGate({ contract, best, candidate, standing, n, against, linesLess }: Contest): GateResult {
  const name = contract.primary;
  const sign = signOf(contract.metrics[name]);
  const [before, after] = [median(column(best, name)), median(column(candidate, name))];
  const { answer, p, limit, shift } = standing;
  const scale = Math.abs(before) || 1;
  const range = [shift.low, shift.high].map((by) => (sign * by) / scale).sort((a, b) => a - b);
  const exact = contract.repeats === 1;
  const change = `${name} ${digits(before)} -> ${digits(after)}: ${signed((sign * shift.by) / scale)}${exact ? '' : ` (95%: ${signed(range[0])} to ${signed(range[1])})`}`;
  const than = against === null ? 'the baseline' : `the best so far, ${against}`;
  const evidence = exact
    ? 'measured once, the contract calls it exact'
    : `${candidate.length} runs each, p ${digits(p)} ${p <= limit ? '<=' : '>'} ${digits(limit)} at N ${n}`;
  const passed = answer === 'better' || answer === 'equal';
  const verdict =
    answer === 'better'
      ? `better than ${than}`
      : answer === 'equal'
        ? `at least as good as ${than} and simpler by ${linesLess} lines`
        : shift.by > 0
          ? `not surely better than ${than}`
          : `not better than ${than}`;
  return {
    stage: 'deflation',
    gate: answer === 'equal' ? 'project.simpler' : 'project.better',
    passed,
    value: shift.by / scale,
    threshold: 0,
    side: 'min',
    gap: passed ? 0 : Math.min(1, Math.max(0.01, exact ? Math.abs(shift.by / scale) : p)),
    class: passed ? null : shift.by > 0 ? 'luck' : 'no_edge',
    message: `${change}, ${verdict} (${evidence})`,
  };
}

/** Metrics of a trial: the medians, and what they mean for the search. All changes are positive when better. */
export function metricsOf(contest: Contest, gained: number, baseline: number): Record<string, number> {
  const { contract, candidate, standing, best } = contest;
  const name = contract.primary;
  const medians = Object.fromEntries(
    Object.keys(contract.metrics).map((each) => [each, median(column(candidate, each))]),
  );
  const { by, low, high }: Shift = standing.shift;
  const before = Math.abs(median(column(best, name))) || 1;
  const total = gained + by;
  return {
    ...medians,
    value: medians[name],
    baseline,
    change: by / before,
    changeLow: low / before,
    changeHigh: high / before,
    gained: total,
    total: total / (Math.abs(baseline) || 1),
    repeats: candidate.length,
    p: standing.p,
    linesLess: contest.linesLess,
  };
}

function signed(fraction: number): string {
  const text = (100 * fraction).toFixed(1);
  return `${fraction > 0 ? '+' : ''}${text}%`;
}
