import { spawnSync } from 'node:child_process';
import { chmodSync, globSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { devNull, freemem, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { TEMPLATES } from './template.ts';

/** The files that take longest, mostly by waiting: they begin first, so that none of them runs alone at the end. */
const LONG = [
  'test/package/pack.test.ts',
  'test/loop/world.test.ts',
  'test/loop/first-light.test.ts',
  'test/lab/failpoints/failpoints.test.ts',
  'test/lab/playback/replay.test.ts',
  'test/lab/demo.test.ts',
  'test/search/memory/repeats.test.ts',
  'test/lab/calibrate/calibrate.test.ts',
  'test/gates/windows-edited.test.ts',
  'test/backtest/box/leaks.test.ts',
  'test/backtest/box/hostile.test.ts',
];

const SHARED_MEMORY = '/dev/shm';
/** Several times what the tests of one moment hold: projects with their databases, files of bars. */
const ROOM_BYTES = 10e9;

/**
 * Runs test files, all of `test/` without any named, in an environment of their own: no services, keys or git settings of the user. Sets
 * the exit code.
 */
export function runTests(named: readonly string[]): void {
  // Removed at the end, with everything that tests left in it.
  const temporary = temporaryFolder();
  // A database server that a test starts under another name has to get through to its own folder.
  chmodSync(temporary, 0o711);
  process.on('exit', () => {
    try {
      rmSync(temporary, { recursive: true, force: true, maxRetries: 20, retryDelay: 200 });
    } catch {
      // A disk that a killed test left mounted there: not worth a failure.
    }
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));

  for (const name of inherited()) delete process.env[name];
  Object.assign(process.env, {
    TMPDIR: temporary,
    // The repositories that tests make use no signing, hooks or templates of the user.
    GIT_CONFIG_GLOBAL: devNull,
    GIT_CONFIG_NOSYSTEM: '1',
    // Hundreds of processes load the same modules: all but the first find them compiled.
    NODE_COMPILE_CACHE: join(temporary, 'compiled'),
    [TEMPLATES]: join(temporary, 'templates'),
  });

  // Failed, until all of them have passed.
  process.exitCode = 1;
  run({
    files: (named.length > 0 ? named : inOrder(globSync('test/**/*.test.ts'))).map((file) => resolve(file)),
    // Files that start databases or long children are heavy; two at a time is what a 2-core machine carries.
    concurrency: 2,
    // The time limit ends what hangs. It must be far from what the slowest file takes on the busiest machine.
    timeout: 1_800_000,
  })
    .on('test:summary', ({ file, success }) => {
      if (file === undefined && success) process.exitCode = 0;
    })
    .compose(new spec())
    .pipe(process.stdout);
}

/** Shared memory, where there is plenty of it: half of the waiting in tests is for disks that keep what is deleted a minute later. */
function temporaryFolder(): string {
  const make = (where: string) => mkdtempSync(join(where, 'ralph-test-'));
  if (freeBytes(SHARED_MEMORY) < ROOM_BYTES || freemem() < ROOM_BYTES) return make(tmpdir());
  const folder = make(SHARED_MEMORY);
  if (runsPrograms(folder)) return folder;
  rmSync(folder, { recursive: true });
  return make(tmpdir());
}

function freeBytes(folder: string): number {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  } catch {
    return 0;
  }
}

/** Containers often mount shared memory without the right to run programs from it. */
function runsPrograms(folder: string): boolean {
  const program = join(folder, 'program');
  writeFileSync(program, '#!/bin/sh\nexit 0\n', { mode: 0o755 });
  const { status } = spawnSync(program);
  rmSync(program);
  return status === 0;
}

function inOrder(files: string[]): string[] {
  const place = (file: string) => {
    const found = LONG.indexOf(file);
    return found < 0 ? LONG.length : found;
  };
  return files.sort().sort((a, b) => place(a) - place(b));
}

/** What a test must not inherit: services, keys, options, and, inside a git hook, the user's own repository. */
function inherited(): string[] {
  return Object.keys(process.env).filter((name) =>
    /^(DATABASE_URL|WANDB_|RALPH_(BASE_URL|API_KEY|FAILPOINT)|GIT_|PG[A-Z]+$|NODE_OPTIONS$|FORCE_COLOR$)/.test(name),
  );
}
