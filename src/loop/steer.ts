import { rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { EXIT, type ExitCode } from '../base/errors.ts';
import { writeFileAtomic } from '../base/files.ts';
import { say } from '../base/terminal.ts';
import { runFolder } from '../journal/folder.ts';
import { lockHolder } from '../journal/lock.ts';

const SAID = {
  pause: 'holds at its next step',
  resume: 'may go on',
  step: 'does one cycle and holds again',
  stop: 'ends at its next step',
} as const;

/** What becomes of the wish when no harness is at work on the run. */
const IDLE = {
  pause: ' once it is started again; nobody works on it now',
  resume: '; nobody works on it now: start it with `npm run ralph -- run`',
  step: ' once it is started; nobody works on it now',
  stop: '; nobody works on it now, and a new start removes the wish',
} as const;

/** The verb that asks a run from outside to hold, go on, do one cycle or end; the run obeys at its next step. */
export function steerVerb(projectDir: string, wish: keyof typeof SAID): (args: string[]) => Promise<ExitCode> {
  return async (args) => {
    const { values } = parseArgs({ args, options: { tag: { type: 'string' } } });
    const dir = runFolder(join(projectDir, 'runs'), values.tag);
    if (wish === 'resume') rmSync(join(dir, 'PAUSE'), { force: true });
    if (wish === 'pause' || wish === 'step') writeFileAtomic(join(dir, 'PAUSE'), '');
    if (wish === 'step' || wish === 'stop') writeFileAtomic(join(dir, wish.toUpperCase()), '');
    say(`run ${basename(dir)} ${SAID[wish]}${lockHolder(dir) ? '' : IDLE[wish]}`);
    return EXIT.done;
  };
}
