import { isoDay, isoMinute, number, percent } from '../base/numbers.ts';
import type { ReportTable } from '../base/terminal.ts';
import type { EventOf } from '../journal/events.ts';
import { changesOf, changeText, digits } from '../journal/projections/measured.ts';
import type { ResultRow } from '../journal/projections/rows.ts';
import { executionBar, reasonText } from '../journal/projections/text.ts';
import type { FamilyFacts, RunFacts } from './facts.ts';

/** What the report says, as tables. Fractions become percent here, at the edge. */
export function tablesOf(
  facts: RunFacts,
  requiredSharpe: number | null,
  review: (row: ResultRow) => string = () => '',
): ReportTable[] {
  if (facts.measured) return projectTables(facts, facts.measured, review);
  const { keeps, holdout, front, coverage } = facts;
  return [
    {
      title: 'What survived',
      note: 'Passed every gate, selection included. Luck at N: the share of searches of that many trials in which luck shows as much. The holdout has the last word: `npm run ralph -- promote`.',
      head: ['trial', 'family', 'sharpe', 'drawdown', 'trades', 'holdout', 'commit', 'luck at N'],
      rows: keeps.map((row) => [
        row.trial ?? '',
        row.family ?? '',
        number(row.metrics.sharpe),
        percent(row.metrics.maxDrawdown),
        number(row.metrics.trades),
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
        ...[metrics.adverseExcursion, metrics.worstDay, metrics.expectedShortfall].map((share) => percent(share)),
        number(metrics.hiddenRisk),
        number(metrics.capacitySharpe),
        percent(metrics.carry),
        ...[metrics.nullP, metrics.nullHourP, metrics.nullDayP].map(chance),
      ]),
    },
    ...symbolsTable(facts),
    holdoutTable(facts),
    familyTable(facts, 'sharpe', ({ bestSharpe }) => number(bestSharpe)),
    nearTable(
      facts,
      'What it would take',
      requiredSharpe === null
        ? 'The trials that one gate alone kept out, closest first.'
        : `After ${facts.status.n} trials on these data the required Sharpe on train is ${number(requiredSharpe)}. The trials that one gate alone kept out, closest first:`,
    ),
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
        ...[symbol, window, isoDay(from), isoDay(to)],
        ...[first, last].map((time) => (time === null ? 'none' : isoMinute(time))),
        bars,
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
        figures.map(({ symbol, profit, share, turnover, exposure }) => [
          ...[trial, symbol, percent(profit), percent(share), number(turnover), percent(exposure)],
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

/** Of luck: four places tell .001 from .01. */
function chance(value: number | null | undefined): string {
  return value == null ? '-' : value.toFixed(4);
}

/** The number of a project: its name, its direction, and whether it is the Sharpe ratio of returns that Ralph judges. */
export type Measured = EventOf<'baseline.measured'>;

/** The report of a run on a project: its own number, never those of a market. */
function projectTables(facts: RunFacts, measured: Measured, review: (row: ResultRow) => string): ReportTable[] {
  const { keeps, holdout, rows } = facts;
  const { metric, better } = measured;
  const judged = measured.judged === true;
  const bestOf = ({ family }: FamilyFacts) => {
    const own = rows.filter((row) => row.family === family && row.outcome !== 'crash' && row.metrics.value != null);
    const sign = better === 'higher' ? -1 : 1;
    const [best] = own.toSorted((a, b) => sign * (a.metrics.value! - b.metrics.value!));
    return best ? digits(best.metrics.value!) : '-';
  };
  return [
    {
      title: 'What survived',
      note: `${metric}: ${better} is better. Each was measured against the best so far.${judged ? ' Luck at N: the share of searches of that many trials in which luck shows as much. The holdout has the last word.' : ''} Take them over with: ralph promote`,
      head: [
        'trial',
        'family',
        metric,
        'to baseline',
        'to best then',
        ...(judged ? ['holdout', 'luck at N'] : []),
        'commit',
      ],
      rows: keeps.map((row) => [
        row.trial ?? '',
        row.family ?? '',
        ...changesOf(row),
        ...(judged ? [holdout.get(row.trial ?? '') ?? 'not opened', review(row)] : []),
        row.commit?.slice(0, 10) ?? '',
      ]),
    },
    ...(judged ? [holdoutTable(facts)] : []),
    familyTable(facts, metric, bestOf),
    nearTable(facts, 'What came near', 'The trials that one gate alone kept out, closest first.'),
  ];
}

/** A kept trial in a line of figures. */
export function projectFigures(
  { metric }: Measured,
  { value, total }: Readonly<Record<string, number | null>>,
): string[] {
  return [
    `${metric} ${value == null ? '–' : digits(value)}`,
    ...(total == null ? [] : [`${changeText(total)} than the baseline`]),
  ];
}

/** The answers of the holdout, each with the smallest Sharpe ratio (a year) that its length can show. */
function holdoutTable({ promotions }: RunFacts): ReportTable {
  return {
    title: 'What the holdout said',
    note: '',
    head: ['candidate', 'answer', 'sharpe', 'smallest sharpe it could have seen'],
    rows: promotions.map(({ candidate, answer, sharpe, detectable }) => [
      candidate,
      answer,
      number(sharpe),
      number(detectable),
    ]),
  };
}

/** What was tried of each family; `best` shows the best of one by the measure `name`. */
function familyTable({ families }: RunFacts, name: string, best: (family: FamilyFacts) => string): ReportTable {
  return {
    title: 'What was tried, by family',
    note: '',
    head: ['family', 'trials', 'keep', 'discard', 'crash', `best ${name}`, 'stopped mostly by'],
    rows: families.map((each) => [
      ...[each.family, each.trials, each.outcomes.keep, each.outcomes.discard, each.outcomes.crash, best(each)],
      each.stoppedBy ? `${each.stoppedBy.gate} (${each.stoppedBy.count})` : '-',
    ]),
  };
}

function nearTable({ nearMisses }: RunFacts, title: string, note: string): ReportTable {
  return {
    title,
    note,
    head: ['trial', 'family', 'the gate', 'missing'],
    rows: nearMisses.map(({ row, gate }) => [row.trial ?? '', row.family ?? '', reasonText(gate), percent(gate.gap)]),
  };
}
