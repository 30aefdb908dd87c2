import { join, resolve } from 'node:path';
import { attempt } from '../base/attempt.ts';
import { EXIT } from '../base/errors.ts';
import { print, printJson } from '../base/terminal.ts';
import { runFolder } from '../journal/folder.ts';
import type { Charged } from '../journal/verify/heads.ts';
import { repairRun } from '../journal/verify/repair.ts';
import { verifyRun } from '../journal/verify/verify.ts';
import { askLedger } from './data/common.ts';
import { eventsIn } from './run.ts';
import type { Handler } from './table/table.ts';

/** Exit 0 when nothing was lost, doubled or changed, else 1 and every problem. With `--repair` what can be proven is made again first. */
export const verify: Handler<'verify'> = async ({ tag, runs, repair, json }) => {
  const dir = runFolder(runs, tag);
  const done = repair ? await repairRun(dir, resolve(dir, '..', '..')) : null;
  const verification = await verifyRun(dir, await chargedLast(dir));
  const { cycles, trials, problems, ok } = verification;
  if (json) printJson({ ...done, ...verification });
  else {
    for (const file of done?.rebuilt ?? []) print(`rebuilt ${join(dir, file)}`);
    for (const what of done?.lost ?? []) print(`cannot be rebuilt: ${what}`);
    for (const { what, where, remedy } of problems) print(`${where}: ${what}\n  ${remedy}`);
    print(`${ok ? 'ok' : `${problems.length} problems`}: ${cycles} cycles, ${trials} trials in ${dir}`);
  }
  return ok ? EXIT.done : EXIT.failed;
};

/** Where the ledger last saw the journal of a run; undefined where there is no ledger, or none that can be asked. */
async function chargedLast(dir: string): Promise<Charged | undefined> {
  // Its damage is what verify reports.
  const events = attempt(() => eventsIn(dir)) ?? [];
  if (!events.some((event) => event.type === 'trial.started' && event.ledger !== undefined)) return undefined;
  return askLedger(events, undefined, (book, run) => book.journalOf(run), 'what it knows of this run is not checked');
}
