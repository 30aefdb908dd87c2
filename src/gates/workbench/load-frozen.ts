import { type LoadedChild, loadChild } from '../../backtest/box/loaded.ts';
import type { Spares } from '../../backtest/box/spares.ts';
import type { BoxAnswer } from '../../backtest/contract.ts';
import { messageOf, RalphError } from '../../base/errors.ts';
import type { WindowFile } from '../../market/snapshot.ts';
import type { GatesConfig } from '../config.ts';
import { setOf, type Windows } from './window-sets.ts';

/**
 * A process that holds exactly the windows that were frozen at the start of the run. What is compared is the fingerprint of
 * the bytes that it has in memory and will evaluate on, because a file, its date and its size can be exchanged at any time.
 * Throws RalphError for windows that were changed or replaced, and, because no candidate has been there yet, for
 * everything else that went wrong.
 */
export async function loadFrozen(
  windows: Windows,
  limits: GatesConfig['limits'],
  spares: Spares | undefined,
): Promise<LoadedChild> {
  const files = windows.flat();
  const set = setOf(windows, limits);
  const child = (await spares?.take(set)) ?? (await started(files, loadChild(set)));
  const other = files.findIndex(({ fingerprint }, i) => fingerprint !== child.fingerprints[i]);
  if (other < 0) return child;
  await child.channel.end();
  const { path, symbol, fingerprint } = files[other];
  throw changed(
    `${path}: the frozen ${symbol} window was replaced: expected ${fingerprint.slice(0, 12)}, got ${child.fingerprints[other].slice(0, 12)}`,
  );
}

const OUT_OF_REACH = ['ENOENT', 'ENOTDIR', 'EACCES', 'EPERM', 'ELOOP'];

async function started(files: readonly WindowFile[], loading: Promise<BoxAnswer<LoadedChild>>): Promise<LoadedChild> {
  const symbols = files.map(({ symbol }) => symbol).join(', ');
  let answer: BoxAnswer<LoadedChild>;
  try {
    answer = await loading;
  } catch (cause) {
    if (!OUT_OF_REACH.includes((cause as NodeJS.ErrnoException).code ?? '')) throw cause;
    throw changed(`the frozen ${symbols} window was changed: ${messageOf(cause)}`, cause);
  }
  if (answer.ok) return answer.value;
  if (answer.kind === 'throw') throw changed(`the frozen ${symbols} window was changed: ${answer.message}`);
  throw new RalphError(`an evaluation process did not load its windows: ${answer.message}`, {
    remedy: 'Look at the load and the free memory of this machine; the trial is evaluated again.',
    // What the loop takes for a fault of the world, and waits out.
    cause: Object.assign(new Error(answer.kind), { code: 'EAGAIN' }),
  });
}

function changed(message: string, cause?: unknown): RalphError {
  return new RalphError(message, {
    remedy: 'Start the command again: it freezes the window anew from the database.',
    cause,
  });
}
