import { basename } from 'node:path';
import { print, printJson, say, table } from '../base/draw/terminal.ts';
import { EXIT } from '../base/errors.ts';
import { counted, number, percent } from '../base/numbers.ts';
import { PROJECT_DIR } from '../base/roots.ts';
import { type Book, bookOf } from '../forward/book.ts';
import type { ForwardRow } from '../forward/row.ts';
import type { RunEvent } from '../journal/events.ts';
import { returnsReader } from '../journal/objects.ts';
import { configFolderOf } from '../journal/projections/rows.ts';
import { stateOf } from '../journal/state/run-state.ts';
import { readRalphConfig } from '../loop/config.ts';
import { tellForward } from '../loop/watch/forward-told.ts';
import { openNotifier } from '../loop/watch/notifier.ts';
import { configPath } from '../task/config-path.ts';
import { recordedTrials } from '../task/trading/forward/between.ts';
import { type Look, lookForward } from '../task/trading/forward/forward.ts';
import { forwardRow } from '../task/trading/forward/row.ts';
import { readRun } from './run.ts';
import type { Handler } from './table/table.ts';

/** Records what every keep did after its freeze, and says whether its edge still stands. */
export const forward: Handler<'forward'> = async ({ tag, config, controls, closed, accept, json }) => {
  const { dir: runDir, events } = readRun(tag);
  const trials = recordedTrials(events, controls);
  const configDir = config ?? configFolderOf(events, PROJECT_DIR);
  const look = await lookForward({ projectDir: PROJECT_DIR, configDir, runDir, events, trials, closed, accept });
  const tell = (news: readonly string[]) => tellPerson(runDir, configDir, news);
  const seen = look.looked.map((each) => ({ row: forwardRow(events, each), record: each.record }));
  const rows = seen.map(({ row }) => row);
  const waiting = await tellForward(seen, { runDir, events, tell, now: Date.now() });
  const book = bookFrom(runDir, events, look, rows);
  if (waiting)
    say(`${counted(waiting, 'record')} for W&B: a run under way sends them, else npm run ralph -- track sync`);
  if (json) printJson({ trials: rows, book, accepted: look.accepted });
  else if (rows.length === 0) print('No keep yet: nothing to record.');
  else print(forwardText(rows, book, look.accepted));
  const problems = rows.filter(({ problem }) => problem !== null);
  for (const { trial, problem } of json ? problems : []) say(`${trial}: ${problem}`);
  return problems.length > 0 ? EXIT.failed : EXIT.done;
};

/** News go where ralph.yaml says that people are told. */
async function tellPerson(runDir: string, configDir: string, news: readonly string[]): Promise<void> {
  for (const line of news) say(line);
  if (news.length === 0) return;
  const { notify } = readRalphConfig(configPath(PROJECT_DIR, configDir, 'ralph.yaml'), process.env);
  const notifier = openNotifier(basename(runDir), notify);
  for (const line of news) notifier.tell(line);
  await notifier.settled();
}

/** The keeps that are not dead and that their holdout has not rejected. */
function bookFrom(runDir: string, events: readonly RunEvent[], { looked }: Look, rows: readonly ForwardRow[]) {
  const { holdoutAnswers } = stateOf(events);
  const trainOf = returnsReader(runDir, events);
  const members = looked.flatMap(({ trial: { trial }, record }, k) => {
    const living = rows[k].role === 'keep' && rows[k].state !== 'dead' && holdoutAnswers.get(trial) !== 'rejected';
    return record && living ? [{ record, train: trainOf(trial) }] : [];
  });
  return members.length === 0 ? null : bookOf(members);
}

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
