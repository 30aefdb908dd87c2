import { counted, number, percent } from '../../base/numbers.ts';
import { table } from '../../base/terminal.ts';
import type { Book } from '../../forward/book.ts';
import type { ForwardRow } from '../../forward/row.ts';

/** The record of every trial as lines for a terminal. */
export function forwardText(rows: readonly ForwardRow[], book: Book | null, accepted: readonly string[]): string {
  const parts = [
    ...accepted.map((why) => `The record lost lines; it goes on without them because: ${why}`),
    overview(rows),
    ...rows.map(notesOf).filter((text) => text !== ''),
    gapText(rows),
    book === null ? '' : bookText(book),
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}

function overview(rows: readonly ForwardRow[]): string {
  const cells = rows.map((row) => [
    row.trial,
    row.candidate,
    row.role === 'control' ? 'control' : (row.state ?? '-'),
    row.since ?? '-',
    row.days,
    row.unseen,
    row.promise ? sharpeText(row.promise.sharpe) : '-',
    sharpeText(row.sharpe.record),
    percent(row.return),
    percent(row.benchmarkReturn),
    row.state === 'too early' ? (row.expected ?? '-') : '-',
  ]);
  const head = ['trial', 'candidate', 'state', 'since', 'days', 'unseen', 'promised', 'Sharpe', 'return', 'market'];
  return table([...head, 'expected by'], cells);
}

function notesOf({ trial, problem, missing, changed, corrected, differs, through, promise }: ForwardRow): string {
  const notes = [
    problem && `${trial}: ${problem}`,
    missing &&
      `${trial} is recorded up to ${through} and waits for bars from ${missing.from} to ${missing.to}; a market that was closed so long: --closed DAYS`,
    changed.length > 0 && `${trial}: ${changed.join(' and ')} changed since it was kept; train comes out the same`,
    corrected > 0 &&
      `${trial}: the bars of ${counted(corrected, 'recorded day')} were corrected later; what was recorded stays`,
    differs > 0 && `${trial}: a backtest of today shows ${counted(differs, 'recorded day')} otherwise`,
    promise?.sharpe === 0 && `${trial} promised nothing: its Sharpe ratio is what luck shows`,
  ];
  return notes.filter(Boolean).join('\n');
}

function gapText(rows: readonly ForwardRow[]): string {
  const cells = rows.flatMap(({ trial, role, gap, sharpe }) =>
    gap.map((each) => [
      role === 'control' ? `${trial} (control)` : trial,
      each.window,
      each.days,
      sharpeText(sharpe[each.window]),
      number(each.fillsAMonth),
      number(each.tradesAMonth),
      percent(each.exposure),
      each.costBps === null ? '-' : number(each.costBps),
    ]),
  );
  if (cells.length === 0) return '';
  const head = ['trial', 'window', 'days', 'Sharpe', 'fills/month', 'trades/month', 'exposure', 'cost bps'];
  return table(head, cells);
}

function bookText({ members, correlation, record }: Book): string {
  const head = ['book', 'equal weight', 'equal risk', ...members.map(({ trial }) => `with ${trial}`), 'adds'];
  const cells = members.map((each, k) => [
    each.trial,
    percent(each.equalWeight),
    percent(each.equalRisk),
    ...correlation[k].map((value) => (value === null ? '-' : value.toFixed(2))),
    each.adds ? 'yes' : 'nothing',
  ]);
  const line = (name: string, each: NonNullable<Book['record']>['equalRisk']) =>
    `${name}: ${percent(each.return)} in ${counted(each.days, 'day')} from ${each.from}, Sharpe ${sharpeText(each.sharpe)}`;
  return [
    table(head, cells),
    ...(record ? [line('equal weight', record.equalWeight), line('equal risk', record.equalRisk)] : []),
  ].join('\n');
}

const sharpeText = (value: number | null) => (value === null ? '-' : value.toFixed(2));
