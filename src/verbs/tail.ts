import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { print, printJson } from '../base/draw/terminal.ts';
import { folded } from '../base/draw/width.ts';
import { runFolder } from '../journal/folder.ts';
import { Feed, Follower } from '../tracking/feed.ts';
import type { Handler } from './table/table.ts';

const LOOK_EVERY_MS = 500;
/** Columns that the trial's ID takes. */
const ID_WIDTH = 8;

/** One line a trial, as it happens, until the run ends or Ctrl-C. JSON: the last lines as `{seq, at, line}`, without waiting. */
export const tail: Handler<'tail'> = async ({ tag, lines, noFollow, runs, json }) => {
  const follower = new Follower(join(runFolder(runs, tag), 'journal.jsonl'));
  const feed = new Feed();
  const past = follower.read();
  const all = past.flatMap((event) => {
    const line = feed.line(event);
    return line === null ? [] : [{ seq: event.seq, at: event.at, line }];
  });
  const last = lines > 0 ? all.slice(-lines) : [];
  if (json) return printJson(last);
  for (const { line } of last) show(line);
  let ended = past.at(-1)?.type === 'run.ended';
  while (!noFollow && !ended) {
    await sleep(LOOK_EVERY_MS);
    for (const event of follower.read()) {
      const line = feed.line(event);
      if (line !== null) show(line);
      ended = event.type === 'run.ended';
    }
  }
};

function show(line: string): void {
  for (const part of folded(line, ID_WIDTH)) print(part);
}
