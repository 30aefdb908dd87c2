import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { Kill, Row } from '../failpoints/matrix.ts';
import { type End, endOf } from './plan.ts';

const ENDS: readonly End[] = ['SIGKILL', 'SIGTERM', 'SIGINT', 'POWER'];

/** A row of the matrix with what was done in it. */
export interface Done {
  readonly kills: readonly Kill[];
  readonly row: Row;
}

/** Whether a table that was written before has a row as clean. */
export function isShown(path: string, kills: readonly Kill[]): boolean {
  return (
    existsSync(path) && /^clean/.test(cellsIn(readFileSync(path, 'utf8')).get(lineOf(kills))?.[columnOf(kills)] ?? '')
  );
}

/** Puts a row into the matrix as a Markdown table: a line a point, a column a signal. What the file has of other rows stays. */
export function writeTable(path: string, { kills, row }: Done): void {
  const cells = existsSync(path) ? cellsIn(readFileSync(path, 'utf8')) : new Map<string, string[]>();
  const name = lineOf(kills);
  const line = cells.get(name) ?? ENDS.map(() => '');
  line[columnOf(kills)] = row.problems.length === 0 ? `clean (${row.ended})` : 'BROKEN';
  cells.set(name, line);
  const lines = [...cells].map(([name, line]) => `| ${name} | ${line.join(' | ')} |`);
  const broken = lines.filter((line) => line.includes('BROKEN')).length;
  writeFileSync(
    path,
    `# A kill at every point

Written by \`npm run soak -- --matrix --table src/loop/MATRIX.md\`. Each cell is a run of two cycles that was ended at that point
in that way (in brackets: how its processes ended, or how many senders it took), then started again by the same command, and
then held against its journal, the evaluations that really ran, git, the files, the tracking server and \`verify\`. POWER takes
back what was written and not synced. ${lines.length} lines, ${broken} of them with something broken.

| point | ${ENDS.join(' | ')} |
|---|${ENDS.map(() => '---|').join('')}
${lines.join('\n')}
`,
  );
}

function lineOf(kills: readonly Kill[]): string {
  return kills.length === 1 ? kills[0].point : kills.map((kill) => `${kill.point} ${endOf(kill)}`).join(', then ');
}

function columnOf(kills: readonly Kill[]): number {
  return kills.length === 1 ? ENDS.indexOf(endOf(kills[0])) : 0;
}

/** The cells of a table that was written before, by the name of their line. */
function cellsIn(text: string): Map<string, string[]> {
  const rows = text.split('\n').filter((line) => /^\| [a-z]+\./.test(line));
  return new Map(
    rows.map((line) => {
      const [name, ...cells] = line.split('|').slice(1, -1);
      return [name.trim(), cells.map((cell) => cell.trim())];
    }),
  );
}
