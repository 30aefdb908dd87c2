import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { say } from '../../base/draw/terminal.ts';
import { type Island, islandLines, readIslandState } from '../../fleet/island/state.ts';
import { PLAIN, steadyWriter, strategySource } from '../scripted/writer.ts';
import { heldBack } from './held-back.ts';
import { type Found, type Lengths, openStage, secondsSince } from './stage.ts';

const CYCLES = 4;

/** Four cycles; in the session of each an island is cut off, has a wrong clock, is paused or has a full disk, before it charged anything. */
export async function islandLosses({ cut, pause }: Lengths): Promise<Found> {
  const model = heldBack(steadyWriter([strategySource(PLAIN)]));
  const stage = await openStage({ brain: model.brain, cycles: CYCLES });
  const { host, runDir, project, became } = stage;
  const state = () => readIslandState(runDir);
  const island = (where?: Parameters<typeof stage.island>[0]) => {
    const child = stage.island(where);
    const isIt = (name: string | null) => name?.endsWith(`:${child.pid}`) ?? false;
    return {
      child,
      seen: (): Partial<Island> => state()?.islands.find(({ name }) => isIt(name)) ?? {},
      holds: () => state()?.held.some(({ name }) => isIt(name)) ?? false,
    };
  };
  const there = (each: ReturnType<typeof island>) => became('it is there', () => each.seen().name !== undefined);
  const judged = (cycle: number) =>
    became(`cycle ${cycle} is judged`, () =>
      project.events('fleet').some((event) => event.type === 'verdict.given' && event.cycle === cycle),
    );
  try {
    const worker = stage.worker();
    say(`an island in a ${host.kind}, without network to the database for ${cut} s`);
    const far = island({ far: true });
    const running = stage.run();
    await became('it holds a session', () => model.asked(1) >= 1);
    host.cut();
    model.release(1);
    await sleep(cut * 1000);
    const stuck = state() && islandLines(state()!).find((line) => line.startsWith('STUCK'));
    const healed = performance.now();
    await host.heal();
    await became('it holds the session anew', () => model.asked(1) >= 2);
    const cutOff = { network: host.kind, stuck: stuck ?? null, secondsToHoldAgain: secondsSince(healed) };
    await judged(1);

    say('an island whose clock is an hour fast');
    await became('the second cycle began', () => model.asked(2) >= 1);
    const fast = island({ env: stage.hourFast() });
    await there(fast);
    far.child.kill('SIGINT');
    await became('it has the session', fast.holds);
    const other = island();
    await there(other);
    model.release(2);
    await judged(2);

    say(`an island that stands still for ${pause} s in its session`);
    await became('the third cycle began', () => model.asked(3) >= 1 && (fast.holds() || other.holds()));
    const [paused, next] = fast.holds() ? [fast, other] : [other, fast];
    paused.child.kill('SIGSTOP');
    model.release(3);
    const stopped = performance.now();
    await became('another one holds it', next.holds);
    const secondsToHoldElsewhere = secondsSince(stopped);
    await judged(3);
    await sleep(Math.max(0, pause * 1000 - (performance.now() - stopped)));
    paused.child.kill('SIGCONT');
    await became('it finds out', () => (paused.seen().lost ?? 0) >= 1);

    say('an island whose disk is full');
    const disk = stage.smallDisk();
    try {
      writeFileSync(join(disk, 'full'), Buffer.alloc(1 << 20));
    } catch {
      // As much as there is room for.
    }
    const full = island({ env: { TMPDIR: disk } });
    await there(full);
    for (const { child } of [fast, other]) child.kill('SIGINT');
    await became('it holds the last session', () => full.holds() && model.asked(4) >= 1);
    model.release(4);
    const run = await running;
    for (const child of [full.child, worker]) child.kill('SIGINT');
    const said = await Promise.all([far, fast, other, full].map(({ child }) => child));
    const held = { byWrongClock: model.asked(2), whilePaused: model.asked(3), withFullDisk: model.asked(4) };
    const compared = await stage.compare();
    const sessions = project.events('fleet').filter(({ type }) => type === 'session.ended').length;
    return {
      ok: run.exitCode === 0 && compared.verify.trials === CYCLES && compared.verify.cycles === CYCLES,
      ...compared,
      found: { cut: cutOff, paused: { secondsToHoldElsewhere }, timesHeld: held, sessionsInTheJournal: sessions },
      said: [run, ...said].map(({ all }) => String(all)),
    };
  } finally {
    await stage.remove();
  }
}
