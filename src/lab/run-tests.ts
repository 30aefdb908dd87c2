import { chmodSync, globSync, mkdtempSync, rmSync } from 'node:fs';
import { devNull, tmpdir } from 'node:os';
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
  'test/verbs/kept.test.ts',
  'test/verbs/tuned.test.ts',
  'test/tracking/wandb.test.ts',
  'test/task/trading/forward/real.test.ts',
  'test/lab/projects.test.ts',
];

/**
 * Runs test files, all of `test/` without any named, in an environment of their own: no services, keys or git settings of the user. Sets
 * the exit code.
 */
export function runTests(named: readonly string[]): void {
  // Removed at the end, with everything that tests left in it.
  const temporary = mkdtempSync(join(tmpdir(), 'ralph-test-'));
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
    // Twice the cores of the smallest machine: half of what a file takes it spends waiting for its children.
    concurrency: 4,
    // The time limit ends what hangs. It must be far from what the slowest file takes on the busiest machine.
    timeout: 1_800_000,
  })
    .on('test:summary', ({ file, success }) => {
      if (file === undefined && success) process.exitCode = 0;
    })
    .compose(new spec())
    .pipe(process.stdout);
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
