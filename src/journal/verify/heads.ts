import { RalphError } from '../../base/errors.ts';
import type { CycleCommit } from '../git/branch.ts';
import type { Head } from '../lines.ts';
import type { RunState } from '../state/run-state.ts';

/** What the branch says was in the journal and is not. */
export interface LostHistory {
  readonly problem: string;
  /** The newest cycle, and the trials and looks, that the branch knows and the journal does not. */
  readonly cycle: number;
  readonly trials: number;
  readonly looks: number;
}

/**
 * Compares the head of the journal with the one that the newest commit of the branch was made under. Null when the journal still holds that
 * event, or when the difference was accepted before.
 */
export function lostHistory(
  state: RunState,
  head: Head,
  commits: ReadonlyMap<number, CycleCommit>,
): LostHistory | null {
  const known = [...commits].filter(([cycle, { head: then }]) => then !== null && cycle > state.acceptedCycle);
  const last = known.at(-1);
  if (!last) return null;
  const [cycle, { head: then, spent, commit }] = last;
  const { seq, hash } = then!;
  const now = seq === head.seq ? head.hash : state.events[seq]?.prev;
  if (now === hash) return null;
  const lost = known.map(([each]) => each).filter((each) => !state.byCycle.get(each)?.verdict);
  const cycles = lost.length > 0 ? `cycles ${lost.join(', ')}` : 'no whole cycle';
  const made = `commit ${commit.slice(0, 10)} of cycle ${cycle} was made at event ${seq}`;
  const problem =
    seq > head.seq
      ? `${made} and the journal ends at event ${head.seq}: events ${head.seq + 1} to ${seq} are missing, with ${cycles}`
      : `${made}, and event ${seq} of the journal is not the one of then: the journal was rewritten (${cycles} missing)`;
  return {
    problem,
    cycle,
    trials: Math.max(0, spent.trials - state.n),
    looks: Math.max(0, spent.looks - state.lookCount),
  };
}

/** Refuses a journal that lost something which the branch still shows. */
export function refuseLost(journal: string, { problem }: LostHistory): never {
  throw new RalphError(`${journal}: ${problem}`, {
    remedy:
      'Restore that file from a backup; or go on without what is lost: run --accept "why" (its trials and looks still count, and no result ' +
      'from before is compared); or choose another --tag.',
  });
}
