import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { say } from '../../base/draw/terminal.ts';
import { RalphError } from '../../base/errors.ts';
import { verifyRun } from '../../journal/verify/verify.ts';
import { missingServer, startRealServer } from '../real-server.ts';
import type { Brain } from '../server/brain.ts';
import { startModelServer } from '../server/serve.ts';
import { environmentOf } from '../template.ts';
import { until } from '../until.ts';
import { openHost } from './hosts.ts';
import { differences, hourFast, makeServerProject } from './project.ts';

interface Setting {
  readonly brain: Brain;
  readonly cycles: number;
  readonly surrogates?: number;
}

interface Where {
  /** In the host that can be cut off. */
  readonly far?: boolean;
  readonly env?: Readonly<Record<string, string>>;
}

const PORT = 31_877;

/** Where a fleet loses what it can lose: a real PostgreSQL, a host that can be cut off, a model server, a project. */
export async function openStage({ brain, cycles, surrogates }: Setting) {
  const missing = missingServer();
  if (missing !== false) throw new RalphError(missing, { remedy: 'See src/lab/README.md.' });
  const server = startRealServer(PORT);
  const model = await startModelServer({ brain, seed: 1, faults: { rate: 0 } });
  const host = await openHost(PORT, Number(new URL(model.baseUrl).port));
  const urlAt = (address: string, port: number) => `postgresql://ralph:ralph@${address}:${port}/ralph`;
  const here = urlAt('127.0.0.1', PORT);
  const alone = `postgresql://admin:admin@127.0.0.1:${PORT}/empty`;
  const project = await makeServerProject([here, alone], surrogates);
  const runDir = join(project.dir, 'runs/fleet');
  const disk = join(project.dir, '.data/small');
  const children: { kill(signal: 'SIGKILL'): boolean }[] = [];
  const argsOf = (tag: string) => [
    ...['run', '--tag', tag, '--seed', '1', '--cycles', String(cycles)],
    ...['--config', `config/${tag}`],
  ];
  let over: string | undefined;

  const start = (args: readonly string[], { far = false, env = {} }: Where = {}) => {
    const modelUrl = far ? `http://${host.beside.address}:${host.beside.port}/v1` : model.baseUrl;
    const [program, ...rest] = [...(far ? host.prefix : []), process.execPath, 'ralph.ts', ...args];
    const child = execa(program, rest, {
      cwd: project.dir,
      reject: false,
      extendEnv: false,
      all: true,
      stdin: 'ignore',
      env: {
        ...environmentOf(project.dir),
        RALPH_BASE_URL: modelUrl,
        DATABASE_URL: far ? urlAt(host.address, host.port) : here,
        ...env,
      },
    });
    children.push(child);
    return child;
  };
  return {
    host,
    project,
    runDir,
    start,
    worker: (options: readonly string[] = [], where?: Where) =>
      start(['worker', '--processes', '1', ...options], where),
    island: (where?: Where) => start(['island', '--config', 'config/test'], where),
    /** Starts the run, which must not end before what is waited for. */
    run() {
      const running = start(argsOf('fleet'));
      void running.then(({ all }) => {
        over = String(all);
      });
      return running;
    },
    became: (what: string, isSo: () => boolean) =>
      until(
        what,
        () => {
          if (over !== undefined && !isSo()) throw new Error(`the run ended before ${what}: ${over}`);
          return isSo();
        },
        100,
      ),
    hourFast: () => hourFast(project.dir),
    /** A folder on a disk of 64 kB. */
    smallDisk(): string {
      mkdirSync(disk, { recursive: true });
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'ralph', disk]);
      return disk;
    },
    /** Plays the same in one process and says in what that differs. */
    async compare() {
      say('the same in one process');
      const single = await project.ralph(argsOf('alone'), { DATABASE_URL: alone, RALPH_BASE_URL: model.baseUrl });
      return {
        faults: project.events('fleet').filter(({ type }) => type === 'fault.occurred').length,
        exitCode: single.exitCode,
        verify: await verifyRun(runDir),
        differences: differences(project),
      };
    },
    async remove() {
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
    },
  };
}

export type Stage = Awaited<ReturnType<typeof openStage>>;

export interface Lengths {
  /** Seconds. */
  readonly cut: number;
  readonly pause: number;
}

export type Found = Awaited<ReturnType<Stage['compare']>> & {
  /** Each loss was met as it should be. */
  readonly ok: boolean;
  readonly found: object;
  /** What the processes printed. */
  readonly said: readonly string[];
};

export function secondsSince(from: number): number {
  return Math.round((performance.now() - from) / 100) / 10;
}
