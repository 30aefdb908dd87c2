import { type Bars, barsOf } from '../bars.ts';
import { detectReading, type Reading, textOf, type Wish } from './format/detect.ts';
import { type RawRow, type RowCounts, RowReader, splitLine } from './format/row.ts';
import { openSource } from './source.ts';

/** Good rows of a file, in order; the arrays are reused for the next batch. */
export interface BarBatch extends Bars {
  /** Bytes of the file read so far. */
  readonly bytesRead: number;
}

export interface BadRow {
  /** Counted from 1, the header included. */
  readonly line: number;
  readonly reason: string;
  readonly text: string;
}

export interface Hearer {
  onBad(row: BadRow): void;
  onReading?(reading: Reading): void;
  /** At the end: what was counted apart from good and bad rows. */
  onCounts?(counts: RowCounts): void;
}

const BATCH = 50_000;
/** Room at first: most of a small file's time would go into clearing the arrays of a large one. */
const FIRST = 512;
const SAMPLE = 500;

/**
 * Reads a file of bars, in constant memory unless its newest bar comes first. Batches have 50,000 rows; from a
 * `smallest` on they grow to that, so that what they go to has work while the next is read.
 */
export async function* readBarFile(path: string, wish: Wish, hear: Hearer, smallest = BATCH): AsyncIterable<BarBatch> {
  const source = await openSource(path);
  let columns = Array.from({ length: 6 }, () => new Float64Array(FIRST)) as Float64Array[];
  let length = 0;
  let full = smallest;
  let reading: Reading | undefined;
  let reader: RowReader | undefined;
  const batch = (): BarBatch => ({
    ...barsOf(columns.map((column) => column.subarray(0, length))),
    bytesRead: source.bytesRead(),
  });
  for await (const { rows, first, step, reading: how } of ordered(source.rows, wish, path)) {
    if (!reading || !reader) {
      reading = how;
      reader = new RowReader(reading);
      hear.onReading?.(reading);
    }
    let line = first - step;
    for (const raw of rows) {
      line += step;
      if (typeof raw === 'string' && raw.trim() === '') continue;
      const fields = typeof raw === 'string' ? splitLine(raw, reading.separator) : raw;
      if (wish.only !== undefined && fields[reading.symbolColumn] !== wish.only) continue;
      const row =
        fields.length === reading.fields
          ? reader.read(fields)
          : { reason: `${fields.length} fields, expected ${reading.fields}` };
      if (row === 'left out') continue;
      if (row !== 'bar') {
        hear.onBad({ line, reason: row.reason, text: textOf(raw) });
        continue;
      }
      if (length === columns[0].length) columns = columns.map(grown);
      for (let k = 0; k < 6; k++) columns[k][length] = reader.bar[k];
      length += 1;
      if (length === full) {
        yield batch();
        length = 0;
        full = Math.min(BATCH, 2 * full);
      }
    }
  }
  if (reader) hear.onCounts?.(reader.counts);
  yield batch();
}

/** The symbols that the rows of a file name, in order of appearance; empty for a file without such a column. */
export async function symbolsOfFile(path: string, wish: Wish): Promise<string[]> {
  const source = await openSource(path);
  const symbols = new Set<string>();
  for await (const { rows, reading } of ordered(source.rows, wish, path, true)) {
    if (reading.symbolColumn === -1) break;
    for (const raw of rows) {
      const fields = typeof raw === 'string' ? splitLine(raw, reading.separator) : raw;
      if (fields.length === reading.fields) symbols.add(fields[reading.symbolColumn]);
    }
  }
  return [...symbols];
}

interface Piece {
  readonly rows: readonly RawRow[];
  /** Line number of the first of them, counted from 1, and how it goes on. */
  readonly first: number;
  readonly step: 1 | -1;
  readonly reading: Reading;
}

/** The rows of bars, oldest first, with the reading that their first ones gave. */
async function* ordered(lists: AsyncIterable<RawRow[]>, wish: Wish, path: string, asIs = false): AsyncIterable<Piece> {
  let reading: Reading | undefined;
  let line = 1;
  const all: RawRow[] = [];
  for await (const list of withSample(lists)) {
    let rows = list;
    if (!reading) {
      reading = detectReading(list.slice(0, SAMPLE), wish, path);
      let filled = 0;
      const at = list.findIndex((row) => !isBlank(row) && filled++ === reading!.skip);
      line = at === -1 ? list.length + 1 : at + 1;
      rows = list.slice(line - 1);
    }
    if (reading.newestFirst && !asIs) for (const row of rows) all.push(row);
    else yield { rows, first: line, step: 1, reading };
    if (!reading.newestFirst || asIs) line += rows.length;
  }
  if (!reading) detectReading([], wish, path);
  else if (all.length > 0) yield { rows: all.reverse(), first: line + all.length - 1, step: -1, reading };
}

function isBlank(row: RawRow): boolean {
  return typeof row === 'string' && row.trim() === '';
}

function grown(column: Float64Array): Float64Array {
  const larger = new Float64Array(Math.min(BATCH, column.length * 10));
  larger.set(column);
  return larger;
}

/** Joins the first lists of rows until there are enough to tell the format by. */
async function* withSample(lists: AsyncIterable<RawRow[]>): AsyncIterable<RawRow[]> {
  let first: RawRow[] | null = [];
  for await (const rows of lists) {
    if (first === null) {
      yield rows;
      continue;
    }
    for (const row of rows) first.push(row);
    if (first.length >= SAMPLE) {
      yield first;
      first = null;
    }
  }
  if (first && first.length > 0) yield first;
}
