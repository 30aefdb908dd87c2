import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { EXIT, RalphError } from '../../base/errors.ts';
import type { RunEvent } from '../../journal/events.ts';
import { cycleAt, stateOf } from '../../journal/state/run-state.ts';
import { nextIsland } from '../../search/directive/islands.ts';
import { type Stop, whyStop } from '../budget.ts';
import { withFaults } from '../faults.ts';
import type { Run } from '../run.ts';
import { startCycle } from '../start/start.ts';

/**
 * Gives a session its cycle: one that an earlier start left unfinished, else a new one, which is started here. One at a
 * time, so that cycles are numbered in the order in which the journal holds them. A Stop says why there is none. `islandOf` chooses the
 * island of a new cycle; a replay has it from the recording.
 */
export function claimCycle(
  run: Run,
  wanted: number | null,
  islandOf: (run: Run) => number | null = idleIsland,
): Promise<{ readonly cycle: number } | Stop> {
  return run.alone(async () => {
    refuseGone(run);
    const cycle = nextCycle(run.journal.events, run.busy);
    const stop = whyStop(run, cycle, wanted);
    if (stop) return stop;
    if (!cycleAt(run.journal.events, cycle)) {
      const spent = await whySpent(run);
      if (spent) return spent;
      const island = islandOf(run);
      await withFaults(run, 'starting a cycle', () => startCycle(run, cycle, island));
    }
    run.busy.add(cycle);
    return { cycle };
  });
}

/** Throws RalphError when the run folder was deleted or moved under the run: whatever it wrote from then on would be lost. */
export function refuseGone({ dir, tag }: Run): void {
  if (existsSync(join(dir, 'journal.jsonl'))) return;
  throw new RalphError(`the run folder ${dir} was deleted or moved while the run was at work`, {
    remedy: `Put it back and repeat the command, or start another tag; the commits of this one are on autoresearch/${tag}.`,
  });
}

/** Why a new cycle could keep nothing, as a Stop; null while it could, or where the run goes on with train alone. */
async function whySpent(run: Run): Promise<Stop | null> {
  const { ledger } = run.task;
  if (ledger === null || run.config.whenLooksAreSpent === 'train-only') return null;
  const { spent } = await withFaults(run, 'asking the ledger', () => ledger.outlook(run.config.budgets.trials));
  return spent === null ? null : { reason: spent, exitCode: EXIT.limit };
}

/** The first cycle with a step missing that no session works on, else the one after the newest. */
export function nextCycle(events: readonly RunEvent[], busy: ReadonlySet<number>): number {
  const { cycles, lastCycle } = stateOf(events);
  const open = cycles.find(({ cycle, mirrored }) => !mirrored && !busy.has(cycle));
  return open?.cycle ?? lastCycle + 1;
}

function idleIsland(run: Run): number | null {
  const { count } = run.config.islands;
  if (count === 1) return null;
  const working = [...run.busy].flatMap((cycle) => cycleAt(run.journal.events, cycle)?.started.island ?? []);
  return nextIsland(run.journal.events, new Set(working), count);
}
