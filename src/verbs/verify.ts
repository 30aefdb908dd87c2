import { join, resolve } from 'node:path';
import { attempt } from '../base/attempt.ts';
import { print, printJson, say } from '../base/draw/terminal.ts';
import { EXIT } from '../base/errors.ts';
import { counted } from '../base/numbers.ts';
import { runFolder } from '../journal/folder.ts';
import type { Charged } from '../journal/verify/heads.ts';
import { type Problem, REMEDY } from '../journal/verify/problem.ts';
import { repairRun } from '../journal/verify/repair.ts';
import { verifyRun } from '../journal/verify/verify.ts';
import type { Book } from '../ledger/book.ts';
import type { StoreDamaged } from '../ledger/store.ts';
import { spendingOf } from '../loop/steps/charge.ts';
import { askLedger, ledgerPlace } from './data/common.ts';
import { eventsIn } from './run.ts';
import type { Handler } from './table/table.ts';

/** Exit 0 when nothing was lost, doubled or changed, else 1 and every problem. With `--repair` what can be proven is made again first. */
export const verify: Handler<'verify'> = async ({ tag, runs, repair, json }) => {
  const dir = runFolder(runs, tag);
  const done = repair ? await repairRun(dir, resolve(dir, '..', '..')) : null;
  const asked = await ledgerOf(dir);
  const { cycles, trials, ...found } = await verifyRun(dir, asked.charged);
  const problems = [...found.problems, ...asked.problems];
  const ok = problems.length === 0;
  if (json) printJson({ ...done, ok, cycles, trials, problems });
  else {
    for (const file of done?.rebuilt ?? []) print(`rebuilt ${join(dir, file)}`);
    for (const what of done?.lost ?? []) print(`cannot be rebuilt: ${what}`);
    for (const { what, where, remedy } of problems) print(`${where}: ${what}\n  ${remedy}`);
    print(`${ok ? 'ok' : `${problems.length} problems`}: ${cycles} cycles, ${trials} trials in ${dir}`);
  }
  return ok ? EXIT.done : EXIT.failed;
};

interface Asked {
  /** Where the ledger last saw the journal of the run. */
  readonly charged?: Charged;
  readonly problems: readonly Problem[];
}

/** What the ledger knows of a run and what is wrong with it; nothing where there is none, or none that can be asked. */
async function ledgerOf(dir: string): Promise<Asked> {
  const nothing: Asked = { problems: [] };
  // Its damage is what verify reports.
  const events = attempt(() => eventsIn(dir)) ?? [];
  if (!events.some((event) => event.type === 'trial.started' && event.ledger !== undefined)) return nothing;
  const problem = (what: string, remedy: string): Problem => ({ what, where: ledgerPlace(events), remedy });
  // A trial begins, and a holdout answers, in the journal first.
  const own = spendingOf(events).filter(({ type }) => type !== 'begun' && type !== 'answered');
  const ask = (book: Book, run: string): Asked => {
    const charged = book.journalOf(run);
    const missing = own.filter((each) => book.seqOf({ ...each, setting: '' }) === undefined);
    if (!charged) say('the ledger knows nothing of this run');
    if (!charged || missing.length === 0) return { charged, problems: [] };
    const what = `lacks ${missing.length} of ${counted(own.length, 'line')} of this run, first of trial ${missing[0].trial}: it is older than the run`;
    return { charged, problems: [problem(what, REMEDY.ledger)] };
  };
  const damaged = ({ message, remedy }: StoreDamaged): Asked => ({ problems: [problem(message, remedy)] });
  return (await askLedger(events, undefined, ask, 'what it knows of this run is not checked', damaged)) ?? nothing;
}
