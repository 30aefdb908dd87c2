import { attempt } from './attempt.ts';

/** Ends a process group by its leader's number at once; one that is gone, or was never started, is none. */
export function killGroup(pid: number | undefined): void {
  if (pid !== undefined) attempt(() => process.kill(-pid, 'SIGKILL'));
}
