import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { progress, say } from '../../base/draw/terminal.ts';
import { UsageError } from '../../base/errors.ts';
import { seededRandom } from '../../base/random.ts';
import { type Checker, type Memo, openChecker } from './checker.ts';
import { openHome } from './home.ts';
import type { SoakRecord } from './record.ts';
import { reportOn, type SoakReport } from './report.ts';
import { type Damaged, DEAD_DAMAGES, damageDead } from './world/damage.ts';
import { DISTURBANCES, type Disturbance, disturb, type Group, type Victim } from './world/disturb.ts';
import { handlesOf, processesOf, residentKb } from './world/processes.ts';
import { openRoom, type Room } from './world/room.ts';
import type { Subject } from './world/subject.ts';
import { openWorld, type World } from './world/world.ts';

const TAG = 'soak';
/** After so many ends that nobody asked for there is nothing more to learn. */
const MOST_SURPRISES = 5;
const CLOCK = join(import.meta.dirname, 'world/clock.mjs');

export interface SoakOptions {
  readonly task: 'trading' | 'light';
  /** A file of real bars in place of the simulated market. */
  readonly bars?: string;
  readonly cycles: number;
  /** Share of model answers and tracker requests that go wrong. */
  readonly faults: number;
  /** How long the model takes for an answer. */
  readonly answerSeconds: number;
  /** Mean seconds between kills of the harness, and between disturbances of any other kind. */
  readonly killEvery: number;
  readonly disturbEvery: number;
  /** What is done to the run. */
  readonly disturb: readonly Group[];
  readonly seed: number;
  /** Ends the run cleanly after that long, all stretches together, and reports what there is. */
  readonly minutes: number;
  /** Where its project lives and stays, to go on with after a kill of everything; without it in a folder that is removed at the end. */
  readonly dir?: string;
}

interface Soak {
  readonly options: SoakOptions;
  readonly subject: Subject;
  readonly world: World;
  readonly room: Room | null;
  readonly checker: Checker;
  readonly random: () => number;
  readonly record: SoakRecord;
  readonly clock: string;
  /** `performance.now()` at which it ends; a signal brings it forward. */
  end: number;
}

/** Runs one search for a long time in a world that fails it in every way, and says what was lost and what it cost. */
export async function endure(options: SoakOptions): Promise<SoakReport> {
  if (options.dir !== undefined && options.disturb.some((group) => group === 'folders' || group === 'disk'))
    throw new UsageError(
      'a soak with --dir may be killed at any moment, and what is done to folders and disk would not be taken back',
      {
        remedy: 'leave --dir out, or disturb processes, world and clock',
      },
    );
  const { subject, record, told, clock, close } = await openHome(options, TAG);
  const { counts } = record;
  // No stretch repeats what the one before went through.
  const later = counts.stretches - 1;
  const random = seededRandom(later === 0 ? options.seed : `${options.seed}/${later}`);
  const room = options.disturb.includes('disk') ? openRoom(join(subject.dir, 'runs')) : null;
  const keep = (memo: Memo) => record.add({ is: 'memo', memo });
  const checker = openChecker(subject.dir, TAG, subject.ledger, { memos: [...counts.memos], keep });
  const world = await openWorld({ subject, ...options, seed: options.seed + later, random, told });
  const end = performance.now() + options.minutes * 60_000 - record.seconds() * 1000;
  const soak: Soak = { options, subject, world, room, checker, random, record, clock, end };
  const endNow = () => {
    soak.end = performance.now();
  };
  process.once('SIGINT', endNow).once('SIGTERM', endNow);
  try {
    for (let done = performance.now() >= end, life = 1; !done; life++)
      done = await oneLife(soak, life, damageBetween(soak));
    // What was begun is ended before it is looked at.
    room?.empty();
    const report = await reportOn({ subject, world, counts, checker, tag: TAG, seconds: record.seconds });
    record.add({ is: 'end' });
    return report;
  } finally {
    process.off('SIGINT', endNow).off('SIGTERM', endNow);
    await world.close();
    room?.close();
    close();
  }
}

/** Something of the folder of a run that is down, damaged; null for most starts. */
function damageBetween({ options, subject, checker, random, record }: Soak): Damaged | null {
  if (record.counts.starts === 0) return null;
  checker.note();
  if (!options.disturb.includes('folders') || random() < 0.5) return null;
  const what = DEAD_DAMAGES[Math.floor(random() * DEAD_DAMAGES.length)];
  const damaged = damageDead(what, join(subject.dir, 'runs', TAG));
  if (damaged) record.add({ is: 'done', what });
  return damaged;
}

/** From one start of the harness to its end; true when the soak is over. */
async function oneLife(soak: Soak, life: number, damaged: Damaged | null): Promise<boolean> {
  const { options, subject, world, room, random, record, clock } = soak;
  record.add({ is: 'start' });
  // In turns: the database as its own keeper serves it, which can be killed, and through a line, which can be cut.
  const byLine = life % 2 === 0;
  if (byLine) await world.table(TAG);
  const child = execa(
    process.execPath,
    [
      ...['--import', CLOCK, 'ralph.ts', 'run', '--tag', TAG],
      ...['--cycles', String(options.cycles), '--seed', String(options.seed), '--config', subject.config],
    ],
    {
      cwd: subject.dir,
      reject: false,
      extendEnv: false,
      stdin: 'ignore',
      all: true,
      // Leader of a group, so that all of it can be stopped at once.
      detached: true,
      env: { PATH: process.env.PATH, HOME: subject.dir, RALPH_SOAK_CLOCK: clock, ...world.env(byLine) },
    },
  );
  let ended = false;
  child.finally(() => {
    ended = true;
  });
  const runDir = join(subject.dir, 'runs', TAG);
  const victim: Victim = { pid: child.pid!, runDir, databaseDir: subject.database, clock, world, room, random };
  // A start that has to refuse is left alone, so that it is the damage that ends it.
  const disturbing = damaged?.refused ? undefined : disturbUntil(soak, victim, () => ended, byLine);
  const sampling = sampleUntil(soak, victim, () => ended);
  while (!ended && performance.now() < soak.end) await Promise.race([child, sleep(500)]);
  if (!ended) child.kill('SIGTERM');
  const { exitCode, signal, all } = await child;
  await Promise.all([disturbing, sampling]);
  damaged?.undo();
  const said = String(all);
  const refused = exitCode === 1 && /^-> /m.test(said);
  const stack = /^ {4}at .*:\d+:\d+\)?$/m.test(said);
  if (damaged?.refused && refused && !stack) {
    record.add({ is: 'refusal' });
    return performance.now() >= soak.end;
  }
  const surprise = (what: string) => record.add({ is: 'surprise', what: `${what}: ${said.slice(-600)}` });
  if (damaged?.refused && performance.now() < soak.end) surprise('a damaged folder was accepted');
  if (stack) surprise('it showed a stack');
  if (exitCode === 0 || performance.now() >= soak.end) return true;
  // Exit 3 is the fault budget of one start: a person would start it again, and so does this.
  if (signal === 'SIGKILL' || exitCode === 3) return false;
  surprise(`ended with ${exitCode ?? signal}`);
  return record.counts.surprises.length >= MOST_SURPRISES;
}

/** One disturbance after the other at random times; what cannot befall this life is left out. */
async function disturbUntil(
  { options, random, record, subject }: Soak,
  victim: Victim,
  ended: () => boolean,
  byLine: boolean,
) {
  const impossible = new Set<Disturbance>(byLine ? ['database killed'] : ['database refuses']);
  if (subject.database === null) impossible.add('database refuses').add('database killed');
  const rare = options.disturb
    .flatMap((group): readonly Disturbance[] => DISTURBANCES[group])
    .filter((what) => what !== 'harness killed' && !impossible.has(what));
  const kills = options.disturb.includes('processes');
  if (rare.length === 0) return;
  const rest = (meanSeconds: number) => -Math.log(1 - random()) * meanSeconds * 1000;
  let killAt = kills ? performance.now() + rest(options.killEvery) : Number.POSITIVE_INFINITY;
  let next = performance.now() + rest(options.disturbEvery);
  while (!ended()) {
    await sleep(100);
    const now = performance.now();
    const what = now >= killAt ? 'harness killed' : now >= next ? rare[Math.floor(random() * rare.length)] : null;
    if (what === null || ended()) continue;
    if (await disturb(what, victim)) record.add({ is: 'done', what });
    if (what === 'harness killed') killAt = Number.POSITIVE_INFINITY;
    next = performance.now() + rest(options.disturbEvery);
  }
}

async function sampleUntil({ options, record, checker, subject }: Soak, victim: Victim, ended: () => boolean) {
  const show = progress();
  for (let said = performance.now(); !ended(); ) {
    const cycle = lastCycle(victim.runDir);
    for (const { role, pid } of processesOf(victim.pid, subject.database)) {
      const kb = residentKb(pid);
      if (kb > 0) record.add({ is: 'sample', role, cycle, kb, handles: handlesOf(pid), pid });
    }
    const line = `cycle ${cycle} of ${options.cycles}, start ${record.counts.starts}`;
    show(line);
    if (performance.now() - said > 60_000) {
      say(line);
      // Nothing damages the folders of a soak that has its own: what it says now, it has to say after a kill.
      if (options.dir !== undefined) checker.note();
      said = performance.now();
    }
    await sleep(500);
  }
  show();
}

function lastCycle(runDir: string): number {
  try {
    return Number(/^- cycles: (\d+)/m.exec(readFileSync(join(runDir, 'STATUS.md'), 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}
