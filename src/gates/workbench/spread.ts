import type { BoxAnswer, BoxFailure } from '../../backtest/contract.ts';
import type { Job, Simulate, Workbench } from './workbench.ts';

/** Each lane takes the next job when it is done with one; answers in the order of the jobs. */
export async function spreadOver<T>(
  lanes: readonly Simulate[],
  jobs: readonly Job<T>[],
): Promise<BoxAnswer<readonly T[]>> {
  const done: T[] = [];
  let [next, failed]: [number, BoxFailure | undefined] = [0, undefined];
  const work = async (simulate: Simulate) => {
    while (next < jobs.length && !failed) {
      const at = next++;
      const answer = await jobs[at](simulate);
      if (answer.ok) done[at] = answer.value;
      else failed ??= answer;
    }
  };
  await Promise.all(lanes.map(work));
  return failed ?? { ok: true, value: done };
}

/** For a bench in this process: one job after the other, and every point allowed. */
export function inTurn(simulate: Simulate): Pick<Workbench, 'spread' | 'allowed'> {
  return {
    spread: (jobs) => spreadOver([simulate], jobs),
    allowed: async (points) => ({ ok: true, value: points.map(() => true) }),
  };
}
