import { backoff } from '../base/backoff.ts';
import { messageOf } from '../base/errors.ts';
import { say } from '../base/terminal.ts';
import type { RalphEvent } from '../journal/events.ts';
import { type FaultClass, WorldFault } from '../task/world-fault.ts';
import type { Run } from './run.ts';

/** The run has met more faults in a row than its budget allows: it ends cleanly with exit code 3. */
export class FaultBudgetSpent extends Error {
  readonly fault: WorldFault;

  constructor(fault: WorldFault, faults: number) {
    super(`${faults} faults in a row, the last one ${fault.class} at ${fault.where}: ${fault.message}`);
    this.name = 'FaultBudgetSpent';
    this.fault = fault;
  }
}

/** The person asked to stop while a step was waiting for the world to come back. */
export class StoppedWhileWaiting extends Error {}

/** What waiting for the world needs of a run. */
export interface Waiting extends Pick<Run, 'faults' | 'config' | 'control'> {
  readonly journal: { append(event: RalphEvent): unknown };
}

/**
 * Runs a step; a fault of the world is journaled, waited out and the step repeated, at the cost of no trial and no streak. Throws
 * FaultBudgetSpent, StoppedWhileWaiting, or what is no fault.
 */
export async function withFaults<T>(run: Waiting, where: string, step: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      const value = await step();
      run.faults.inARow = 0;
      return value;
    } catch (thrown) {
      const fault = faultOf(thrown, where);
      if (fault === null) throw thrown;
      await waitOut(run, fault);
    }
  }
}

async function waitOut(run: Waiting, fault: WorldFault): Promise<void> {
  run.faults.inARow += 1;
  const { firstSeconds, mostSeconds } = run.config.faultBackoff;
  const retryInMs = 1000 * backoff(run.faults.inARow, firstSeconds, mostSeconds);
  const spent = run.faults.inARow >= run.config.budgets.faults;
  say(
    `fault ${fault.class} at ${fault.where}: ${fault.message}${spent ? '' : `; trying again in ${retryInMs / 1000} s`}`,
  );
  journalFault(run.journal, fault, { attempt: run.faults.inARow, retryInMs: spent ? 0 : retryInMs });
  if (spent) throw new FaultBudgetSpent(fault, run.faults.inARow);
  await run.control.rest(retryInMs);
  if (run.control.stopping() !== null) throw new StoppedWhileWaiting(fault.message);
}

/** Journals a fault that nothing waits for (attempt 0), or one that is about to be waited out; `status` shows both. */
export function journalFault(
  journal: Waiting['journal'],
  fault: WorldFault,
  { attempt, retryInMs } = { attempt: 0, retryInMs: 0 },
): void {
  const { class: kind, where, message } = fault;
  try {
    journal.append({ type: 'fault.occurred', class: kind, where, detail: message, attempt, retryInMs });
  } catch (unwritten) {
    // A full disk takes the journal with it: what was said at the terminal is all until there is room.
    say(`the fault could not be journaled either: ${messageOf(unwritten)}`);
  }
}

const CLASS_BY_CODE: Record<string, FaultClass> = {
  ENOSPC: 'disk_full',
  EDQUOT: 'disk_full',
  ENOMEM: 'out_of_memory',
  EAGAIN: 'out_of_memory',
  EMFILE: 'out_of_memory',
  ENFILE: 'out_of_memory',
  // An evaluation or a session process that somebody else killed.
  EKILLED: 'out_of_memory',
  EASLEEP: 'asleep',
  EIO: 'disk_error',
  EROFS: 'disk_error',
  ECONNREFUSED: 'connection',
  ECONNRESET: 'connection',
  EPIPE: 'connection',
  ETIMEDOUT: 'connection',
  // PostgreSQL: admin shutdown, crash shutdown, cannot connect now, too many connections, disk full.
  '57P01': 'database_down',
  '57P02': 'database_down',
  '57P03': 'database_down',
  '53300': 'database_down',
  '53100': 'disk_full',
};

/** The fault behind an error, following its causes, or null when the error is ours. */
export function faultOf(thrown: unknown, where: string): WorldFault | null {
  for (let at: unknown = thrown, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    if (at instanceof WorldFault) return at;
    const known = CLASS_BY_CODE[(at as NodeJS.ErrnoException).code ?? ''];
    if (known) return new WorldFault(known, where, messageOf(thrown), { cause: thrown });
  }
  return null;
}
