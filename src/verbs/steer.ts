import { rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { say } from '../base/draw/terminal.ts';
import { writeFileAtomic } from '../base/files.ts';
import { runFolder } from '../journal/folder.ts';
import { lockHolder } from '../journal/lock.ts';
import { RUNS } from './run.ts';
import type { Handler } from './table/table.ts';

const SAID = {
  pause: 'holds at its next step',
  resume: 'may go on',
  step: 'does one cycle and holds again',
  stop: 'ends at its next step',
} as const;

export type Steering = keyof typeof SAID;

/** What becomes of the request while the run is not active. */
const IDLE = {
  pause: ' once it is started; it is not active now',
  resume: '; it is not active now: start it with `npm run ralph -- run`',
  step: ' once it is started; it is not active now',
  stop: '; it is not active now, and starting it will discard this request',
} as const;

export const pause: Handler<'pause'> = async ({ tag }) => steer('pause', tag);
export const resume: Handler<'resume'> = async ({ tag }) => steer('resume', tag);
export const step: Handler<'step'> = async ({ tag }) => steer('step', tag);
export const stop: Handler<'stop'> = async ({ tag }) => steer('stop', tag);

function steer(request: Steering, tag: string | undefined): void {
  say(askRun(runFolder(RUNS, tag), request, ''));
}

/**
 * Asks a run from outside to hold, go on, do one cycle or end; the run obeys at its next step. The files hold who asked (`from`), empty for
 * the command line. Returns what comes of it.
 */
export function askRun(dir: string, request: Steering, from: string): string {
  if (request === 'resume') {
    if (lockHolder(dir)) writeFileAtomic(join(dir, 'RESUME'), from);
    rmSync(join(dir, 'PAUSE'), { force: true });
  }
  if (request === 'pause' || request === 'step') writeFileAtomic(join(dir, 'PAUSE'), from);
  if (request === 'step' || request === 'stop') writeFileAtomic(join(dir, request.toUpperCase()), from);
  return `run ${basename(dir)} ${SAID[request]}${lockHolder(dir) ? '' : IDLE[request]}`;
}
