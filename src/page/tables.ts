import { number, percent } from '../base/numbers.ts';
import type { ResultRow } from '../journal/projections/rows.ts';
import { executionBar, reasonText } from '../journal/projections/text.ts';
import type { RunFacts } from './facts.ts';
import { holdoutTable } from './holdout.ts';
import type { ReportTable } from './html.ts';
import { projectTables } from './project.ts';

/** What the report says, as tables. Fractions become percent here, at the edge. */
export function tablesOf(
  facts: RunFacts,
  requiredSharpe: number | null,
  review: (row: ResultRow) => string = () => '',
): ReportTable[] {
  if (facts.measured) return projectTables(facts, facts.measured, review);
  const { families, keeps, holdout, nearMisses, front, coverage } = facts;
  return [
    {
      title: 'What survived',
      note: 'Passed every gate, selection included. Luck at N: the share of searches of that many trials in which luck shows as much. The holdout has the last word: `npm run ralph -- promote`.',
      head: ['trial', 'family', 'sharpe', 'drawdown', 'trades', 'holdout', 'commit', 'luck at N'],
      rows: keeps.map((row) => [
        row.trial ?? '',
        row.family ?? '',
        shown(row.metrics.sharpe),
        percent(row.metrics.maxDrawdown),
        shown(row.metrics.trades),
        holdout.get(row.trial ?? '') ?? 'not opened',
        row.commit?.slice(0, 10) ?? '',
        review(row),
      ]),
    },
    {
      title: 'What they risked',
      note: 'Survivors, then the best train Sharpe ratios. Loss: the largest that an open position showed by the minute. Shortfall: mean of the worst 5% of days. Chance: of the same active Sharpe ratio on markets whose signs are drawn by the minute, held for an hour, held for a day.',
      head: [
        ...['trial', 'loss', 'worst day', 'shortfall', 'risk within the day', 'sharpe at 10 x cash', 'carry'],
        ...['chance, minutes', 'hours', 'days'],
      ],
      rows: bestOf(facts).map(({ trial, metrics }) => [
        trial ?? '',
        ...[metrics.adverseExcursion, metrics.worstDay, metrics.expectedShortfall].map(share),
        shown(metrics.hiddenRisk),
        shown(metrics.capacitySharpe),
        share(metrics.carry),
        ...[metrics.nullP, metrics.nullHourP, metrics.nullDayP].map(chance),
      ]),
    },
    ...symbolsTable(facts),
    holdoutTable(facts),
    {
      title: 'What was tried, by family',
      note: '',
      head: ['family', 'trials', 'keep', 'discard', 'crash', 'best sharpe', 'stopped mostly by'],
      rows: families.map(({ family, trials, outcomes, bestSharpe, stoppedBy }) => [
        family,
        trials,
        outcomes.keep,
        outcomes.discard,
        outcomes.crash,
        shown(bestSharpe),
        stoppedBy ? `${stoppedBy.gate} (${stoppedBy.count})` : '-',
      ]),
    },
    {
      title: 'What it would take',
      note:
        requiredSharpe === null
          ? 'The trials that one gate alone kept out, closest first.'
          : `After ${facts.status.n} trials on these data the required Sharpe on train is ${number(requiredSharpe)}. The trials that one gate alone kept out, closest first:`,
      head: ['trial', 'family', 'the gate', 'missing'],
      rows: nearMisses.map(({ row, gate }) => [row.trial ?? '', row.family ?? '', reasonText(gate), percent(gate.gap)]),
    },
    {
      title: 'Best trade-offs on train (Pareto front)',
      note: 'No other trial has a higher return, more trades, a smaller drawdown and less turnover at once.',
      head: ['trial', 'family', 'outcome', 'return a year', 'drawdown', 'trades', 'turnover a year'],
      rows: front.map(({ trial, family, outcome, annualReturn, maxDrawdown, trades, turnover }) => [
        trial,
        family,
        outcome,
        percent(annualReturn),
        percent(maxDrawdown),
        trades,
        number(turnover),
      ]),
    },
    {
      title: 'What the windows hold',
      note: `First and last bar inside each window, and the share of its minutes that have a bar.${` ${executionBar(coverage)}`.trimEnd()}`,
      head: ['symbol', 'window', 'from', 'to', 'first bar', 'last bar', 'bars', 'minutes'],
      rows: coverage.map(({ symbol, window, from, to, first, last, bars, share }) => [
        ...[
          symbol,
          window,
          day(from),
          day(to),
          first === null ? 'none' : minute(first),
          last === null ? 'none' : minute(last),
          bars,
        ],
        percent(share),
      ]),
    },
  ];
}

/** Of kept universes; no table without one. */
function symbolsTable({ symbols }: RunFacts): ReportTable[] {
  if (symbols.length === 0) return [];
  return [
    {
      title: 'What each symbol did',
      note: 'Survivors that trade several symbols, on train. Profit is a share of the starting cash. One symbol with all of the net profit is one bet, not many.',
      head: ['trial', 'symbol', 'profit', 'of the net profit', 'turnover a year', 'exposure'],
      rows: symbols.flatMap(({ trial, figures }) =>
        figures.map(({ symbol, profit, share: part, turnover, exposure }) => [
          ...[trial, symbol, percent(profit), share(part), shown(turnover), percent(exposure)],
        ]),
      ),
    },
  ];
}

const MOST_RISKS = 8;

function bestOf({ keeps, rows }: RunFacts): ResultRow[] {
  const others = rows.filter(({ outcome, metrics }) => outcome === 'discard' && metrics.sharpe != null);
  others.sort((a, b) => b.metrics.sharpe! - a.metrics.sharpe!);
  return [...keeps, ...others].slice(0, Math.max(keeps.length, MOST_RISKS));
}

function share(value: number | null | undefined): string {
  return value == null ? '-' : percent(value);
}

/** Of luck: four places tell .001 from .01. */
function chance(value: number | null | undefined): string {
  return value == null ? '-' : value.toFixed(4);
}

function day(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}

function minute(time: number): string {
  return new Date(time).toISOString().slice(0, 16).replace('T', ' ');
}

function shown(value: number | null | undefined): string {
  return value == null ? '-' : number(value);
}
