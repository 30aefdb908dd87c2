import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { EXIT, type ExitCode } from '../src/base/errors.ts';
import { print } from '../src/base/terminal.ts';
import { runFolder } from '../src/journal/folder.ts';
import { Feed, Follower } from '../src/tracking/feed.ts';
import { fitted } from '../src/tracking/width.ts';

const LOOK_EVERY_MS = 500;

/** `tail [--tag TAG] [--lines N] [--no-follow]`: one line a trial, as it happens, until the run ends or Ctrl-C. */
export async function run(args: string[]): Promise<ExitCode> {
  const { values } = parseArgs({
    args,
    allowNegative: true,
    options: {
      tag: { type: 'string' },
      runs: { type: 'string' },
      lines: { type: 'string', short: 'n', default: '10' },
      follow: { type: 'boolean', default: true },
    },
  });
  const dir = runFolder(values.runs ?? join(import.meta.dirname, '..', 'runs'), values.tag);
  const follower = new Follower(join(dir, 'journal.jsonl'));
  const feed = new Feed();
  const past = follower.read();
  const lines = past.flatMap((event) => feed.line(event) ?? []);
  const wanted = Number(values.lines);
  for (const line of wanted > 0 ? lines.slice(-wanted) : []) print(fitted(line));
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
