import { EXIT, RalphError } from '../../base/errors.ts';
import { FORMATS, type FormatName, type Layout, layoutOfHeader } from './format.ts';
import { parseRow, splitLine } from './row.ts';

/** How to read a file: which layout, which separator, whether its first line is a header. */
export interface Reading {
  readonly format: FormatName;
  readonly layout: Layout;
  readonly separator: string;
  readonly headed: boolean;
  /** Number of fields of nearly every row: one with more or fewer has lost a separator or a line end. */
  readonly fields: number;
}

export interface Wish {
  readonly format?: FormatName;
  readonly columns?: Layout;
}

/**
 * Decides how to read a file from its first lines. A header with names or the caller's wish settles it; otherwise
 * the one known layout under which every sampled row is a possible bar. Throws RalphError (exit 2) with the guess when
 * none or several fit.
 */
export function detectReading(sample: readonly string[], wish: Wish, path: string): Reading {
  const lines = sample.filter((line) => line.trim() !== '');
  if (lines.length === 0) throw new RalphError(`${path} is empty`, { remedy: 'Fetch the file again.' });
  const separator = [',', ';', '\t'].reduce((best, mark) =>
    lines[0].split(mark).length > lines[0].split(best).length ? mark : best,
  );
  const rows = lines.map((line) => splitLine(line, separator));
  // a header has names alone: a first line with one number in it is a row, and if it is none it is refused as a row
  const headed = rows[0].every(
    (field) => field === '' || (Number.isNaN(Number(field)) && Number.isNaN(Date.parse(field))),
  );
  const fields = usual(rows.map((row) => row.length));
  if (wish.columns) return { format: 'csv', layout: wish.columns, separator, headed, fields };
  const named = headed ? layoutOfHeader(rows[0]) : null;
  if (named) return { format: wish.format ?? 'csv', layout: named, separator, headed, fields };
  if (wish.format) return { format: wish.format, layout: formatOf(wish.format), separator, headed, fields };
  const body = headed ? rows.slice(1) : rows;
  const fitting = FORMATS.filter((format) => fits(body, format.fields, format.layout));
  // bitstamp and kraken have the same columns, csv is what is left when nothing special fits
  const special = fitting.filter(({ name }) => name !== 'csv');
  const layouts = new Set((special.length > 0 ? special : fitting).map(({ layout }) => JSON.stringify(layout)));
  const csvToo =
    special.length > 0 && fitting.some(({ name, layout }) => name === 'csv' && !sameColumns(layout, special[0].layout));
  if (layouts.size === 1 && !csvToo) {
    const [{ name, layout }] = special.length > 0 ? special : fitting;
    return { format: name, layout, separator, headed, fields };
  }
  throw new RalphError(
    fitting.length === 0
      ? `${path}: no known format fits its first rows${nearMiss(body)}, for example: ${lines[headed ? 1 : 0] ?? lines[0]}`
      : `${path}: its first rows fit ${fitting.map(({ name }) => name).join(' and ')}; the guess is ${fitting[0].name}`,
    {
      remedy: `Say which: --format ${FORMATS.map(({ name }) => name).join('|')}, or --columns time=0,open=1,high=2,low=3,close=4,volume=5,unit=ms.`,
      exitCode: EXIT.usage,
    },
  );
}

/** What is wrong with the rows as the first format that has as many fields; empty when there is none. */
function nearMiss(rows: readonly string[][]): string {
  if (rows.length === 0) return '';
  const width = usual(rows.map((row) => row.length));
  const nearest = FORMATS.find(({ fields }) => fields.includes(width));
  if (!nearest) return '';
  let previous = Number.NEGATIVE_INFINITY;
  for (const row of rows) {
    if (row.length !== width) continue;
    const parsed = parseRow(row, nearest.layout, previous);
    if ('reason' in parsed) return ` (as ${nearest.name}: ${parsed.reason})`;
    previous = parsed.bar[0];
  }
  return '';
}

function formatOf(name: FormatName): Layout {
  return FORMATS.find((format) => format.name === name)!.layout;
}

/** The commonest of some numbers. */
function usual(numbers: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const n of numbers) counts.set(n, (counts.get(n) ?? 0) + 1);
  return [...counts].reduce((best, one) => (one[1] > best[1] ? one : best))[0];
}

function sameColumns(a: Layout, b: Layout): boolean {
  return a.open === b.open && a.close === b.close && a.high === b.high && a.low === b.low;
}

/** Nearly all rows are bars: a few bad ones must not change what the file is. */
function fits(rows: readonly string[][], fields: readonly number[], layout: Layout): boolean {
  let good = 0;
  let previous = Number.NEGATIVE_INFINITY;
  for (const row of rows) {
    const parsed = fields.includes(row.length) ? parseRow(row, layout, previous) : null;
    if (parsed && 'bar' in parsed) {
      good += 1;
      previous = parsed.bar[0];
    }
  }
  return rows.length > 0 && good / rows.length > 0.95;
}
