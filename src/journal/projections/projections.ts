import { join } from 'node:path';
import { failpoint } from '../../base/failpoint.ts';
import { replaceFile } from '../../base/files.ts';
import { GENESIS, type Head, sha256 } from '../../base/hash.ts';
import { jsonIn } from '../../base/json.ts';
import { number } from '../../base/numbers.ts';
import { plainLine } from '../../base/plain.ts';
import type { RunEvent } from '../events.ts';
import type { CycleState } from '../state/parts.ts';
import { stateOf } from '../state/run-state.ts';
import { measuredBy } from './measured.ts';
import { type ResultRow, rowsOfCycle } from './rows.ts';
import { statusMarkdown, statusOf } from './status.ts';
import { reasonText } from './text.ts';

/** What history.json holds. `head` says up to which event it was made. */
interface History {
  readonly tag: string;
  readonly head: Head;
  readonly rows: readonly ResultRow[];
}

/** `value`: the Sharpe ratio on train, or the number of a project. */
const columnsFor = (value: string) => [
  ...['commit', 'cycle', 'trial', 'outcome', 'route', value, 'family', 'candidate', 'reasons'],
];

/** When the projections of a journal may be written again, in ms of the steady clock: the long ones, and STATUS.md. */
const due = new WeakMap<readonly RunEvent[], { long: number; status: number }>();

/** Writing each may take this share of the time: a long run would else spend each cycle on the whole of its past. */
const MOST_SHARE = 1 / 20;

/**
 * Rewrites results.tsv (committed cycles), history.json (every row) and STATUS.md, each whole; each names the event it was made from. Of a
 * long journal a file written a moment ago is left for a later cycle, unless `whole` is set.
 */
export function writeProjections(runDir: string, events: readonly RunEvent[], options: { whole?: boolean } = {}): void {
  const next = (!options.whole && due.get(events)) || { long: 0, status: 0 };
  due.set(events, next);
  const start = performance.now();
  failpoint('journal.projections.before');
  if (start >= next.long) {
    replaceFile(join(runDir, 'results.tsv'), resultsTsv(events));
    failpoint('journal.projections.results');
    replaceFile(join(runDir, 'history.json'), historyJson(events));
    failpoint('journal.projections.history');
    next.long = nextTime(start);
  }
  const middle = performance.now();
  if (middle >= next.status) {
    replaceFile(join(runDir, 'STATUS.md'), statusMarkdown(statusOf(events), events.at(-1)?.seq ?? 0));
    next.status = nextTime(middle);
  }
  failpoint('journal.projections.after');
}

/** When what was begun then and is done now may be done again. */
function nextTime(start: number): number {
  const end = performance.now();
  return end + (end - start) / MOST_SHARE;
}

/**
 * One line a trial of every committed cycle; lines never change once written. `older`: as it was written before projects had a column of
 * their own.
 */
export function resultsTsv(events: readonly RunEvent[], older = false): string {
  const { cycles, tag } = stateOf(events);
  const rows = cycles.filter(({ committed }) => committed !== null).flatMap((cycle) => rowsOfCycle(cycle, tag));
  const measured = older ? undefined : measuredBy(events);
  const head = columnsFor(measured?.metric ?? 'sharpe').join('\t');
  const lines = rows.map((row) => tsvLine(row, (measured ? row.metrics.value : row.metrics.sharpe) ?? null));
  return `${[head, ...lines].join('\n')}\n`;
}

/** The rows as JSON, one a line, under the head they were made from. */
export function historyJson(events: readonly RunEvent[]): string {
  const { cycles, tag } = stateOf(events);
  const rows = cycles.flatMap((cycle) => rowTexts(cycle, tag));
  const body = rows.length > 0 ? `[\n${rows.join(',\n')}\n]` : '[]';
  return `{"tag":${JSON.stringify(tag)},"head":${JSON.stringify(headOf(events))},"rows":${body}}\n`;
}

/** Rows of committed cycles do not change any more: their text is made once. */
const texts = new WeakMap<CycleState, string[]>();

function rowTexts(cycle: CycleState, tag: string): string[] {
  const known = texts.get(cycle);
  if (known) return known;
  const made = rowsOfCycle(cycle, tag).map((row) => JSON.stringify(row));
  if (cycle.committed !== null) texts.set(cycle, made);
  return made;
}

/** The head of a list of events, as history.json records it. */
export function headOf(events: readonly RunEvent[]): Head {
  const last = events.at(-1);
  return last ? { seq: last.seq, hash: sha256(JSON.stringify(last)) } : GENESIS;
}

/** Reads history.json back; null when the text is not one. */
export function parseHistory(text: string): History | null {
  const value = jsonIn(text) as History | null | undefined;
  return typeof value?.head?.seq === 'number' && Array.isArray(value.rows) ? value : null;
}

function tsvLine(row: ResultRow, value: number | null): string {
  return [
    row.commit?.slice(0, 10) ?? '',
    row.cycle,
    row.trial ?? '',
    row.outcome,
    row.route ?? '',
    value === null ? '' : number(value),
    row.family ?? '',
    row.candidate ?? '',
    row.reasons.map(reasonText).join('; '),
  ]
    .map((cell) => plainLine(String(cell)))
    .join('\t');
}
