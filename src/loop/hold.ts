import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { say } from '../base/terminal.ts';
import type { EventOf } from '../journal/events.ts';
import { stateOf } from '../journal/state/run-state.ts';
import { askedFrom, originOf } from './control.ts';
import type { Run } from './run.ts';

/** Returns at once, or when a person lets a held run go on. The journal notes once, for all islands, who held it and who let it go on. */
export async function whilePaused({ control, dir, journal }: Pick<Run, 'control' | 'dir' | 'journal'>): Promise<void> {
  const note = (request: EventOf<'run.steered'>['request'], from: EventOf<'run.steered'>['from']) => {
    const held = (stateOf(journal.events).steered ?? 'resume') !== 'resume';
    const known = (request === 'pause' && held) || (request === 'resume' && !held);
    if (!known) journal.append({ type: 'run.steered', request, from });
  };
  const ended = await control.whilePaused(() => {
    say(`paused${askedFrom(dir, 'PAUSE')}: remove the PAUSE file or run \`npm run ralph -- resume\``);
    // Left by a resume of a run that was not at work.
    rmSync(join(dir, 'RESUME'), { force: true });
    note('pause', originOf(join(dir, 'PAUSE')));
  });
  if (ended) note(ended.request, ended.from);
}
