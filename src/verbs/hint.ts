import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { EXIT, type ExitCode, RalphError } from '../base/errors.ts';
import { writeFileAtomic } from '../base/files.ts';
import { print, printJson, say, table } from '../base/terminal.ts';
import { readJournal } from '../journal/journal.ts';
import { hintEffects, type Yield } from '../search/hints/hint-effects.ts';
import { readHint } from '../search/hints/hint-file.ts';
import { activeHints } from '../search/hints/hints.ts';
import { historyOf } from '../search/memory/history.ts';
import { journalOf } from '../search/runs.ts';

const PROJECT = join(import.meta.dirname, '../..');

/** `ralph hint "text"`, `ralph hint drop ID`, `ralph hint list`, `ralph hint effects`: steers a run through its inbox; works while it runs. */
export async function run(args: string[]): Promise<ExitCode> {
  const { values: options, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      inbox: { type: 'string', default: join(PROJECT, 'prompts/hints') },
      runs: { type: 'string', default: join(PROJECT, 'runs') },
      tag: { type: 'string' },
      priority: { type: 'string', default: '5' },
      expires: { type: 'string' },
      scope: { type: 'string', default: 'run' },
      json: { type: 'boolean', default: false },
    },
  });
  const [verb, ...rest] = positionals;
  if (verb === undefined) throw usage('no text');
  if (verb === 'list' && rest.length === 0) return list(options);
  if (verb === 'effects' && rest.length === 0) return effects(options);
  const drop = verb === 'drop' && rest.length > 0;
  const file = drop
    ? `---\ndrop: ${JSON.stringify(rest[0])}\n---\n${rest.slice(1).join(' ')}\n`
    : compose(positionals.join(' '), options);
  const reading = readHint(Buffer.from(file));
  if (!reading.ok) throw usage(reading.why);
  const name = drop ? `drop-${rest[0].replaceAll(/[^a-z0-9-]/gi, '')}` : slug(reading.hint.text);
  const path = join(options.inbox, `${name}-${randomBytes(2).toString('hex')}.md`);
  writeFileAtomic(path, file);
  if (options.json) printJson({ file: path });
  else say(`${path}: ${drop ? 'withdrawn' : 'read'} at the next cycle`);
  return EXIT.done;
}

interface Options {
  inbox: string;
  runs: string;
  tag?: string;
  priority: string;
  expires?: string;
  scope: string;
  json: boolean;
}

function compose(text: string, { priority, expires, scope }: Options): string {
  const lines = [`priority: ${priority}`, `scope: ${JSON.stringify(scope)}`];
  if (expires) lines.push(`expires: ${JSON.stringify(expires)}`);
  return `---\n${lines.join('\n')}\n---\n${text}\n`;
}

function list({ inbox, runs, tag, json }: Options): ExitCode {
  const waiting = existsSync(inbox)
    ? readdirSync(inbox).filter((name) => name.endsWith('.md') && name !== 'README.md')
    : [];
  const events = tag || existsSync(runs) ? readJournal(journalOf(runs, tag)) : [];
  const active = activeHints(events, historyOf(events).cycles.length + 1, { now: Date.now() });
  if (json) {
    printJson({ waiting, active });
    return EXIT.done;
  }
  for (const name of waiting) print(`waiting  ${name}`);
  if (active.length > 0) {
    print(
      table(
        ['id', 'priority', 'scope', 'answered', 'text'],
        active.map((hint) => [
          hint.id,
          hint.priority,
          hint.scope,
          hint.answered ? 'yes' : 'no',
          hint.text.slice(0, 70),
        ]),
      ),
    );
  }
  if (waiting.length + active.length === 0) say('no hint waits and none is active');
  return EXIT.done;
}

/** Trials, gap and keeps under each hint against the rest of the run. */
function effects({ runs, tag, json }: Options): ExitCode {
  const found = hintEffects(readJournal(journalOf(runs, tag)));
  if (json) {
    printJson(found);
    return EXIT.done;
  }
  const show = ({ cycles, trials, keeps, gap }: Yield) =>
    `${cycles} / ${trials} / ${keeps} / ${gap?.toFixed(2) ?? '-'}`;
  const rows = found.map(({ hint, text, answers, dropped, under, rest }) => {
    const last = answers.at(-1);
    const answer = last ? `${last.accepted ? 'accepted' : 'declined'}: ${last.why.slice(0, 40)}` : 'not answered';
    return [hint, show(under), show(rest), dropped ? 'dropped' : '', answer, text.slice(0, 50)];
  });
  print(table(['hint', 'under it: cycles / trials / keeps / gap', 'the rest', 'state', 'answer', 'text'], rows));
  return EXIT.done;
}

function slug(text: string): string {
  const words = text.toLowerCase().match(/[a-z0-9]+/g) ?? ['hint'];
  return words.slice(0, 5).join('-').slice(0, 40);
}

function usage(why: string): RalphError {
  return new RalphError(`hint: ${why}`, {
    remedy: 'Write: npm run hint -- "prefer reversion on 4h" [--priority 7] [--scope cycles:5]',
    exitCode: EXIT.usage,
  });
}
