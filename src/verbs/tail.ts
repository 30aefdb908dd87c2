import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { EXIT, type ExitCode } from '../base/errors.ts';
import { print, printJson } from '../base/terminal.ts';
import { runFolder } from '../journal/folder.ts';
import { Feed, Follower } from '../tracking/feed.ts';
import { fitted } from '../tracking/width.ts';

const LOOK_EVERY_MS = 500;

/**
 * `tail [--tag TAG] [--lines N] [--no-follow] [--json]`: one line a trial, as it happens, until the run ends or Ctrl-C. With --json the last
 * lines as an array of `{seq, at, line}`, without waiting for more.
 */
export async function run(args: string[]): Promise<ExitCode> {
  const { values } = parseArgs({
    args,
    allowNegative: true,
    options: {
      tag: { type: 'string' },
      runs: { type: 'string' },
      lines: { type: 'string', short: 'n', default: '10' },
      follow: { type: 'boolean', default: true },
      json: { type: 'boolean', default: false },
    },
  });
  const dir = runFolder(values.runs ?? join(import.meta.dirname, '../../runs'), values.tag);
  const follower = new Follower(join(dir, 'journal.jsonl'));
  const feed = new Feed();
  const past = follower.read();
  const lines = past.flatMap((event) => {
    const line = feed.line(event);
    return line === null ? [] : [{ seq: event.seq, at: event.at, line }];
  });
  const wanted = Number(values.lines);
  const last = wanted > 0 ? lines.slice(-wanted) : [];
  if (values.json) {
    printJson(last);
    return EXIT.done;
  }
  for (const { line } of last) print(fitted(line));
  // A reader that goes away (`tail | head`) is no failure.
  process.stdout.on('error', () => process.exit(EXIT.done));
  let ended = past.at(-1)?.type === 'run.ended';
  while (values.follow && !ended) {
    await sleep(LOOK_EVERY_MS);
    for (const event of follower.read()) {
      const line = feed.line(event);
      if (line !== null) print(fitted(line));
      ended = event.type === 'run.ended';
    }
  }
  return EXIT.done;
}
