import type { RunEvent } from '../../journal/events.ts';
import { nextIsland } from '../../search/directive/islands.ts';
import { type Stop, whyStop } from '../budget.ts';
import { withFaults } from '../faults.ts';
import type { Run } from '../run.ts';
import { startCycle } from '../start/start.ts';
import { progressOf } from './progress.ts';

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
    const cycle = nextCycle(run.journal.events, run.busy);
    const stop = whyStop(run, cycle, wanted);
    if (stop) return stop;
    if (!progressOf(run.journal.events, cycle).started) {
      const island = islandOf(run);
      await withFaults(run, 'starting a cycle', () => startCycle(run, cycle, island));
    }
    run.busy.add(cycle);
    return { cycle };
  });
}

/** The first cycle with a step missing that nobody works on, else the one after the newest. */
export function nextCycle(events: readonly RunEvent[], busy: ReadonlySet<number>): number {
  const open = new Set<number>();
  let newest = 0;
  for (const event of events) {
    if (event.type === 'cycle.started') {
      open.add(event.cycle);
      newest = Math.max(newest, event.cycle);
    } else if (event.type === 'cycle.mirrored') open.delete(event.cycle);
  }
  for (const cycle of open) if (!busy.has(cycle)) return cycle;
  return newest + 1;
}

function idleIsland(run: Run): number | null {
  const { count } = run.config.islands;
  if (count === 1) return null;
  const working = new Set<number>();
  for (const event of run.journal.events) {
    if (event.type === 'cycle.started' && run.busy.has(event.cycle) && event.island !== undefined)
      working.add(event.island);
  }
  return nextIsland(run.journal.events, working, count);
}
