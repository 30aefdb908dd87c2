import { EXIT, RalphError } from '../base/errors.ts';
import { DAY, type Range } from '../market/bars.ts';
import { DAYS_A_YEAR } from '../metrics/returns.ts';
import { normalCdf } from '../metrics/statistics/normal.ts';
import { detectableSharpe } from '../metrics/statistics/power.ts';
import { bestOfQuantile } from '../metrics/statistics.ts';
import type { GatesConfig } from './config.ts';
import { lookBudget } from './ladder.ts';

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
  readonly looks: number;
  /** Smallest Sharpe ratio that the holdout can detect. */
  readonly detectable: number;
  /** Why nothing could pass; empty when something can. */
  readonly problems: readonly string[];
}

export interface WindowRanges {
  readonly train: Range;
  readonly selection: readonly Range[];
  readonly holdout: Range;
}

/** Works out what a candidate needs after `trials` trials. */
export function feasibilityOf(windows: WindowRanges, gates: GatesConfig, trials: number): Feasibility {
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
  if (on('selection')) {
    chances.push({
      gate: 'selection.held_back',
      pass: (s) => normalCdf((s - selection.minSharpe) * Math.sqrt(selectionYears)),
      note: `above ${selection.minSharpe} over ${selectionYears.toFixed(2)} years at the first look`,
    });
  }
  // The gates look at the same returns and agree more than independent ones would: the product is on the safe side.
  const all = (s: number) => chances.reduce((product, { pass }) => product * pass(s), 1);
  const sharpe = solve(all, feasibility.chance);
  const tradesPerYear = train.minTrades / years;
  const looks = on('selection') ? lookBudget(selectionYears, selection) : 0;

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
    looks,
    detectable: detectableSharpe(yearsOf(windows.holdout), gates.holdout.alpha, gates.holdout.power),
    problems,
  };
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
