import { type ReportTable, reportTable } from '../base/draw/terminal.ts';
import { isoDay, isoMinute, number, percent } from '../base/numbers.ts';
import type { EventOf } from '../journal/events.ts';
import { changesOf, changeText, digits } from '../journal/projections/measured.ts';
import type { ResultRow } from '../journal/projections/rows.ts';
import { executionBar, reasonText } from '../journal/projections/text.ts';
import type { RunFacts } from './facts.ts';

/** What the report says, as tables. Fractions become percent here, at the edge. */
export function tablesOf(
  facts: RunFacts,
  requiredSharpe: number | null,
  review: (row: ResultRow) => string = () => '',
): ReportTable[] {
  if (facts.measured) return projectTables(facts, facts.measured, review);
  const { keeps, holdout, front, coverage } = facts;
  return [
    reportTable(
      'What survived',
      'Passed every gate, selection included. Luck at N: the share of searches of that many trials in which luck shows as much. The holdout has the last word: `npm run ralph -- promote`.',
      keeps.map((row) => ({
        trial: row.trial ?? '',
        family: row.family ?? '',
        sharpe: number(row.metrics.sharpe),
        drawdown: percent(row.metrics.maxDrawdown),
        trades: number(row.metrics.trades),
        holdout: holdout.get(row.trial ?? '') ?? 'not opened',
        commit: row.commit?.slice(0, 10) ?? '',
        'luck at N': review(row),
      })),
    ),
    reportTable(
      'What they risked',
      'Survivors, then the best train Sharpe ratios. Loss: the largest that an open position showed by the minute. Shortfall: mean of the worst 5% of days. Chance: of the same active Sharpe ratio on markets whose signs are drawn by the minute, held for an hour, held for a day.',
      bestOf(facts).map(({ trial, metrics }) => ({
        trial: trial ?? '',
        loss: percent(metrics.adverseExcursion),
        'worst day': percent(metrics.worstDay),
        shortfall: percent(metrics.expectedShortfall),
        'risk within the day': number(metrics.hiddenRisk),
        'sharpe at 10 x cash': number(metrics.capacitySharpe),
        carry: percent(metrics.carry),
        'chance, minutes': chance(metrics.nullP),
        hours: chance(metrics.nullHourP),
        days: chance(metrics.nullDayP),
      })),
    ),
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
    reportTable(
      'Best trade-offs on train (Pareto front)',
      'No other trial has a higher return, more trades, a smaller drawdown and less turnover at once.',
      front.map(({ trial, family, outcome, annualReturn, maxDrawdown, trades, turnover }) => ({
        trial,
        family,
        outcome,
        'return a year': percent(annualReturn),
        drawdown: percent(maxDrawdown),
        trades,
        'turnover a year': number(turnover),
      })),
    ),
    reportTable(
      'What the windows hold',
      `First and last bar inside each window, and the share of its minutes that have a bar.${` ${executionBar(coverage)}`.trimEnd()}`,
      coverage.map(({ symbol, window, from, to, first, last, bars, share }) => ({
        symbol,
        window,
        from: isoDay(from),
        to: isoDay(to),
        'first bar': first === null ? 'none' : isoMinute(first),
        'last bar': last === null ? 'none' : isoMinute(last),
        bars,
        minutes: percent(share),
      })),
    ),
  ];
}

/** Of kept universes; no table without one. */
function symbolsTable({ symbols }: RunFacts): ReportTable[] {
  if (symbols.length === 0) return [];
  const rows = symbols.flatMap(({ trial, figures }) =>
    figures.map(({ symbol, profit, share, turnover, exposure }) => ({
      trial,
      symbol,
      profit: percent(profit),
      'of the net profit': percent(share),
      'turnover a year': number(turnover),
      exposure: percent(exposure),
    })),
  );
  const note =
    'Survivors that trade several symbols, on train. Profit is a share of the starting cash. One symbol with all of the net profit is one bet, not many.';
  return [reportTable('What each symbol did', note, rows)];
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
  const bestOf = ({ family }: Family) => {
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
  const rows = promotions.map(({ candidate, answer, sharpe, detectable }) => ({
    candidate,
    answer,
    sharpe: number(sharpe),
    'smallest sharpe it could have seen': number(detectable),
  }));
  return reportTable('What the holdout said', '', rows);
}

type Family = RunFacts['families'][number];

/** What was tried of each family; `best` shows the best of one by the measure `name`. */
function familyTable({ families }: RunFacts, name: string, best: (family: Family) => string): ReportTable {
  const rows = families.map((each) => ({
    family: each.family,
    trials: each.trials,
    ...each.outcomes,
    [`best ${name}`]: best(each),
    'stopped mostly by': each.stoppedBy ? `${each.stoppedBy.gate} (${each.stoppedBy.count})` : '-',
  }));
  return reportTable('What was tried, by family', '', rows);
}

function nearTable({ nearMisses }: RunFacts, title: string, note: string): ReportTable {
  const rows = nearMisses.map(({ row, gate }) => ({
    trial: row.trial ?? '',
    family: row.family ?? '',
    'the gate': reasonText(gate),
    missing: percent(gate.gap),
  }));
  return reportTable(title, note, rows);
}
