import { existsSync, readFileSync } from 'node:fs';
import { attempt } from '../../base/attempt.ts';
import { messageOf } from '../../base/errors.ts';
import { GENESIS, type Head, sha256 } from '../../base/hash.ts';
import { jsonIn } from '../../base/json.ts';
import { type EventOf, eventSchema } from '../events.ts';
import { CRLF, crlfRemedy, readLine } from '../lines.ts';
import { indexPath, partPath, unpackPart } from '../sealed/part.ts';
import { upcast, whyNewer } from '../versions.ts';
import { type Line, type Problem, problemAt, REMEDY } from './problem.ts';
import { hashOf, readable } from './read.ts';

interface Found {
  readonly lines: Line[];
  readonly problems: Problem[];
}

/** Reads every line, also those behind a damage. An altered line is found by the next one, which holds the hash of the original. */
export function chainProblems(journal: string): Found {
  const found: Found = { lines: [], problems: [] };
  let before = GENESIS;
  let text = '';
  for (let part = 1; existsSync(partPath(journal, part)) || sealed(journal, part); part++) {
    const file = partPath(journal, part);
    if (leftover(journal, part)) {
      // A crash between writing a part and replacing the journal: the journal still holds these lines itself.
      break;
    }
    try {
      text = unpackPart(file).toString('utf8');
    } catch (error) {
      found.problems.push(
        problemAt({ file, seq: before.seq + 1 }, `cannot be read: ${messageOf(error)}`, REMEDY.journal),
      );
      text = '';
    }
    before = readText(text, file, before, found);
    checkSeal(journal, part, text, found);
  }
  const live = readable(journal);
  if (live !== null) readText(live, journal, before, found);
  else found.problems.push(problemAt({ file: journal, seq: before.seq + 1 }, 'cannot be read', REMEDY.journal));
  return found;
}

/** Reads the lines of one file; returns the head behind them. */
function readText(given: string, file: string, start: Head, { lines, problems }: Found): Head {
  // One problem, not one a line: what else is wrong shows behind it.
  const text = given.replaceAll('\r\n', '\n');
  if (text !== given) problems.push(problemAt({ file, line: 1, seq: start.seq + 1 }, CRLF, crlfRemedy(file)));
  const texts = text.split('\n');
  const rest = texts.pop() ?? '';
  let before = start;
  for (const [index, each] of texts.entries()) {
    const line = index + 1;
    const read = readLine(Buffer.from(each), before);
    const stored = typeof read === 'string' ? salvage(each) : read;
    const event = stored && upcast(stored);
    if (typeof read === 'string') {
      const what = explain(read, event?.prev, before, line);
      problems.push(problemAt({ file, line, seq: event?.seq ?? before.seq + 1 }, what, REMEDY.journal));
    }
    const newer = event && whyNewer(event);
    if (newer) problems.push(problemAt({ file, line, seq: event.seq }, newer, REMEDY.newer));
    else if (event) {
      const checked = eventSchema.safeParse(event);
      if (checked.success) lines.push({ file, line, event });
      else {
        const issue = checked.error.issues[0];
        const what = `${event.type}: ${issue.path.join('.')}: ${issue.message}`;
        problems.push(problemAt({ file, line, seq: event.seq }, what, REMEDY.journal));
      }
    }
    before = { seq: event?.seq ?? before.seq + 1, hash: sha256(each) };
  }
  if (rest !== '') {
    const what = `the last line is unfinished (${rest.length} characters)`;
    problems.push(problemAt({ file, line: texts.length + 1, seq: before.seq + 1 }, what, REMEDY.torn, true));
  }
  return before;
}

/** What the line behind a part says about it against what it is. */
function checkSeal(journal: string, part: number, text: string, { problems }: Found): void {
  const seal = sealed(journal, part);
  const file = partPath(journal, part);
  if (!seal) {
    problems.push(problemAt({ file }, 'no line of the journal names this part', REMEDY.journal));
    return;
  }
  if (text !== '' && sha256(text) !== seal.sha256)
    problems.push(problemAt({ file, seq: seal.seq - 1 }, 'its text is not what was sealed', REMEDY.journal));
  if (seal.packedSha256 && existsSync(file) && hashOf(file) !== seal.packedSha256)
    problems.push(problemAt({ file }, 'the compressed file is not what was written', REMEDY.journal));
  const index = indexPath(journal, part);
  if (hashOf(index) !== seal.indexSha256)
    problems.push(problemAt({ file: index }, 'is not what was written', REMEDY.derived));
}

/** The first event behind a part, when it seals that part. */
function sealed(journal: string, part: number): EventOf<'journal.sealed'> | null {
  const next = partPath(journal, part + 1);
  const inPart = existsSync(next) && !leftover(journal, part + 1);
  const text = attempt(() => (inPart ? unpackPart(next) : readFileSync(journal)));
  const first =
    text && (jsonIn(text.toString('utf8', 0, text.indexOf(10))) as EventOf<'journal.sealed'> | null | undefined);
  return first?.type === 'journal.sealed' && first.part === part ? first : null;
}

/** Whether the live journal itself begins with the first line of that part. */
function leftover(journal: string, part: number): boolean {
  const texts = attempt(() => [readFileSync(journal), unpackPart(partPath(journal, part))]) ?? [];
  const [live, first] = texts.map((text) => text.toString('utf8', 0, text.indexOf(10)));
  return live !== undefined && live === first;
}

function explain(problem: string, prev: string | undefined, before: Head, line: number): string {
  if (!prev || prev === before.hash || !problem.includes('hash')) return problem;
  return line === 1
    ? 'does not follow the lines before it: its hash of them does not match'
    : `line ${line - 1} is not what was written, or this line is not: the hash that joins them does not match`;
}

/** An event that is out of place but can be read. */
function salvage(text: string): Line['event'] | null {
  const value = jsonIn(text) as Line['event'] | null | undefined;
  return typeof value?.type === 'string' && Number.isInteger(value.seq) ? value : null;
}
