import { readdirSync, readFileSync } from 'node:fs';

/** For tests that look at other processes: they are skipped, and say so, where there is no /proc to look into. */
export const needsProc = {
  skip: commandOf(process.pid) === '' ? 'this system does not show processes under /proc' : false,
};

/** Processes that a process started and that were not waited for yet. */
export function childrenOf(pid: number): number[] {
  const listed = read(`/proc/${pid}/task/${pid}/children`);
  if (listed !== null) return listed.split(' ').filter(Boolean).map(Number);
  // A kernel that keeps no such list: the parent stands in the fourth field, behind a name that may hold anything.
  const parentOf = (child: string) => Number(read(`/proc/${child}/stat`)?.split(') ').at(-1)?.split(' ')[1]);
  return readdir('/proc')
    .filter((name) => /^\d+$/.test(name) && parentOf(name) === pid)
    .map(Number);
}

/** Processor time of a process and of all below it, those that have ended included, in ms. */
export function processorMs(pid: number): number {
  // User and system time of its own, and of children that were waited for.
  return childrenOf(pid).reduce((sum, child) => sum + processorMs(child), timesOf(pid, 4));
}

/** Processor time of a process alone, in ms. */
export function ownProcessorMs(pid: number): number {
  return timesOf(pid, 2);
}

function timesOf(pid: number, count: number): number {
  const fields = read(`/proc/${pid}/stat`)?.split(') ').at(-1)?.split(' ') ?? [];
  // In hundredths of a second.
  return fields.slice(11, 11 + count).reduce((sum, ticks) => sum + Number(ticks) * 10, 0);
}

/** The most memory that a process has held, in MB; 0 where the system does not say. */
export function peakMbOf(pid: number): number {
  return Number(/VmHWM:\s+(\d+)/.exec(read(`/proc/${pid}/status`) ?? '')?.[1] ?? 0) / 1024;
}

/** Command line of a process; empty when it is gone. */
export function commandOf(pid: number): string {
  return (read(`/proc/${pid}/cmdline`) ?? '').replaceAll('\0', ' ');
}

/**
 * Whether a process lives. One that has ended and was not waited for does not: in a container whose first process waits for
 * nobody, orphans stay like that for ever.
 */
export function isAlive(pid: number): boolean {
  if (needsProc.skip === false) {
    const status = read(`/proc/${pid}/status`);
    return status !== null && !/^State:\s+[ZX]/m.test(status);
  }
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

function read(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

function readdir(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}
