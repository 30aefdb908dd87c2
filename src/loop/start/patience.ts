import { say } from '../../base/draw/terminal.ts';
import { EXIT, messageOf, RalphError } from '../../base/errors.ts';
import type { Journal } from '../../journal/journal.ts';
import { type FaultClass, WorldFault } from '../../task/world-fault.ts';
import { FaultBudgetSpent, faultOf, StoppedWhileWaiting, type Waiting, withFaults } from '../faults.ts';

/** Waits for what a run needs of the world until the fault budget is spent. A new run, whose settings are untried, is told at once. */
export async function openPatiently<T>(waiting: OpeningRun, kind: FaultClass, open: () => Promise<T>): Promise<T> {
  const known = waiting.journal.events.length > 0;
  try {
    if (!known) return await open();
  } catch (thrown) {
    if (!(thrown instanceof WorldFault)) throw thrown;
    say(`fault ${thrown.class} at ${thrown.where}: ${thrown.message}; trying again`);
  }
  try {
    // The first event of a journal is the start of its run.
    const journal = known ? waiting.journal : { append: () => {} };
    return await withFaults({ ...waiting, journal }, 'the start', () =>
      open().catch((thrown) => throwAs(kind, thrown)),
    );
  } catch (thrown) {
    const remedy = 'Repeat the command when it is back: nothing was lost.';
    if (thrown instanceof FaultBudgetSpent)
      throw new RalphError(`fault budget spent: ${thrown.message}`, { remedy, cause: thrown, exitCode: EXIT.limit });
    if (thrown instanceof StoppedWhileWaiting)
      throw new RalphError(`stopped while waiting: ${thrown.message}`, { remedy, exitCode: EXIT.interrupted });
    throw thrown;
  }
}

type OpeningRun = Waiting & { readonly journal: Journal };

/** What a run that worked before meets at a start, a connection refused or a model server that does not do its work, is the world's doing. */
function throwAs(kind: FaultClass, thrown: unknown): never {
  const refused = faultOf(thrown, 'the start')?.class === 'connection';
  const unfit = kind === 'model_down' && thrown instanceof RalphError && thrown.exitCode === EXIT.failed;
  if (!refused && !unfit) throw thrown;
  throw new WorldFault(kind, 'the start', messageOf(thrown), { cause: thrown });
}
