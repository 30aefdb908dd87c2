import { parseTime } from '../../../market/ingest/format/times.ts';

/** A text that is no such file, with the line and what was expected. */
export class BadTable extends Error {}

/** Rows of a text file that begin with a time, in order. */
export interface Table {
  /** Names of the columns in small letters; null without a header. */
  readonly head: readonly string[] | null;
  /** The first line where it is a header, as it stands. */
  readonly headLine: string | null;
  readonly delimiter: string;
  /** Epoch ms of each row. */
  readonly times: readonly number[];
  readonly rows: readonly (readonly string[])[];
}

/** Reads a table whose first column is a time (ISO, or a Unix number), rising from row to row. Throws BadTable. */
export function readTable(text: string, name: string): Table {
  const lines = text.split(/\r?\n/);
  const delimiter = [',', ';', '\t'].find((each) => lines[0].includes(each)) ?? ',';
  const first = lines[0].split(delimiter);
  const isHead = Number.isNaN(timeOf(first[0]));
  const times: number[] = [];
  const rows: string[][] = [];
  for (const [i, line] of lines.entries()) {
    if ((i === 0 && isHead) || line.trim() === '') continue;
    const row = line.split(delimiter);
    const time = timeOf(row[0]);
    if (Number.isNaN(time))
      throw new BadTable(
        `${name} line ${i + 1}: expected a time such as 2024-01-31 or 1706659200, got ${JSON.stringify(row[0].slice(0, 40))}`,
      );
    if (times.length > 0 && time <= times[times.length - 1])
      throw new BadTable(`${name} line ${i + 1}: its time does not lie after the one before`);
    times.push(time);
    rows.push(row);
  }
  const head = isHead ? first.map((each) => each.trim().replaceAll('"', '').toLowerCase()) : null;
  return { head, headLine: isHead ? lines[0] : null, delimiter, times, rows };
}

/** Epoch ms; NaN for what is no time. */
export function timeOf(text: string): number {
  const time = parseTime(text.trim().replaceAll('"', ''), { unit: 'auto' });
  // A small number is a count or a price, no time: 1990 begins at 631152000 seconds.
  return time >= 631_152_000_000 ? time : Number.NaN;
}

/** The text of a table, or of some rows of it. */
export function textOf({ headLine, delimiter }: Table, rows: Table['rows']): string {
  const lines = rows.map((row) => row.join(delimiter));
  return `${[...(headLine === null ? [] : [headLine]), ...lines].join('\n')}\n`;
}
