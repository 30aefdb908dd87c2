import { childrenOf } from '../../processes.ts';

/** Stops a process and all that it started, as a machine that goes to sleep does; returns how they go on. */
export function freeze(pid: number): () => void {
  const all: number[] = [];
  // It first: then it starts nothing more.
  for (const queue = [pid]; queue.length > 0; ) {
    const next = queue.shift()!;
    if (!send(next, 'SIGSTOP')) continue;
    all.push(next);
    queue.push(...childrenOf(next));
  }
  return () => {
    for (const each of all.reverse()) send(each, 'SIGCONT');
  };
}

function send(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}
