import { RalphError, UsageError } from '../../../base/errors.ts';
import { FORMATS, type Format, type FormatName, type Layout } from './format.ts';
import { layoutOfHeader, type Named } from './header.ts';
import { type Common, noVolume, quoteVolume, type Sampled, unknownShape, usual } from './refusals.ts';
import { type RawRow, RowReader, type RowRule, splitLine, type VolumeRule } from './row.ts';
import { dateOrderOf, type TimeRule } from './times.ts';

/** How to read a file, as decided from its first rows. */
export interface Reading extends RowRule {
  readonly format: FormatName;
  readonly separator: string;
  /** Rows before the first bar: a header, or lines above it. */
  readonly skip: number;
  /** Number of fields of nearly every row: one with more or fewer has lost a separator or a line end. */
  readonly fields: number;
  readonly newestFirst: boolean;
  /** Column with the symbol of each row, -1 for none. */
  readonly symbolColumn: number;
  /** What was chosen, for the user. */
  readonly notes: readonly string[];
}

/** What the user says of a file. */
export interface Wish extends Pick<TimeRule, 'dates' | 'timezone' | 'label' | 'interval'> {
  readonly format?: FormatName;
  readonly columns?: Layout;
  /** `previous-close`: see RowRule.clampOpen. */
  readonly open?: 'previous-close';
  readonly volume?: VolumeRule;
  /** Symbol of the bars, where it is known: tells base from quote volume. */
  readonly symbol?: string;
  /** In a file of several symbols, the one whose rows are taken, as the file writes it. */
  readonly only?: string;
}

/**
 * Decides how to read a file from its first rows. The caller's wish or a header with names settles it; otherwise
 * the one known layout under which nearly every sampled row is a possible bar. Throws RalphError (exit 2) with the guess when
 * none or several fit.
 */
export function detectReading(sample: readonly RawRow[], wish: Wish, path: string): Reading {
  const all = sample.filter((row) => typeof row !== 'string' || row.trim() !== '');
  if (all.length === 0) throw new RalphError(`${path} is empty`, { remedy: 'Fetch the file again.' });
  const above = linesAbove(all);
  const kept = all.slice(above);
  const separator = separatorOf(kept);
  const rows = kept.map((row) => (typeof row === 'string' ? splitLine(row, separator) : row));
  // a header has names alone: a first line with one number in it is a row, and if it is none it is refused as a row
  const headed = rows[0].every((field) => field === '' || isName(field));
  const body = headed ? rows.slice(1) : rows;
  const at = { path, wish, rows, body, separator, first: textOf(all[0], separator) };
  const common = {
    separator,
    skip: above + (headed ? 1 : 0),
    fields: usual(rows.map((row) => row.length)),
    decimalComma: separator !== ',' && body.some((row) => row.some((field) => /^\d+,\d+$/.test(field))),
    clampOpen: wish.open === 'previous-close',
    timezone: wish.timezone,
    label: wish.label,
    interval: wish.interval,
  };
  const reading = (format: FormatName, layout: Layout, more: Partial<Reading> = {}): Reading => {
    if (layout.volume === -1 && wish.volume !== 'none') throw noVolume(path);
    const volume = wish.volume ?? 'base';
    const rule = { ...common, unit: layout.unit, layout, volume, dates: datesOf(at, layout) };
    const newestFirst = goesDown(body, rule);
    return { ...rule, format, newestFirst, symbolColumn: -1, notes: [], ...more };
  };
  if (wish.columns) return reading('csv', wish.columns);
  const named = headed ? atPath(path, () => layoutOfHeader(rows[0], body, wish.symbol)) : null;
  if (named) {
    const { layout, symbolColumn, volumeUnit, notes } = coinMargined(path, wish, rows[0].length, named);
    if (volumeUnit === 'quote' && wish.volume === undefined) throw quoteVolume(path, rows[0][layout.volume]);
    return reading(wish.format ?? 'csv', layout, { symbolColumn, notes });
  }
  if (wish.format) return reading(wish.format, layoutFor(path, wish, wish.format));
  const fitting = FORMATS.filter((format) => fits(body, format, common));
  // bitstamp and kraken have the same columns, csv is what is left when nothing special fits
  const special = fitting.filter(({ name }) => name !== 'csv');
  const candidates = special.length > 0 ? special : fitting;
  const layouts = new Set(candidates.map(({ layout }) => JSON.stringify(layout)));
  const csvToo =
    special.length > 0 && fitting.some(({ name, layout }) => name === 'csv' && !sameColumns(layout, special[0].layout));
  if (layouts.size === 1 && !csvToo)
    return reading(candidates[0].name, layoutFor(path, wish, candidates[0].name, candidates[0].layout));
  throw unknownShape(at, fitting, common);
}

function isName(field: string): boolean {
  return (
    Number.isNaN(Number(field)) && Number.isNaN(Date.parse(field)) && !/^(\d\d?[./]\d|\d{8}\s|\d\d?:\d\d)/.test(field)
  );
}

/** Lines above the header, such as the address that CryptoDataDownload puts there, or a remark. */
function linesAbove(rows: readonly RawRow[]): number {
  let above = 0;
  while (above < Math.min(5, rows.length - 1)) {
    const row = rows[above];
    if (typeof row !== 'string' || !/^\s*"?(https?:\/\/|www\.|#|sep=)/i.test(row)) break;
    above += 1;
  }
  // without a header below it, a first line that is no row is refused as one
  const next = rows[above];
  return typeof next === 'string' && /^[\s"]*[a-z<]/i.test(next) ? above : 0;
}

function separatorOf(rows: readonly RawRow[]): string {
  const [first] = rows;
  if (typeof first !== 'string') return ',';
  return [',', ';', '\t'].reduce((best, mark) => {
    const parts = first.split(mark).length;
    const most = first.split(best).length;
    // 04.01.2021;1,5;1,6: more commas than semicolons, and still they are the decimal marks
    const decimals = best === ',' && mark !== ',' && parts > 5;
    return parts > most || decimals ? mark : best;
  });
}

function datesOf({ path, wish, body }: Sampled, layout: Layout): TimeRule['dates'] {
  if (wish.dates) return wish.dates;
  const order = dateOrderOf(body.map((row) => row[layout.time] ?? ''));
  if (order !== 'ambiguous') return order ?? undefined;
  throw new UsageError(`${path}: ${body[0][layout.time]} may begin with the day or with the month`, {
    remedy: 'Say which: --dates day-first or --dates month-first.',
  });
}

function goesDown(body: readonly string[][], rule: RowRule): boolean {
  return body.length > 1 && possible(body.toReversed(), rule) > possible(body, rule);
}

/** How many of some rows are bars in this order. */
function possible(rows: readonly string[][], rule: RowRule): number {
  const reader = new RowReader(rule);
  return rows.filter((row) => typeof reader.read(row) === 'string').length;
}

/** Nearly all rows are bars, in the one order or the other: a few bad ones must not change what the file is. */
function fits(rows: readonly string[][], { fields, layout }: Format, common: Common): boolean {
  const whole = rows.filter((row) => fields.includes(row.length));
  const rule: RowRule = { ...common, unit: layout.unit, layout, volume: 'base', dates: dateRule(whole, layout) };
  const good = Math.max(possible(whole, rule), possible(whole.toReversed(), rule));
  return rows.length > 0 && good / rows.length > 0.95;
}

/** Under a date that can be read either way a layout may still fit: which it is, is asked afterwards. */
function dateRule(rows: readonly string[][], layout: Layout): TimeRule['dates'] {
  const order = dateOrderOf(rows.map((row) => row[layout.time]));
  return order === 'ambiguous' ? 'day-first' : (order ?? undefined);
}

const COIN = /USD_(PERP|\d{6})/;

/** COIN-M archives of Binance count contracts where others have the volume, and the base asset where others have the quote money. */
function layoutFor(
  path: string,
  wish: Wish,
  name: FormatName,
  layout = FORMATS.find((one) => one.name === name)!.layout,
): Layout {
  const coin = name === 'binance' && wish.volume === undefined && (COIN.test(wish.symbol ?? '') || COIN.test(path));
  return coin ? { ...layout, volume: 7 } : layout;
}

function coinMargined(path: string, wish: Wish, fields: number, named: Named): Named {
  if (fields !== 12 || layoutFor(path, wish, 'binance').volume !== 7) return named;
  const note = 'COIN-M: its volume counts contracts; that of the base asset (column 8) is taken';
  return { ...named, layout: { ...named.layout, volume: 7 }, notes: [note] };
}

function atPath<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof RalphError)) throw error;
    throw new RalphError(`${path}: ${error.message}`, { remedy: error.remedy, exitCode: error.exitCode });
  }
}

/** A raw row as text. */
export function textOf(row: RawRow, separator = ','): string {
  return typeof row === 'string' ? row : row.join(separator);
}

function sameColumns(a: Layout, b: Layout): boolean {
  return a.open === b.open && a.close === b.close && a.high === b.high && a.low === b.low;
}
