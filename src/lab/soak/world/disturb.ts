import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { childrenOf } from '../../processes.ts';
import { damageLive, LIVE_DAMAGES } from './damage.ts';
import { freeze } from './freeze.ts';
import { processesOf, type Role } from './processes.ts';
import type { Room } from './room.ts';
import type { World } from './world.ts';

/** What is done to a run from outside, now and then, in groups that a soak can choose from. */
export const DISTURBANCES = {
  processes: [
    'harness killed',
    'paused',
    'stopped and continued',
    'evaluation killed',
    'agent killed',
    'sender killed',
    'database killed',
    'any process killed',
  ],
  world: ['database refuses', 'model server down', 'tracker down'],
  clock: ['clock forward', 'clock back'],
  folders: LIVE_DAMAGES,
  disk: ['disk full'],
} as const;
export type Group = keyof typeof DISTURBANCES;
export const GROUPS = Object.keys(DISTURBANCES) as readonly Group[];
export type Disturbance = (typeof DISTURBANCES)[Group][number];

export interface Victim {
  /** The harness. */
  readonly pid: number;
  readonly runDir: string;
  readonly databaseDir: string | null;
  /** File by which its wall clock is shifted. */
  readonly clock: string;
  readonly world: World;
  /** Where its folder lies, when that can be filled. */
  readonly room: Room | null;
  readonly random: () => number;
}

/** Does it, and undoes what can be undone. False when there was nothing to do it to. */
export async function disturb(what: Disturbance, victim: Victim): Promise<boolean> {
  const { pid, world, random } = victim;
  const moment = 2000 + random() * 6000;
  switch (what) {
    case 'harness killed':
      return signal(pid, 'SIGKILL');
    case 'paused': {
      const file = join(victim.runDir, 'PAUSE');
      writeFileSync(file, '');
      await sleep(1000);
      rmSync(file, { force: true });
      return true;
    }
    case 'stopped and continued': {
      // Longer than an idle model may be, and than a beat of the harness's own watch may be late.
      const goOn = freeze(pid);
      await sleep(8000);
      goOn();
      return true;
    }
    case 'evaluation killed':
      return killOne(victim, 'evaluation', 5000);
    case 'agent killed':
      return killOne(victim, 'agent', 5000);
    case 'sender killed':
      return killOne(victim, 'sender', 5000);
    case 'database killed':
      return killOne(victim, 'database', 0);
    case 'any process killed': {
      const all = descendantsOf(pid);
      return all.length > 0 && signal(all[Math.floor(random() * all.length)], 'SIGKILL');
    }
    case 'disk full':
      if (victim.room === null) return false;
      victim.room.fill();
      await sleep(moment);
      victim.room.empty();
      return true;
    case 'database refuses':
      world.cutLine();
      await sleep(moment + 12_000);
      await world.joinLine();
      return true;
    case 'model server down':
      await world.stopModel();
      await sleep(moment);
      await world.startModel();
      return true;
    case 'tracker down':
      world.setTracker(false);
      await sleep(moment * 2);
      world.setTracker(true);
      return true;
    case 'clock forward':
    case 'clock back':
      writeFileSync(victim.clock, String((what === 'clock back' ? -1 : 1) * 3_600_000));
      await sleep(moment);
      rmSync(victim.clock, { force: true });
      return true;
    default:
      return damageLive(what, victim.runDir);
  }
}

/** Every process under the harness: compilers, git and commands too. */
function descendantsOf(pid: number): number[] {
  return childrenOf(pid).flatMap((child) => [child, ...descendantsOf(child)]);
}

/** Waits for such a process at most that long, since most live for moments, and kills it. */
async function killOne({ pid, databaseDir }: Victim, role: Role, patienceMs: number): Promise<boolean> {
  for (let waited = 0; ; waited += 25) {
    const found = processesOf(pid, databaseDir).find((each) => each.role === role);
    if (found) return signal(found.pid, 'SIGKILL');
    if (waited >= patienceMs) return false;
    await sleep(25);
  }
}

function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}
