import { EXIT, RalphError } from '../base/errors.ts';
import { DAY, type Range } from '../market/bars.ts';
import { DAYS_A_YEAR } from '../metrics/returns.ts';
import { normalCdf } from '../metrics/statistics/normal.ts';
import { detectableSharpe } from '../metrics/statistics/power.ts';
import { bestOfQuantile } from '../metrics/statistics.ts';
import type { GatesConfig } from './config.ts';
import { lookBar, seasonalBar } from './ladder.ts';

/** What the gates ask for on given windows. Sharpe ratios are true annual ones, at which the gate is passed with the configured chance. */
export interface Feasibility {
  readonly needs: readonly {
    readonly gate: string;
    readonly sharpe: number | null;
    readonly trades: number | null;
    readonly note: string;
  }[];
  /** Needed to pass all of them together. */
  readonly sharpe: number;
  readonly tradesPerYear: number;
  /** Annual Sharpe ratio over the train window at which luck among N trials is excluded. */
  readonly required: number;
  /** What the next look at selection asks. */
  readonly nextLook: number;
  /** Smallest Sharpe ratio that the holdout can detect. */
  readonly detectable: number;
  /** Why nothing could pass; empty when something can. */
  readonly problems: readonly string[];
}

export interface WindowRanges {
  readonly train: Range;
  readonly selection: readonly Range[];
  readonly holdout: Range;
  /** A candidate counts as one that reads the calendar: what it reads cannot be seen. */
  readonly calendar?: boolean;
}

/** Works out what a candidate needs after `trials` trials and `looks` looks at selection. */
export function feasibilityOf(windows: WindowRanges, gates: GatesConfig, trials: number, looks = 0): Feasibility {
  const years = yearsOf(windows.train);
  const selectionYears = windows.selection.reduce((sum, fold) => sum + yearsOf(fold), 0);
  const { feasibility, deflation, selection, subperiods, train } = gates;
  const on = (stage: GatesConfig['off'][number]) => !gates.off.includes(stage);
  const n = Math.max(trials, deflation.minTrials);
  const luckBar = bestOfQuantile(n, deflation.luck) / Math.sqrt(years);

  // Probability that a candidate of true annual Sharpe s passes, gate by gate, from the sampling error 1 / sqrt(years).
  const chances: { gate: string; pass: (s: number) => number; note: string }[] = [
    {
      gate: 'train.sharpe',
      pass: (s) => normalCdf((s - train.minSharpe) * Math.sqrt(years)),
      note: `at least ${train.minSharpe} over ${years.toFixed(2)} years`,
    },
  ];
  if (on('subperiods')) {
    const needed = Math.ceil(subperiods.minPositive * subperiods.parts);
    const part = years / subperiods.parts;
    chances.push({
      gate: 'subperiods.positive',
      pass: (s) => atLeastOf(needed, subperiods.parts, normalCdf(s * Math.sqrt(part))),
      note: `${needed} of ${subperiods.parts} parts of ${part.toFixed(2)} years`,
    });
  }
  if (on('deflation')) {
    chances.push({
      gate: 'deflation.sharpe',
      pass: (s) => normalCdf((s - luckBar) * Math.sqrt(years)),
      note: `in-sample ${luckBar.toFixed(2)} at N = ${n}`,
    });
  }
  const nextLook = (windows.calendar ? seasonalBar : lookBar)(looks + 1, selectionYears, selection);
  if (on('selection')) {
    chances.push({
      gate: 'selection.held_back',
      pass: (s) => normalCdf((s - nextLook) * Math.sqrt(selectionYears)),
      note: `above ${nextLook.toFixed(2)} over ${selectionYears.toFixed(2)} years at look ${looks + 1}`,
    });
  }
  // The gates look at the same returns and agree more than independent ones would: the product is on the safe side.
  const all = (s: number) => chances.reduce((product, { pass }) => product * pass(s), 1);
  const sharpe = solve(all, feasibility.chance);
  const tradesPerYear = train.minTrades / years;

  const problems: string[] = [];
  if (sharpe > feasibility.maxSharpe) {
    const worst = chances.toSorted((a, b) => solve(b.pass, feasibility.chance) - solve(a.pass, feasibility.chance))[0];
    problems.push(
      `a candidate needs a true Sharpe of ${shown(sharpe)} to pass with chance ${feasibility.chance}, more than feasibility.maxSharpe ${feasibility.maxSharpe}; ` +
        `the hardest gate is ${worst.gate} (${worst.note}) with ${shown(solve(worst.pass, feasibility.chance))} on its own`,
    );
  }
  if (tradesPerYear > feasibility.maxTradesPerYear) {
    problems.push(
      `train.minTrades ${train.minTrades} over ${years.toFixed(2)} years is ${tradesPerYear.toFixed(0)} trades a year, more than feasibility.maxTradesPerYear ${feasibility.maxTradesPerYear}`,
    );
  }
  if (train.maxDrawdown === 0) problems.push('train.maxDrawdown is 0: every candidate that trades has a drawdown');

  return {
    needs: [
      ...chances.map(({ gate, pass, note }) => ({ gate, sharpe: solve(pass, feasibility.chance), trades: null, note })),
      { gate: 'train.trades', sharpe: null, trades: train.minTrades, note: `${tradesPerYear.toFixed(1)} a year` },
    ],
    sharpe,
    tradesPerYear,
    required: luckBar,
    nextLook,
    detectable: detectableSharpe(yearsOf(windows.holdout), gates.holdout.alpha, gates.holdout.power),
    problems,
  };
}

/** Further looks at selection after which nothing could be kept, at this N; at most 100,000. */
export function looksLeft(windows: WindowRanges, gates: GatesConfig, trials: number, looks: number): number {
  return largest(100_000, (more) => feasibilityOf(windows, gates, trials, looks + more).problems.length === 0);
}

/** What was spent on a market, and how far that goes on: sizes of one night are counted in trials. */
export interface Outlook {
  /** Why nothing can be kept any more; null while something can. */
  readonly spent: string | null;
  readonly now: Feasibility;
  readonly tonight: Feasibility;
  /** Nights like this one until nothing can be kept; at most 1,000. */
  readonly nights: number;
}

/** Looks ahead by nights of `night` trials that take looks at the rate seen so far, one in twenty before anything was seen. */
export function outlookOf(
  windows: WindowRanges,
  gates: GatesConfig,
  { trials, looks }: { readonly trials: number; readonly looks: number },
  night: number,
): Outlook {
  const rate = trials >= 20 ? Math.max(looks, 1) / trials : 0.05;
  const after = (nights: number) =>
    feasibilityOf(windows, gates, trials + Math.ceil(nights * night), looks + Math.ceil(nights * night * rate));
  const now = feasibilityOf(windows, gates, trials, looks);
  const nights = night < 1 ? 0 : largest(1000, (count) => after(count).problems.length === 0);
  return { spent: now.problems.length > 0 ? now.problems.join('; ') : null, now, tonight: after(1), nights };
}

/** Largest whole number up to `most` for which a condition that ends once still holds; 0 where it never does. */
function largest(most: number, holds: (count: number) => boolean): number {
  let [low, high] = [0, most + 1];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (holds(middle)) low = middle;
    else high = middle;
  }
  return low;
}

/** Throws RalphError (exit 2) with the numbers when nothing could pass these gates on these windows. */
export function refuseImpossible({ problems }: Feasibility): void {
  if (problems.length === 0) return;
  throw new RalphError(`nothing could pass these gates: ${problems.join('; ')}`, {
    remedy: 'Lengthen the windows (windows.yaml), or loosen the named gate (gates.yaml).',
    exitCode: EXIT.usage,
  });
}

function yearsOf({ from, to }: Range): number {
  return (to - from) / DAY / DAYS_A_YEAR;
}

/** Probability of at least k successes in n tries of probability p. */
function atLeastOf(k: number, n: number, p: number): number {
  let sum = 0;
  let choose = 1;
  for (let i = 0; i <= n; i++) {
    if (i >= k) sum += choose * p ** i * (1 - p) ** (n - i);
    choose = (choose * (n - i)) / (i + 1);
  }
  return sum;
}

/** Smallest s in 0..50 with a rising f(s) >= goal; Infinity beyond. */
function solve(f: (s: number) => number, goal: number): number {
  if (f(50) < goal) return Number.POSITIVE_INFINITY;
  let [low, high] = [0, 50];
  while (high - low > 1e-4) {
    const middle = (low + high) / 2;
    if (f(middle) >= goal) high = middle;
    else low = middle;
  }
  return high;
}

function shown(sharpe: number): string {
  return Number.isFinite(sharpe) ? sharpe.toFixed(2) : 'more than 50';
}
