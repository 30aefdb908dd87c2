import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { print, printJson, say, table, tableOf } from '../base/draw/terminal.ts';
import { UsageError } from '../base/errors.ts';
import { writeFileAtomic } from '../base/files.ts';
import { readHint } from '../search/hints/hint-file.ts';
import { activeHints, waitingHints } from '../search/hints/hints.ts';
import { historyOf } from '../search/memory/history.ts';
import { hintEffects, type Yield } from '../search/report/report-tables.ts';
import { readRun } from './run.ts';
import type { Handler } from './table/table.ts';

/** Puts a hint into the inbox; works while a run is active. */
export const hint: Handler<'hint'> = async ({ priority, scope, expires, inbox, json }, words) => {
  return told(writeHint(inbox, { priority, scope, expires }, words.join(' ')), 'read', json);
};

/** Withdraws a hint through the same inbox. */
export const drop: Handler<'hint drop'> = async ({ inbox, json }, [id, ...reason]) => {
  return told(writeHint(inbox, { drop: id }, reason.join(' ')), 'withdrawn', json);
};

type Fields = Partial<Record<'priority' | 'scope' | 'expires' | 'drop' | 'from', string | number>>;

/** Puts a hint with that front matter into the inbox and returns the file. Throws RalphError (exit 2) for what could not be read back. */
export function writeHint(inbox: string, fields: Fields, text: string): string {
  const lines = Object.entries(fields).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}: ${JSON.stringify(value)}`],
  );
  const file = `---\n${lines.join('\n')}\n---\n${text}\n`;
  const reading = readHint(Buffer.from(file));
  if (!reading.ok)
    throw new UsageError(`hint: ${reading.why}`, {
      remedy: 'Write: npm run hint -- "prefer reversion on 4h" [--priority 7] [--scope cycles:5]',
    });
  const name = fields.drop === undefined ? slug(text) : `drop-${String(fields.drop).replaceAll(/[^a-z0-9-]/gi, '')}`;
  const path = join(inbox, `${name}-${randomBytes(2).toString('hex')}.md`);
  writeFileAtomic(path, file);
  return path;
}

function told(path: string, what: string, json: boolean): void {
  if (json) printJson({ file: path });
  else say(`${path}: ${what} at the next cycle`);
}

/** Hints that wait in the inbox and hints that count in a run. */
export const list: Handler<'hint list'> = async ({ inbox, tag, runs, json }) => {
  const waiting = waitingHints(inbox);
  const events = tag || existsSync(runs) ? readRun(tag, runs).events : [];
  const active = activeHints(events, historyOf(events).cycles.length + 1, { now: Date.now() });
  if (json) return printJson({ waiting, active });
  for (const name of waiting) print(`waiting  ${name}`);
  if (active.length > 0) {
    const rows = active.map(({ id, priority, scope, answered, text }) => ({
      id,
      priority,
      scope,
      answered: answered ? 'yes' : 'no',
      text: text.slice(0, 70),
    }));
    print(tableOf(rows));
  }
  if (waiting.length + active.length === 0) say('no hint waits and none is active');
};

/** Trials, gap and keeps under each hint against the rest of the run. */
export const effects: Handler<'hint effects'> = async ({ tag, runs, json }) => {
  const found = hintEffects(readRun(tag, runs).events);
  if (json) return printJson(found);
  const show = ({ cycles, trials, keeps, gap }: Yield) =>
    `${cycles} / ${trials} / ${keeps} / ${gap?.toFixed(2) ?? '-'}`;
  const rows = found.map(({ hint, text, answers, dropped, under, rest }) => {
    const last = answers.at(-1);
    const answer = last ? `${last.accepted ? 'accepted' : 'declined'}: ${last.why.slice(0, 40)}` : 'not answered';
    return [hint, show(under), show(rest), dropped ? 'dropped' : '', answer, text.slice(0, 50)];
  });
  print(table(['hint', 'under it: cycles / trials / keeps / gap', 'the rest', 'state', 'answer', 'text'], rows));
};

function slug(text: string): string {
  const words = text.toLowerCase().match(/[a-z0-9]+/g) ?? ['hint'];
  return words.slice(0, 5).join('-').slice(0, 40);
}
