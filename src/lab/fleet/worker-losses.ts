import { setTimeout as sleep } from 'node:timers/promises';
import { say } from '../../base/draw/terminal.ts';
import { readFleetState, type Host as Seen } from '../../fleet/run/state.ts';
import { steadyWriter } from '../scripted/writer.ts';
import { FOLLOWING } from './project.ts';
import { type Found, type Lengths, openStage, secondsSince } from './stage.ts';

/** Enough work for all losses one after the other. */
const SURROGATES = 2_500;

/** One trial whose workers are cut off, have a wrong clock, are paused and have a full disk. */
export async function workerLosses({ cut, pause }: Lengths): Promise<Found> {
  const stage = await openStage({ brain: steadyWriter([FOLLOWING]), cycles: 1, surrogates: SURROGATES });
  const { host, runDir, became } = stage;
  try {
    const island = stage.island();
    const running = stage.run();
    /** A worker, and what the run last saw of it. */
    const worker = (...asked: Parameters<typeof stage.worker>) => {
      const child = stage.worker(...asked);
      const seen = (): Partial<Seen> =>
        readFleetState(runDir)?.hosts.find(({ name }) => name.endsWith(`:${child.pid}`)) ?? {};
      return { child, seen };
    };

    say(`a worker in a ${host.kind}, without network for ${cut} s`);
    const far = worker([], { far: true });
    await became(
      'it evaluates surrogates',
      () => readFleetState(runDir)?.kinds.some(({ kind }) => kind === 'surrogates') ?? false,
    );
    host.cut();
    await sleep(cut * 1000);
    const stuck = readFleetState(runDir)?.stuck ?? null;
    const [healed, before] = [performance.now(), far.seen().done ?? 0];
    await host.heal();
    await became('it serves again', () => (far.seen().done ?? 0) > before);
    const cutOff = { network: host.kind, stuck, secondsToServeAgain: secondsSince(healed) };

    say('a worker whose clock is an hour fast');
    const fast = worker([], { env: stage.hourFast() });
    await became('it serves', () => (fast.seen().done ?? 0) >= 2);
    far.child.kill('SIGINT');

    say(`a worker that stands still for ${pause} s, longer than its lease`);
    let tries = 0;
    while ((fast.seen().late ?? 0) === 0 && tries < 5) {
      tries += 1;
      await became('it is at work', () => fast.seen().busy === 1);
      fast.child.kill('SIGSTOP');
      await sleep(pause * 1000);
      const at = Date.now();
      fast.child.kill('SIGCONT');
      await became('it is back', () => (readFleetState(runDir)?.at ?? 0) > at + 5_000);
    }
    const { done: jobsWithWrongClock = 0, late: lateAnswersIgnored = 0 } = fast.seen();

    say('a worker whose disk is full');
    const full = worker(['--dir', stage.smallDisk()]);
    fast.child.kill('SIGINT');
    await became('it gives a job back', () => (full.seen().failed ?? 0) >= 1);
    const jobsGivenBack = full.seen().failed ?? 0;
    const last = worker();

    const run = await running;
    for (const { child } of [full, last]) child.kill('SIGINT');
    island.kill('SIGINT');
    const said = [...(await Promise.all([full, last, fast, far].map(({ child }) => child))), await island];
    const saidWhy = /No space left|no space left|ENOSPC/.test(String(said[0].all));
    const compared = await stage.compare();
    return {
      ok: lateAnswersIgnored > 0 && saidWhy,
      ...compared,
      found: {
        cut: cutOff,
        clock: { jobsWithWrongClock, lateAnswersIgnored, pauses: tries },
        fullDisk: { jobsGivenBack, saidWhy },
      },
      said: [run, ...said].map(({ all }) => String(all)),
    };
  } finally {
    await stage.remove();
  }
}
