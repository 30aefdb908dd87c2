import { print, printJson, say } from '../../base/draw/terminal.ts';
import { EXIT, type ExitCode } from '../../base/errors.ts';
import { amount, choice, flag } from '../../verbs/table/options.ts';
import type { Values, Verb } from '../../verbs/table/verb.ts';
import { islandLosses } from './island-losses.ts';
import { workerLosses } from './worker-losses.ts';

export const LOSSES = {
  does: 'a run whose workers or islands are cut off, have a wrong clock, are paused and have a full disk; then the same in one process',
  options: {
    of: choice('who is lost', ['workers', 'islands'], { default: 'workers' }),
    cut: amount('seconds without network', { default: 60 }),
    pause: amount('seconds for which one stands still; an island is lost after 20', { default: 30 }),
    json: flag('one JSON value on stdout'),
  },
} as const satisfies Verb;

/** What a run on a real PostgreSQL makes of each loss. Exit code 1 when it found anything else than one process does. */
export async function losses({ of, cut, pause, json }: Values<typeof LOSSES.options>): Promise<ExitCode> {
  const { said, found, ...compared } = await (of === 'workers' ? workerLosses : islandLosses)({ cut, pause });
  const ok = compared.ok && compared.verify.ok && compared.differences.length === 0;
  if (json) printJson({ ...compared, ok, found });
  else print(JSON.stringify({ ...compared, ok, found }, null, 2));
  if (!ok) say(said.join('\n'));
  return ok ? EXIT.done : EXIT.failed;
}
