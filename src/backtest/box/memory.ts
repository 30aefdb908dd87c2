import { readFileSync, statSync } from 'node:fs';
import { attempt } from '../../base/attempt.ts';

/** Resident memory of a process in MB; null when it is gone or the system does not say (not Linux). */
export function residentMb(pid: number | undefined): number | null {
  // A process that has ended and was not collected yet has none.
  const found = /VmRSS:\s+(\d+)/.exec(attempt(() => readFileSync(`/proc/${pid}/status`, 'utf8')) ?? '');
  return found ? Number(found[1]) / 1024 : null;
}

/** What Node itself holds before the first line of a program. */
const NODE_MB = 80;

/**
 * What an evaluation process holds, in MB, when its candidate rather than its neighbours is why memory ran out: its whole heap, and
 * its windows with a few indicators over them. Its own limits, which end it with another signal, lie above that.
 */
export function earnedMb(heapMb: number, windowFiles: readonly string[]): number {
  return NODE_MB + heapMb + 4 * (windowFiles.reduce((sum, path) => sum + statSync(path).size, 0) / 1e6);
}
