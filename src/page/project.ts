import { percent } from '../base/numbers.ts';
import type { EventOf } from '../journal/events.ts';
import { changesOf, changeText, digits } from '../journal/projections/measured.ts';
import type { ResultRow } from '../journal/projections/rows.ts';
import { reasonText } from '../journal/projections/text.ts';
import type { RunFacts } from './facts.ts';
import { holdoutTable } from './holdout.ts';
import type { ReportTable } from './html.ts';

/** The number of a project: its name, its direction, and whether it is the Sharpe ratio of returns that Ralph judges. */
export type Measured = EventOf<'baseline.measured'>;

/** The report of a run on a project: its own number, never those of a market. */
export function projectTables(facts: RunFacts, measured: Measured, review: (row: ResultRow) => string): ReportTable[] {
  const { families, keeps, holdout, nearMisses, rows } = facts;
  const { metric, better } = measured;
  const judged = measured.judged === true;
  const shownOf = ({ metrics }: ResultRow) => (metrics.value == null ? '-' : digits(metrics.value));
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
    {
      title: 'What was tried, by family',
      note: '',
      head: ['family', 'trials', 'keep', 'discard', 'crash', `best ${metric}`, 'stopped mostly by'],
      rows: families.map(({ family, trials, outcomes, stoppedBy }) => {
        const own = rows.filter((row) => row.family === family && row.outcome !== 'crash' && row.metrics.value != null);
        const sign = better === 'higher' ? -1 : 1;
        const [best] = own.toSorted((a, b) => sign * (a.metrics.value! - b.metrics.value!));
        return [
          ...[family, trials, outcomes.keep, outcomes.discard, outcomes.crash, best ? shownOf(best) : '-'],
          stoppedBy ? `${stoppedBy.gate} (${stoppedBy.count})` : '-',
        ];
      }),
    },
    {
      title: 'What came near',
      note: 'The trials that one gate alone kept out, closest first.',
      head: ['trial', 'family', 'the gate', 'missing'],
      rows: nearMisses.map(({ row, gate }) => [row.trial ?? '', row.family ?? '', reasonText(gate), percent(gate.gap)]),
    },
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
