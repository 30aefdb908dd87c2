import { type RalphError, UsageError } from '../../../base/errors.ts';
import { FORMATS, type Format } from './format.ts';
import { RowReader, type RowRule } from './row.ts';

/** The first rows of a file, cut into fields. */
export interface Sampled {
  readonly path: string;
  readonly wish: Pick<RowRule, 'dates'>;
  /** All of them, and those below a header. */
  readonly rows: string[][];
  readonly body: string[][];
  readonly separator: string;
  /** The first line as it stands in the file. */
  readonly first: string;
}

/** What holds for every row of a file, whatever its layout. */
export type Common = Omit<RowRule, 'layout' | 'volume' | 'unit'>;

/** Exit 2. */
export function noVolume(path: string): RalphError {
  return new UsageError(`${path} has no column of volumes`, {
    remedy:
      'Add --no-volume to take it in with volumes of 0; a run on it needs participation: 0 for the symbol in market.yaml (no cap on what a minute can fill).',
  });
}

/** Exit 2. */
export function quoteVolume(path: string, name: string): RalphError {
  return new UsageError(`${path}: its only volume, "${name}", counts money, expected units of the base asset`, {
    remedy: "Add --volume quote to divide it by each bar's typical price (the mean of high, low and close).",
  });
}

/** No known shape fits the first rows, or several do. Exit 2. */
export function unknownShape(
  { path, wish, rows, body, first }: Sampled,
  fitting: readonly Format[],
  common: Common,
): RalphError {
  const names = [...new Set(FORMATS.map(({ name }) => name))].join('|');
  const remedy = `Say which: --format ${names}, or --columns time=0,open=1,high=2,low=3,close=4,volume=5,unit=ms.`;
  const guess = fitting[0]?.name;
  const what = guess
    ? `its first rows fit ${[...new Set(fitting.map(({ name }) => name))].join(' and ')}; the guess is ${guess}`
    : `no known format fits; its first line: ${printable(first)}; nearest: ${nearest(body.length > 0 ? body : rows, wish.dates, common)}`;
  return new UsageError(`${path}: ${what}`, { remedy });
}

/** The known shape with the closest number of fields, and what is wrong with the first row that it refuses. */
function nearest(rows: readonly string[][], dates: RowRule['dates'], common: Common): string {
  const width = usual(rows.map((row) => row.length));
  const far = ({ fields }: Format) => Math.min(...fields.map((n) => Math.abs(n - width)));
  const format = FORMATS.reduce((best, one) => (far(one) < far(best) ? one : best));
  const { layout, name } = format;
  const columns = (['time', 'clock', 'open', 'high', 'low', 'close', 'volume'] as const)
    .filter((column) => layout[column] !== undefined)
    .sort((a, b) => layout[a]! - layout[b]!);
  const shape = `${name} (${columns.join(', ')}${format.fields[0] > columns.length ? ', …' : ''})`;
  if (!format.fields.includes(width)) return `${shape}, which has ${format.fields.join(' or ')} fields, not ${width}`;
  const reader = new RowReader({ ...common, unit: layout.unit, layout, volume: 'base', dates });
  const refused = rows.map((row) => reader.read(row)).find((read) => typeof read !== 'string');
  return typeof refused === 'object' ? `${shape}: ${refused.reason}` : shape;
}

/** A line as it can be shown on a terminal: at most 200 characters, each printable. */
function printable(line: string): string {
  const clean = line.slice(0, 200).replaceAll(/[^\x20-\x7e]/g, '?');
  return line.length > 200 ? `${clean.slice(0, 199)}…` : clean;
}

/** The commonest of some numbers. */
export function usual(numbers: readonly number[]): number {
  const alike = [...Map.groupBy(numbers, (n) => n).values()];
  return alike.reduce((most, some) => (some.length > most.length ? some : most))[0];
}
