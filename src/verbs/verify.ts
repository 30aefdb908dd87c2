import { EXIT } from '../base/errors.ts';
import { print, printJson } from '../base/terminal.ts';
import { runFolder } from '../journal/folder.ts';
import { verifyRun } from '../journal/verify/verify.ts';
import type { Handler } from './table/table.ts';

/** Exit 0 when nothing was lost, doubled or changed, else 1 and every problem. */
export const verify: Handler<'verify'> = async ({ tag, runs, json }) => {
  const dir = runFolder(runs, tag);
  const verification = await verifyRun(dir);
  const { cycles, trials, problems, ok } = verification;
  if (json) printJson(verification);
  else {
    for (const { what, where, remedy } of problems) print(`${where}: ${what}\n  ${remedy}`);
    print(`${ok ? 'ok' : `${problems.length} problems`}: ${cycles} cycles, ${trials} trials in ${dir}`);
  }
  return ok ? EXIT.done : EXIT.failed;
};
