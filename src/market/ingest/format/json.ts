import { RalphError } from '../../../base/errors.ts';
import { isObject, jsonIn } from '../../../base/json.ts';
import type { RawRow } from './row.ts';

/** A JSON text is parsed as a whole, and V8 holds no longer string. */
const LONGEST = 400_000_000;

/**
 * Rows of JSON: an array of arrays (freqtrade, ccxt, an exchange's reply) or of objects, columns by name
 * (`{"t": […], "o": […]}`), pandas' `{columns, data}`, or one such value inside an object; or NDJSON, one row a line.
 * Objects give a first row with their keys.
 */
export async function* jsonRows(lists: AsyncIterable<string[]>, path: string): AsyncIterable<RawRow[]> {
  let keys: string[] | null = null;
  let whole: string[] | null = [];
  let length = 0;
  for await (const lines of lists) {
    if (whole) {
      whole.push(...lines);
      length += lines.reduce((sum, line) => sum + line.length + 1, 0);
      if (length > LONGEST)
        throw refusal(
          path,
          'it is too long to be read as one JSON value',
          'Write it as NDJSON, one row a line, or as Parquet.',
        );
      const first = whole.filter((line) => line.trim() !== '').slice(0, 2);
      if (first.length < 2 || !first.every(isRow)) continue;
      lines.splice(0, lines.length, ...whole);
      whole = null;
    }
    const rows: RawRow[] = [];
    for (const line of lines) {
      const value = line.trim() === '' ? null : jsonIn(line);
      if (value === null) continue;
      if (!keys && isObject(value)) {
        keys = Object.keys(value);
        rows.push(keys);
      }
      // a line that is no row goes on as text: it is refused with its line number
      rows.push(Array.isArray(value) ? value.map(fieldOf) : isObject(value) ? fieldsOf(value, keys!) : line);
    }
    yield rows;
  }
  if (whole) yield* tableRows(whole.join('\n'), path);
}

function* tableRows(text: string, path: string): Iterable<RawRow[]> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw refusal(
      path,
      `it begins like JSON and is none: ${(error as Error).message.slice(0, 120)}`,
      'Fetch the file again; nothing of it was taken in.',
    );
  }
  const table = tableIn(value, 0);
  if (!table)
    throw refusal(
      path,
      'its JSON holds no rows',
      'Expected [[time, open, high, low, close, volume], …], [{"time": …, "open": …}, …], {"t": […], "o": […], …} or one such row a line.',
    );
  for (let from = 0; from < table.length; from += 10_000) yield table.slice(from, from + 10_000);
}

/** The rows of a value, or of the one value inside an object that has some. */
function tableIn(value: unknown, depth: number): string[][] | null {
  if (Array.isArray(value)) {
    if (value.length > 0 && value.every(Array.isArray)) return value.map((row: unknown[]) => row.map(fieldOf));
    if (value.length > 0 && value.every(isObject)) {
      const keys = Object.keys(value[0]);
      return [keys, ...value.map((row) => fieldsOf(row, keys))];
    }
    return null;
  }
  if (!isObject(value)) return null;
  const { columns, data } = value;
  if (Array.isArray(columns) && Array.isArray(data) && data.every(Array.isArray))
    return [columns.map(String), ...data.map((row: unknown[]) => row.map(fieldOf))];
  const lists = Object.entries(value).filter(
    (entry): entry is [string, unknown[]] =>
      Array.isArray(entry[1]) && !isObject(entry[1][0]) && !Array.isArray(entry[1][0]),
  );
  if (lists.length >= 5) {
    const rows = Array.from({ length: lists[0][1].length }, (_, i) => lists.map(([, list]) => fieldOf(list[i])));
    return [lists.map(([name]) => name), ...rows];
  }
  if (depth > 3) return null;
  const inner = Object.values(value)
    .map((one) => tableIn(one, depth + 1))
    .filter((one) => one !== null);
  return inner.length === 1 ? inner[0] : null;
}

function isRow(line: string): boolean {
  const value = jsonIn(line);
  return isObject(value) || (Array.isArray(value) && !value.some((one) => typeof one === 'object' && one !== null));
}

function fieldsOf(row: Record<string, unknown>, keys: readonly string[]): string[] {
  return keys.map((key) => fieldOf(row[key]));
}

/** A value as the text that a CSV file would have: a number's shortest text gives the same number again. */
export function fieldOf(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (value instanceof Date) return String(value.getTime());
  return String(value);
}

function refusal(path: string, what: string, remedy: string): RalphError {
  return new RalphError(`${path}: ${what}`, { remedy });
}
