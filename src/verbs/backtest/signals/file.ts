import { isUtf8 } from 'node:buffer';
import { type RalphError, UsageError } from '../../../base/errors.ts';
import { nearest } from '../../../base/nearest.ts';
import { isoDay, isoMinute } from '../../../base/numbers.ts';
import { parseTime } from '../../../market/ingest/format/times.ts';

/** What a signal asks for from its time on: a share of the equity, -1 to 1, and where the position is left. */
export interface SignalRow {
  /** Epoch ms UTC at which it was known: its order is live in the first bar that opens at this time or after it. */
  readonly time: number;
  readonly weight: number;
  /** Prices; undefined: none. */
  readonly stop?: number;
  readonly target?: number;
}

/** Signals by symbol, each in the order of time. */
export type Signals = ReadonlyMap<string, readonly SignalRow[]>;

const COLUMNS = ['time', 'symbol', 'weight', 'stop', 'target'];
const WORDS: Readonly<Record<string, number>> = { long: 1, short: -1, flat: 0, exit: 0 };
const MOST_NAMED = 8;
const WRITE_IT = 'Write the signals there.';
/** What files of another kind begin with. */
const KINDS = [
  { begin: '\x1f\x8b', is: ['packed with gzip', 'Unpack it with gunzip, and name the unpacked file in the YAML.'] },
  { begin: 'PK', is: ['a zip archive or a workbook', 'Unpack it, or save the sheet as CSV in UTF-8.'] },
  { begin: '\xff\xfe', is: ['text in UTF-16', 'Save it as UTF-8.'] },
  { begin: '\xfe\xff', is: ['text in UTF-16', 'Save it as UTF-8.'] },
] as const;
/** Minutes of a market are younger: an earlier time is a date without its dashes, or a number of another unit. */
const EARLIEST = Date.UTC(1990, 0, 1);

/**
 * Reads signals: a header, then a line each with `time` (UTC where it names no zone; or epoch seconds or milliseconds), `weight` (-1 to 1, or long, short, flat,
 * exit), `symbol` where there are several, and `stop` and `target` (prices) where wanted. Times of a symbol rise. Throws RalphError (exit 2)
 * that names every bad line, up to eight.
 */
export function readSignals(text: string, name: string, symbols: readonly string[]): Signals {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  if (text.trim() === '') throw refused(name, ['it is empty'], WRITE_IT);
  if (lines[0].trim() === '') throw refused(name, ['line 1 is empty: expected the header there']);
  const head = cellsOf(lines[0]).map((cell) => cell.toLowerCase());
  const nameless = head.indexOf('');
  if (nameless >= 0) throw refused(name, [`line 1: column ${nameless + 1} has no name`]);
  const unknown = head.find((column) => !COLUMNS.includes(column));
  if (unknown !== undefined) {
    const near = nearest(unknown, COLUMNS);
    throw refused(name, [
      `line 1: unknown column "${unknown}" (${near ? `did you mean "${near}"?` : `known: ${COLUMNS.join(', ')}`})`,
    ]);
  }
  const missing = ['time', 'weight', ...(symbols.length > 1 ? ['symbol'] : [])].filter(
    (column) => !head.includes(column),
  );
  if (missing.length > 0) throw refused(name, [`line 1: expected a header with ${missing.join(', ')}`]);
  const twice = head.find((column, k) => head.indexOf(column) < k);
  if (twice !== undefined) throw refused(name, [`line 1: the column ${twice} stands twice`]);
  const found = new Map<string, SignalRow[]>(symbols.map((symbol) => [symbol, []]));
  const problems: string[] = [];
  for (const [k, line] of lines.entries()) {
    if (k === 0 || line.trim() === '') continue;
    const cells = cellsOf(line);
    const cell = (column: string) => (head.includes(column) ? (cells[head.indexOf(column)] ?? '') : '');
    const problem =
      cells.length === head.length
        ? take(found, cell, symbols)
        : `${cells.length} cells, expected ${head.length} (${head.join(', ')})`;
    if (problem) problems.push(`line ${k + 1}: ${problem}`);
  }
  if (problems.length > 0) throw refused(name, problems);
  if ([...found.values()].every((rows) => rows.length === 0)) throw refused(name, ['it has no signals'], WRITE_IT);
  return found;
}

/** The text of a file of signals. Throws RalphError (exit 2) for one that is packed or in another encoding than UTF-8. */
export function textOf(bytes: Buffer, name: string): string {
  if (isUtf8(bytes) && !bytes.includes(0)) return bytes.toString('utf8');
  const [what, remedy] = KINDS.find(({ begin }) => bytes.toString('latin1', 0, begin.length) === begin)?.is ?? [
    'no text in UTF-8',
    'Save it as UTF-8.',
  ];
  throw new UsageError(`${name} is ${what}`, { expected: 'plain text in UTF-8', remedy });
}

/** Takes a line, or says what is wrong with it. */
function take(found: Map<string, SignalRow[]>, cell: (column: string) => string, symbols: readonly string[]) {
  const symbol = cell('symbol') || (symbols.length === 1 ? symbols[0] : '');
  const rows = found.get(symbol);
  if (!rows) return `symbol "${symbol}": expected one of ${symbols.join(', ')}`;
  const time = parseTime(cell('time'), { unit: 'auto' });
  if (!Number.isFinite(time))
    return `time "${cell('time')}": expected one such as 2015-07-01T10:00:00Z, or epoch milliseconds`;
  if (time < EARLIEST)
    return `time "${cell('time')}" is read as ${isoMinute(time)}: expected one from ${isoDay(EARLIEST)} on, such as 2015-07-01T10:00:00Z, or epoch milliseconds`;
  const before = rows.at(-1)?.time;
  if (before !== undefined && time <= before)
    return `time ${cell('time')} of ${symbol} is not after the line before it: expected rising times, each once`;
  const word = cell('weight').toLowerCase();
  const weight = Object.hasOwn(WORDS, word) ? WORDS[word] : numberOf(word);
  if (!(Math.abs(weight) <= 1)) return `weight "${cell('weight')}": expected -1 to 1, or long, short, flat, exit`;
  const [stop, target] = ['stop', 'target'].map((column) => (cell(column) === '' ? undefined : numberOf(cell(column))));
  for (const [column, price] of [
    ['stop', stop],
    ['target', target],
  ] as const)
    if (price !== undefined && !(price > 0 && price < Infinity))
      return `${column} "${cell(column)}": expected a price above 0`;
  rows.push({ time, weight, ...(stop !== undefined && { stop }), ...(target !== undefined && { target }) });
  return undefined;
}

function numberOf(text: string): number {
  return /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
}

function cellsOf(line: string): string[] {
  return line.split(',').map((cell) => cell.trim().replace(/^"(.*)"$/, '$1'));
}

function refused(name: string, problems: readonly string[], remedy = 'Fix the lines named above.'): RalphError {
  const more = problems.length > MOST_NAMED ? [`and ${problems.length - MOST_NAMED} more lines`] : [];
  return new UsageError([`${name} is refused`, ...problems.slice(0, MOST_NAMED), ...more].join('\n  '), {
    expected: 'a header such as time,symbol,weight and a line a signal',
    remedy,
  });
}
