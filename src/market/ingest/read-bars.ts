import { type Bars, barsOf } from '../bars.ts';
import { detectReading, type Reading, type Wish } from './detect.ts';
import { parseRow, splitLine } from './row.ts';
import { linesOf, openSource } from './source.ts';

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

const BATCH = 50_000;
/** Room at first: most of a small file's time would go into clearing the arrays of a large one. */
const FIRST = 512;
const SAMPLE = 500;

/** Reads a file of bars in constant memory. `onBad` hears each refused row; `onReading` how the file is read. */
export async function* readBarFile(
  path: string,
  wish: Wish,
  hear: { onBad(row: BadRow): void; onReading?(reading: Reading): void },
): AsyncIterable<BarBatch> {
  const source = await openSource(path);
  let columns = Array.from({ length: 6 }, () => new Float64Array(FIRST)) as Float64Array[];
  let length = 0;
  let line = 0;
  let previous = Number.NEGATIVE_INFINITY;
  let reading: Reading | undefined;
  let header = true;
  const batch = (): BarBatch => ({
    ...barsOf(columns.map((column) => column.subarray(0, length))),
    bytesRead: source.bytesRead(),
  });
  for await (const lines of withSample(linesOf(source.pieces))) {
    if (!reading) {
      reading = detectReading(lines.slice(0, SAMPLE), wish, path);
      hear.onReading?.(reading);
    }
    for (const text of lines) {
      line += 1;
      if (text.trim() === '') continue;
      if (header) {
        header = false;
        if (reading.headed) continue;
      }
      const fields = splitLine(text, reading.separator);
      const row =
        fields.length === reading.fields
          ? parseRow(fields, reading.layout, previous)
          : { reason: `${fields.length} fields, expected ${reading.fields}` };
      if ('reason' in row) {
        hear.onBad({ line, reason: row.reason, text });
        continue;
      }
      previous = row.bar[0];
      if (length === columns[0].length) columns = columns.map(grown);
      for (let k = 0; k < 6; k++) columns[k][length] = row.bar[k];
      length += 1;
      if (length === BATCH) {
        yield batch();
        length = 0;
      }
    }
  }
  if (!reading) reading = detectReading([], wish, path);
  yield batch();
}

function grown(column: Float64Array): Float64Array {
  const larger = new Float64Array(Math.min(BATCH, column.length * 10));
  larger.set(column);
  return larger;
}

/** Joins the first lists of lines until there are enough to tell the format by. */
async function* withSample(lists: AsyncIterable<string[]>): AsyncIterable<string[]> {
  let first: string[] | null = [];
  for await (const lines of lists) {
    if (first === null) {
      yield lines;
      continue;
    }
    for (const line of lines) first.push(line);
    if (first.length >= SAMPLE) {
      yield first;
      first = null;
    }
  }
  if (first && first.length > 0) yield first;
}
