import { join } from 'node:path';
import type { RunEvent } from '../events.ts';
import { headOf, historyJson, parseHistory, resultsTsv } from '../projections/projections.ts';
import { statusMarkdown, statusOf } from '../projections/status.ts';
import { type Line, type Problem, problemAt, REMEDY } from './problem.ts';
import { readable } from './read.ts';

/** The texts of the projections, null for a missing one. Read before the journal: while a run is on they are never ahead of it. */
export type ProjectedTexts = Readonly<Record<'history.json' | 'results.tsv' | 'STATUS.md', string | null>>;

export function readProjections(runDir: string): ProjectedTexts {
  const read = (name: string) => readable(join(runDir, name));
  // The one that is written last is read first.
  const status = read('STATUS.md');
  return { 'STATUS.md': status, 'history.json': read('history.json'), 'results.tsv': read('results.tsv') };
}

/** Whether the projections are what replay gives, up to the event they say they were made from. */
export function projectionProblems(runDir: string, lines: readonly Line[], texts: ProjectedTexts): Problem[] {
  const path = join(runDir, 'history.json');
  const committed = lines.some(({ event }) => event.type === 'cycle.mirrored');
  const text = texts['history.json'];
  if (text === null) return committed ? [lost(path)] : [];
  const history = parseHistory(text);
  if (!history) return [problemAt({ file: path }, 'is not the JSON that the harness writes', REMEDY.derived)];
  const events = lines.map(({ event }) => event);
  const upTo = events.filter(({ seq }) => seq <= history.head.seq);
  const head = headOf(upTo);
  if (head.seq !== history.head.seq) {
    const what = `was made from event ${history.head.seq} and the journal ends at ${head.seq}: lines were lost from its end`;
    return [problemAt({ file: path, seq: history.head.seq }, what, REMEDY.lost)];
  }
  const problems: Problem[] = [];
  if (head.hash !== history.head.hash) {
    const at = lines.find(({ event }) => event.seq === head.seq);
    const where = { file: join(runDir, 'journal.jsonl'), ...at, seq: head.seq };
    problems.push(problemAt(where, 'is not the line from which history.json was made', REMEDY.journal));
  }
  problems.push(
    ...compare(path, text, historyJson(upTo)),
    ...resultsProblems(join(runDir, 'results.tsv'), texts['results.tsv'], upTo, events),
    ...statusProblems(join(runDir, 'STATUS.md'), texts['STATUS.md'], events),
  );
  return problems;
}

/** The table may have the older head: the next cycle writes it anew. */
function resultsProblems(path: string, text: string | null, upTo: readonly RunEvent[], events: readonly RunEvent[]) {
  const [head] = resultsTsv([], true).split('\n');
  const older = text?.startsWith(`${head}\n`);
  return compare(path, text, resultsTsv(upTo, older), resultsTsv(events, older));
}

/** STATUS.md is written more often than the long files: it names its own event. */
function statusProblems(path: string, text: string | null, events: readonly RunEvent[]): Problem[] {
  const seq = Number(/^- as of event (\d+)$/m.exec(text ?? '')?.[1] ?? 0);
  return compare(path, text, statusMarkdown(statusOf(events.filter((event) => event.seq <= seq)), seq));
}

/** The first line that differs. After a crash a growing file may be ahead of `history.json`: then it is a beginning of `latest`. */
function compare(path: string, text: string | null, expected: string, latest?: string): Problem[] {
  if (text === null) return [lost(path)];
  if (text === expected || (latest !== undefined && text.startsWith(expected) && latest.startsWith(text))) return [];
  const [have, want] = [text.split('\n'), (latest ?? expected).split('\n')];
  let line = 0;
  while (line < have.length && line < want.length && have[line] === want[line]) line += 1;
  const what = `is not what replay gives: expected ${shorten(want[line])}, got ${shorten(have[line])}`;
  return [problemAt({ file: path, line: line + 1 }, what, REMEDY.derived)];
}

function lost(path: string): Problem {
  return problemAt({ file: path }, 'missing, or cannot be read', REMEDY.derived);
}

function shorten(text: string | undefined): string {
  if (text === undefined) return 'the end of the file';
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 57)}...` : text);
}
