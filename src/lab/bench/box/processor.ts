import { readdirSync, readFileSync } from 'node:fs';

/**
 * Milliseconds that this process and its children have run on a processor, threads included: on a shared machine still ours alone. Where the
 * system does not say it of children (not Linux), the time on the clock.
 */
function processorMs(): number {
  try {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000 + childrenMs('self');
  } catch {
    return performance.now();
  }
}

function childrenMs(pid: string): number {
  const tasks = readdirSync(`/proc/${pid}/task`);
  const children = tasks.flatMap((task) => words(`/proc/${pid}/task/${task}/children`));
  return children.reduce((sum, child) => sum + runMs(child) + childrenMs(child), 0);
}

/** The first number of `schedstat` is time on a processor in ns. */
function runMs(pid: string): number {
  const tasks = readdirSync(`/proc/${pid}/task`);
  return tasks.reduce((sum, task) => sum + Number(words(`/proc/${pid}/task/${task}/schedstat`)[0]) / 1e6, 0);
}

function words(path: string): string[] {
  return readFileSync(path, 'utf8').split(/\s+/).filter(Boolean);
}

/**
 * The least disturbed of some rounds of each, in turn, so that a noisy minute hits all: milliseconds by processor time. Each is run
 * `warmup` times first.
 */
export async function inTurn(
  each: readonly (() => unknown)[],
  { warmup, rounds }: { readonly warmup: number; readonly rounds: number },
): Promise<number[]> {
  const best = each.map(() => Infinity);
  for (let i = 0; i < warmup; i++) for (const run of each) await run();
  for (let round = 0; round < rounds; round++) {
    for (const [i, run] of each.entries()) {
      const before = processorMs();
      await run();
      best[i] = Math.min(best[i], processorMs() - before);
    }
  }
  return best;
}
