import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { EXIT, type ExitCode, RalphError } from '../../base/errors.ts';
import type { RunEvent } from '../../journal/events.ts';
import { cycleAt, stateOf } from '../../journal/state/run-state.ts';
import { nextIsland } from '../../search/directive/islands.ts';
import { askedFrom } from '../control.ts';
import { withFaults } from '../faults.ts';
import type { Run } from '../run.ts';
import { startCycle } from '../start/start.ts';

/**
 * Gives a session its cycle: an unfinished one, else a new one, started here one at a time so that numbers rise with the journal. A Stop says
 * why there is none. `islandOf` chooses the island of a new cycle.
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

export interface Stop {
  readonly reason: string;
  readonly exitCode: ExitCode;
}

/** Why the loop must not start (or go on with) this cycle, or null. Asked before anything is spent. */
function whyStop(run: Run, cycle: number, wanted: number | null): Stop | null {
  if (run.broken.length > 0) return { reason: 'another session failed', exitCode: EXIT.failed };
  const asked = run.control.stopping();
  if (asked === 'interrupted') return { reason: 'interrupted', exitCode: EXIT.interrupted };
  if (asked === 'stopped') return { reason: `a STOP file was found${askedFrom(run.dir, 'STOP')}`, exitCode: EXIT.done };
  // What was begun is finished whatever the budgets say: its cost is already spent.
  const { byCycle, trials, tokens } = stateOf(run.journal.events);
  if (byCycle.has(cycle)) return null;
  const { budgets } = run.config;
  if (wanted !== null && cycle > wanted) return { reason: doneReason(cycle - 1, wanted), exitCode: EXIT.done };
  const limit = (what: string, spent: number, budget: number) =>
    spent >= budget ? { reason: `budget of ${what} spent: ${spent} of ${budget}`, exitCode: EXIT.limit } : null;
  return (
    limit('cycles', cycle - 1, wanted === null ? budgets.cycles : Number.POSITIVE_INFINITY) ??
    limit('trials', trials.length, budgets.trials) ??
    limit('hours', (performance.now() - run.startedAt) / 3_600_000, budgets.hours) ??
    limit('tokens', tokens, budgets.tokens)
  );
}

/** --cycles is the length of the whole run, not of this start: said where the two differ. */
function doneReason(done: number, wanted: number): string {
  const cycles = (n: number) => `${n} cycle${n === 1 ? ' is' : 's are'} done`;
  return done > wanted
    ? `${cycles(done)}, --cycles ${wanted} asks for no more (it counts from the first)`
    : cycles(done);
}
