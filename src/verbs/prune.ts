import { existsSync, readdirSync, rmSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { print, printJson, say } from '../base/draw/terminal.ts';
import { PROJECT_DIR } from '../base/roots.ts';
import { lockHolder } from '../journal/lock.ts';
import { diskBytes, type Leftover, leftoversOf } from '../journal/prune.ts';
import { unusedWindows } from '../task/trading/unused-windows.ts';
import { marketIn, withLedger } from './data/common.ts';
import { eventsIn } from './run.ts';
import type { Handler } from './table/table.ts';

/** Parts of a run folder that are kept whole, and who needs them. */
const NEEDED = [
  ['journal', /^journal\./, 'everything'],
  ['cycles', /^cycles$/, 'verify'],
  ['objects', /^objects$/, 'reproduce'],
  ['worktree', /^worktree/, 'verify and the next commit'],
  ['outbox', /^outbox$/, 'track sync'],
] as const;

/** Removes what nothing needs, of every run that is not at work and of the frozen windows; says what went and what stays. */
export const prune: Handler<'prune'> = async ({ runs, config, dryRun, json }) => {
  const dirs = (existsSync(runs) ? readdirSync(runs) : []).map((name) => join(runs, name));
  const folders = dirs.filter((dir) => existsSync(join(dir, 'journal.jsonl')));
  const removed: (Leftover & { readonly bytes: number })[] = [];
  const remove = ({ path, why }: Leftover) => {
    removed.push({ path, why, bytes: diskBytes(path) });
    if (!dryRun) rmSync(path, { recursive: true, force: true });
  };
  let atWork = false;
  for (const dir of folders) {
    const holder = lockHolder(dir);
    atWork ||= holder !== null;
    const leftovers = holder ? [] : leftoversOf(dir);
    if (holder) say(`${dir} is left alone: process ${holder.pid} is at work there`);
    else if (leftovers === null)
      say(
        `${dir} is left alone: its journal lacks cycles that lie there. See what is lost: npm run ralph -- verify --tag ${basename(dir)}`,
      );
    for (const each of leftovers ?? []) remove(each);
  }
  const market = marketIn(resolve(PROJECT_DIR, config ?? 'config'));
  const windows = join(market.dataDir, 'windows');
  // A run that starts has frozen its windows a moment before its journal names them.
  if (existsSync(windows) && !atWork) {
    const lines = await withLedger(market, (ledger) => ledger.lines());
    for (const path of unusedWindows(windows, folders.map(eventsIn), lines))
      remove({ path, why: 'no run and no ledger entry names this frozen window' });
  }
  const kept = [
    ...folders.flatMap((dir) =>
      NEEDED.map(([what, pattern, by]) => ({ what: `${dir}: ${what}`, by, bytes: bytesOf(dir, pattern) })),
    ),
    { what: windows, by: 'runs and ledger', bytes: diskBytes(windows) },
  ].filter(({ bytes }) => bytes > 0);
  if (json) printJson({ dryRun, removed, kept });
  else {
    for (const { path, why, bytes } of removed)
      print(`${dryRun ? 'would remove' : 'removed'} ${size(bytes)} ${path}: ${why}`);
    for (const { what, by, bytes } of kept) print(`kept ${size(bytes)} ${what}, for ${by}`);
    const total = removed.reduce((sum, { bytes }) => sum + bytes, 0);
    print(`${removed.length} ${dryRun ? 'would go' : 'removed'}, ${size(total)}`);
  }
};

function bytesOf(dir: string, pattern: RegExp): number {
  const names = readdirSync(dir).filter((name) => pattern.test(name));
  return names.reduce((sum, name) => sum + diskBytes(join(dir, name)), 0);
}

function size(bytes: number): string {
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(0)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
