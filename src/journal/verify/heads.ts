import { RalphError } from '../../base/errors.ts';
import type { Head } from '../../base/hash.ts';
import type { CycleCommit } from '../git/branch.ts';
import type { RunState } from '../state/run-state.ts';

/** What a witness beside the journal says was in it and is not. */
export interface LostHistory {
  readonly problem: string;
  /** The newest cycle, and the trials and looks, that the witness knows and the journal does not. */
  readonly cycle: number;
  readonly trials: number;
  readonly looks: number;
}

/** Where the journal stood when the ledger last charged a trial of the run, or noted what the holdout answered to one. */
export interface Charged extends Head {
  readonly trial: string;
  readonly answered?: string;
}

/** Whether the journal still holds that event. */
function holds(state: RunState, head: Head, { seq, hash }: Head): boolean {
  return hash === (seq === head.seq ? head.hash : state.events[seq]?.prev);
}

/** Compares the journal with the head in the branch's newest commit. Null when the journal holds that event, or the loss was accepted before. */
export function lostHistory(
  state: RunState,
  head: Head,
  commits: ReadonlyMap<number, CycleCommit>,
): LostHistory | null {
  const known = [...commits].filter(([cycle, { head: then }]) => then !== null && cycle > state.acceptedCycle);
  const last = known.at(-1);
  if (!last) return null;
  const [cycle, { head: then, spent, commit }] = last;
  const { seq } = then!;
  if (holds(state, head, then!)) return null;
  const lost = known.map(([each]) => each).filter((each) => !state.byCycle.get(each)?.verdict);
  const cycles = lost.length > 0 ? `cycles ${lost.join(', ')}` : 'no whole cycle';
  const made = `commit ${commit.slice(0, 10)} of cycle ${cycle} was made at event ${seq}`;
  return {
    problem: whatIsLost(made, seq, head) + (seq > head.seq ? `, with ${cycles}` : ` (${cycles} missing)`),
    cycle,
    trials: Math.max(0, spent.trials - state.n),
    looks: Math.max(0, spent.looks - state.lookCount),
  };
}

/** The same by the ledger, which knows a trial before any commit does. What it charged still counts there; that cycle's number is not reused. */
export function lostCharge(state: RunState, head: Head, charged: Charged | undefined): LostHistory | null {
  const cycle = Number.parseInt(charged?.trial ?? '', 10) || 0;
  if (!charged || charged.seq === 0 || cycle <= state.acceptedCycle || holds(state, head, charged)) return null;
  const { seq, trial, answered } = charged;
  const did = answered === undefined ? `charged trial ${trial}` : `noted what the holdout said of trial ${answered}`;
  const problem = whatIsLost(`the ledger ${did} at event ${seq}`, seq, head);
  return { problem, cycle, trials: 0, looks: 0 };
}

/** `made` is what a witness says was done at event `seq`, which the journal does not hold. */
function whatIsLost(made: string, seq: number, head: Head): string {
  return seq > head.seq
    ? `${made} and the journal ends at event ${head.seq}: events ${head.seq + 1} to ${seq} are missing`
    : `${made}, and event ${seq} of the journal is not the one of then: the journal was rewritten`;
}

/** Both together; null when neither misses anything. */
export function lostToBoth(a: LostHistory | null, b: LostHistory | null): LostHistory | null {
  if (!a || !b) return a ?? b;
  return { ...a, problem: `${a.problem}; ${b.problem}`, cycle: Math.max(a.cycle, b.cycle) };
}

/** Refuses a journal that lost something which a witness still shows. */
export function refuseLost(journal: string, { problem }: LostHistory): never {
  throw new RalphError(`${journal}: ${problem}`, {
    remedy:
      'Restore that file from a backup; or rebuild what can be proven: verify --repair; or go on without what is lost: run --accept "why" ' +
      '(its trials and looks still count, and no result from before is compared); or choose another --tag.',
  });
}
