import Table from 'cli-table3';
import { EXIT, type ExitCode, RalphError } from './errors.ts';

/** A line for the person: stderr, so that stdout holds results alone. */
export function say(line = ''): void {
  process.stderr.write(`${line}\n`);
}

/** Says what ended a command, and what to do now; an error of ours is a bug and shows its stack. Returns the exit code. */
export function explain(thrown: unknown): ExitCode {
  if (thrown instanceof RalphError) {
    say(thrown.message);
    say(`-> ${thrown.remedy}`);
    return thrown.exitCode;
  }
  say(thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown));
  return EXIT.failed;
}

/** The result of a command: one JSON value on stdout. */
export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

/** A plain line on stdout, for commands whose result is text. */
export function print(line = ''): void {
  process.stdout.write(`${line}\n`);
}

const EDGES = ['top', 'bottom', 'left', 'right'].flatMap((edge) => [
  edge,
  `${edge}-mid`,
  `${edge}-left`,
  `${edge}-right`,
]);
const NO_LINES = Object.fromEntries([...EDGES, 'mid', 'mid-mid'].map((line) => [line, '']));

/** A borderless table that stays readable in a pipe; numbers are expected as text already. */
export function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const drawn = new Table({
    head: [...head],
    chars: { ...NO_LINES, middle: '  ' },
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  });
  for (const row of rows) drawn.push([...row]);
  return drawn.toString().replaceAll(/ +$/gm, '');
}

/** The same of at least one row whose keys are the names of the columns. */
export function tableOf(rows: readonly Readonly<Record<string, string | number>>[]): string {
  return table(
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
  return (line) => {
    process.stderr.write(`\r\x1b[2K${(line ?? '').slice(0, (process.stderr.columns ?? 80) - 1)}`);
  };
}
