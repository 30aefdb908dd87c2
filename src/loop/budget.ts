import { EXIT, type ExitCode } from '../base/errors.ts';
import { stateOf } from '../journal/state/run-state.ts';
import { askedFrom } from './control.ts';
import type { Run } from './run.ts';

export interface Stop {
  readonly reason: string;
  readonly exitCode: ExitCode;
}

/** Why the loop must not start (or go on with) this cycle, or null. Asked before anything is spent. */
export function whyStop(run: Run, cycle: number, wanted: number | null): Stop | null {
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
