import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { EXIT, type ExitCode, RalphError } from '../../base/errors.ts';
import { print, printJson, say } from '../../base/terminal.ts';
import type { Host as Seen } from '../../fleet/run/hosts.ts';
import { readFleetState } from '../../fleet/run/state.ts';
import { verifyRun } from '../../journal/verify/verify.ts';
import { amount, flag } from '../../verbs/table/options.ts';
import type { Values, Verb } from '../../verbs/table/verb.ts';
import { missingServer, startRealServer } from '../real-server.ts';
import { steadyWriter } from '../scripted/writer.ts';
import { startModelServer } from '../server/serve.ts';
import { environmentOf } from '../template.ts';
import { until } from '../until.ts';
import { type Host, openHost } from './hosts.ts';
import { differences, FOLLOWING, makeServerProject } from './project.ts';

export const LOSSES = {
  does: 'one trial whose workers are cut off, have a wrong clock, are paused and have a full disk; then the same trial in one process',
  options: {
    cut: amount('seconds without network', { default: 60 }),
    pause: amount('seconds for which a worker stands still', { default: 15 }),
    json: flag('one JSON value on stdout'),
  },
} as const satisfies Verb;

const PORT = 31_877;
/** Enough work for all losses one after the other. */
const SURROGATES = 2_500;
const HOUR_MS = 3_600_000;

/** What a run on a real PostgreSQL makes of each loss. Exit code 1 when it found anything else than one process does. */
export async function losses({ cut, pause, json }: Values<typeof LOSSES.options>): Promise<ExitCode> {
  const missing = missingServer();
  if (missing !== false) throw new RalphError(missing, { remedy: 'See src/lab/README.md.' });
  const server = startRealServer(PORT);
  const host = await openHost(PORT);
  const urlAt = (place: Pick<Host, 'address' | 'port'>) =>
    `postgresql://ralph:ralph@${place.address}:${place.port}/ralph`;
  const here = urlAt({ address: '127.0.0.1', port: PORT });
  const alone = `postgresql://admin:admin@127.0.0.1:${PORT}/empty`;
  const project = await makeServerProject([here, alone], SURROGATES);
  const disk = join(project.dir, '.data/small');
  const model = await startModelServer({ brain: steadyWriter([FOLLOWING]), seed: 1, faults: { rate: 0 } });
  const runDir = join(project.dir, 'runs/fleet');
  const children: { kill(signal: 'SIGKILL'): boolean }[] = [];
  const args = (tag: string) => ['run', '--tag', tag, '--seed', '1', '--cycles', '1', '--config', `config/${tag}`];
  const env = (url: string) => ({ DATABASE_URL: url, RALPH_BASE_URL: model.baseUrl });
  try {
    const island = project.ralph(['island', '--config', 'config/test'], env(here));
    const running = project.ralph(args('fleet'), env(here));
    children.push(island, running);
    let over: string | undefined;
    void running.then(({ all }) => {
      over = String(all);
    });
    const hosts = () => readFleetState(runDir)?.hosts ?? [];
    /** A worker, and what the run last saw of it. */
    const worker = (options: string[] = [], more: Record<string, string> = {}, prefix: readonly string[] = []) => {
      const { DATABASE_URL = here, ...others } = more;
      const command = [...prefix, process.execPath, 'ralph.ts', 'worker', '--processes', '1', ...options];
      const child = execa(command[0], command.slice(1), {
        ...{ cwd: project.dir, reject: false, extendEnv: false, all: true, stdin: 'ignore' },
        env: { ...environmentOf(project.dir), DATABASE_URL, ...others },
      });
      children.push(child);
      const seen = (): Partial<Seen> => hosts().find(({ name }) => name.endsWith(`:${child.pid}`)) ?? {};
      return { child, seen };
    };
    const became = (what: string, isSo: () => boolean) =>
      until(
        what,
        () => {
          if (over !== undefined && !isSo()) throw new Error(`the run ended before ${what}: ${over}`);
          return isSo();
        },
        100,
      );

    say(`a worker in a ${host.kind}, without network for ${cut} s`);
    const far = worker([], { DATABASE_URL: urlAt(host) }, host.prefix);
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
    const clock = join(project.dir, '.data/clock');
    writeFileSync(clock, String(HOUR_MS));
    const preload = `--import=${join(project.dir, 'src/lab/soak/clock.mjs')}`;
    const fast = worker([], { NODE_OPTIONS: preload, RALPH_SOAK_CLOCK: clock });
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
    const clocks = {
      jobsWithWrongClock: fast.seen().done ?? 0,
      lateAnswersIgnored: fast.seen().late ?? 0,
      pauses: tries,
    };

    say('a worker whose disk is full');
    mkdirSync(disk, { recursive: true });
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'ralph', disk]);
    const full = worker(['--dir', disk]);
    fast.child.kill('SIGINT');
    await became('it gives a job back', () => (full.seen().failed ?? 0) >= 1);
    const fullDisk = { jobsGivenBack: full.seen().failed ?? 0 };
    const last = worker();

    const run = await running;
    for (const { child } of [full, last]) child.kill('SIGINT');
    island.kill('SIGINT');
    const said = [...(await Promise.all([full, last, fast, far].map(({ child }) => child))), await island];
    const reason = /No space left|no space left|ENOSPC/.test(String(said[0].all));
    say('the same trial in one process');
    const single = await project.ralph(args('alone'), env(alone));
    const found = {
      ...{ cut: cutOff, clock: clocks, fullDisk: { ...fullDisk, saidWhy: reason } },
      faults: project.events('fleet').filter(({ type }) => type === 'fault.occurred').length,
      ...{
        exitCodes: [run.exitCode, single.exitCode],
        verify: await verifyRun(runDir),
        differences: differences(project),
      },
    };
    const ok = found.verify.ok && found.differences.length === 0 && found.clock.lateAnswersIgnored > 0 && reason;
    if (json) printJson({ ok, ...found });
    else print(JSON.stringify({ ok, ...found }, null, 2));
    if (!ok) say([run, ...said].map(({ all }) => all).join('\n'));
    return ok ? EXIT.done : EXIT.failed;
  } finally {
    for (const child of children) child.kill('SIGKILL');
    await model.close();
    try {
      execFileSync('umount', [disk], { stdio: 'ignore' });
    } catch {
      // It was not mounted.
    }
    host.remove();
    server.remove();
    await project.remove();
  }
}

function secondsSince(from: number): number {
  return Math.round((performance.now() - from) / 100) / 10;
}
