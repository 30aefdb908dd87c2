import { say } from '../base/draw/terminal.ts';
import { messageOf } from '../base/errors.ts';
import { backoff } from '../base/wait/backoff.ts';
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
  // A frozen window that an evaluation could not read again.
  ELOST: 'disk_error',
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

const BEAT_MS = 1000;
/** A beat that comes this much late was not kept back by work: the process, or the machine, stood still. */
const ASLEEP_MS = 5000;
/** Clocks are trimmed by fractions of a second all the time; more than this was a hand, or a sleep that stopped one of them. */
const JUMP_MS = 2000;

/** Tells of a process that stood still and of a wall clock that was set. Limits and budgets run by the steady clock. Returns how to end it. */
export function keepVigil(tell: (fault: WorldFault) => void): () => void {
  let [wall, steady] = [Date.now(), performance.now()];
  const beat = () => {
    const [wallNow, steadyNow] = [Date.now(), performance.now()];
    const [passed, late] = [wallNow - wall, steadyNow - steady];
    [wall, steady] = [wallNow, steadyNow];
    const fault = faultOfBeat(passed, late);
    if (!fault) return;
    say(`fault ${fault.class}: ${fault.message}`);
    tell(fault);
  };
  const timer = setInterval(beat, BEAT_MS);
  timer.unref();
  return () => clearInterval(timer);
}

/** What a beat says of the world, after so many ms by the wall clock and by the steady one; null when all is well. */
function faultOfBeat(wallMs: number, steadyMs: number): WorldFault | null {
  const jump = wallMs - steadyMs;
  const seconds = (ms: number) => `${(Math.abs(ms) / 1000).toFixed(0)} s`;
  if (Math.abs(jump) > JUMP_MS) {
    const what =
      jump > 0
        ? `went forward by ${seconds(jump)}: it was set, or the machine slept`
        : `went back by ${seconds(jump)}: times in the journal repeat, its order is that of its numbers`;
    return new WorldFault('clock', 'the clock', `the clock ${what}`);
  }
  if (steadyMs - BEAT_MS > ASLEEP_MS)
    return new WorldFault(
      'asleep',
      'the harness',
      `stood still for ${seconds(steadyMs)}; nothing was charged for that`,
    );
  return null;
}
