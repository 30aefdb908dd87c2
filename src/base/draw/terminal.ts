import Table from 'cli-table3';
import { asTyped } from '../commands.ts';
import { EXIT, type ExitCode, messageOf, RalphError } from '../errors.ts';
import { plainText } from '../plain.ts';
import { worldError } from '../world-error.ts';
import { columnWidths, folded, screenWidth } from './width.ts';

/** Whether the last line on the terminal is one that the next line replaces. */
let waitingLine = false;

/** A line for the person: stderr, so that stdout holds results alone. Control characters in it become question marks. */
export function say(line = ''): void {
  process.stderr.write(`${waitingLine ? '\r\x1b[2K' : ''}${plainText(asTyped(line))}\n`);
  waitingLine = false;
}

/** What a program waits for: a line that the next one replaces on a terminal, a line of its own in a log. */
export function sayWaiting(line: string): void {
  if (process.stderr.isTTY) {
    process.stderr.write(`\r\x1b[2K${plainText(asTyped(line)).slice(0, (process.stderr.columns ?? 80) - 1)}`);
    waitingLine = true;
  } else say(line);
}

/**
 * Says what ended a command, and what to do now. What the operating system refused is told in the same way; anything else is a bug and
 * shows its stack. With `json` the same goes to stdout as `{error, expected, remedy}`. Returns the exit code.
 */
export function explain(cause: unknown, json = false): ExitCode {
  const thrown = cause instanceof RalphError ? cause : (worldError(cause) ?? cause);
  if (json) printJson(errorOf(thrown));
  if (thrown instanceof RalphError) {
    say(thrown.message);
    say(`-> ${thrown.remedy}`);
    return thrown.exitCode;
  }
  say(thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown));
  return EXIT.failed;
}

function errorOf(thrown: unknown): { error: string; expected: string | null; remedy: string | null } {
  if (!(thrown instanceof RalphError)) return { error: messageOf(thrown), expected: null, remedy: null };
  return { error: thrown.message, expected: thrown.expected, remedy: asTyped(thrown.remedy) };
}

/** The result of a command: one JSON value on stdout. No character of it acts on a terminal. */
export function printJson(value: unknown): void {
  const escaped = (letter: string) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`;
  process.stdout.write(`${JSON.stringify(value).replaceAll(/[\x7f-\x9f]/g, escaped)}\n`);
}

/** A plain line on stdout, for commands whose result is text. */
export function print(line = ''): void {
  process.stdout.write(`${plainText(asTyped(line))}\n`);
}

/** A table of the report, for Markdown, HTML and the terminal alike. */
export interface ReportTable {
  readonly title: string;
  readonly note: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
}

/** A table whose rows have the names of the columns as their keys. */
export function reportTable(
  title: string,
  note: string,
  rows: readonly Readonly<Record<string, string | number>>[],
): ReportTable {
  return { title, note, head: Object.keys(rows[0] ?? {}), rows: rows.map((row) => Object.values(row)) };
}

const EDGES = ['top', 'bottom', 'left', 'right'].flatMap((edge) => [
  edge,
  `${edge}-mid`,
  `${edge}-left`,
  `${edge}-right`,
]);
const NO_LINES = Object.fromEntries([...EDGES, 'mid', 'mid-mid'].map((line) => [line, '']));

/** A borderless table, folded between words to `width` columns; numbers are expected as text already. */
export function table(
  head: readonly string[],
  rows: readonly (readonly (string | number)[])[],
  width = screenWidth(),
): string {
  const cells = [head, ...rows].map((row) => row.map(String));
  const drawn = new Table({
    head: [...head],
    chars: { ...NO_LINES, middle: '  ' },
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
    colWidths: columnWidths(cells, width),
    wordWrap: true,
  });
  for (const row of cells.slice(1)) drawn.push([...row]);
  return drawn.toString().replaceAll(/ +$/gm, '');
}

/** The same where it fits; else each row as folded lines: its first cell, then every other one behind its name. */
export function tableOrLines(
  head: readonly string[],
  rows: readonly (readonly (string | number)[])[],
  width = screenWidth(),
): string {
  const drawn = table(head, rows, width);
  if (drawn.split('\n').every(({ length }) => length <= width)) return drawn;
  const line = ([first, ...others]: readonly (string | number)[]) =>
    `${first}: ${others.map((cell, i) => `${head[i + 1]} ${cell}`).join(', ')}`;
  return rows.flatMap((row) => folded(line(row), 2, width)).join('\n');
}

/** The same of at least one row whose keys are the names of the columns. */
export function tableOf(rows: readonly Readonly<Record<string, string | number>>[]): string {
  return tableOrLines(
    Object.keys(rows[0]),
    rows.map((row) => Object.values(row)),
  );
}

/**
 * Progress of long work: redraws one line on a terminal, silent in a pipe.
 * Call the returned function with a line, and with nothing when done.
 */
export function progress(): (line?: string) => void {
  if (!process.stderr.isTTY) return () => {};
  return (line = '') => sayWaiting(line);
}
