import { spawnSync } from 'node:child_process';
import { chmodSync, globSync, mkdtempSync, rmSync } from 'node:fs';
import { devNull, tmpdir } from 'node:os';
import { join } from 'node:path';

// Files that start databases or long children are heavy; two at a time is what a 2-core machine carries.
const files = process.argv.length > 2 ? process.argv.slice(2) : globSync('test/**/*.test.ts').sort();
// What the tests leave in the temporary folder goes with it.
const temporary = mkdtempSync(join(tmpdir(), 'ralph-test-'));
// A database server that a test starts under another name has to get through to its own folder.
chmodSync(temporary, 0o711);
// The time limit ends what hangs. It must be far from what the slowest test takes on the busiest machine.
const run = spawnSync(process.execPath, ['--test', '--test-concurrency=2', '--test-timeout=1800000', ...files], {
  stdio: 'inherit',
  env: {
    ...process.env,
    TMPDIR: temporary,
    ...Object.fromEntries(strangers().map((name) => [name, undefined])),
    // The repositories that tests make are to be nobody's: no signing, hooks or templates of the person at the keyboard.
    GIT_CONFIG_GLOBAL: devNull,
    GIT_CONFIG_NOSYSTEM: '1',
  },
});
try {
  rmSync(temporary, { recursive: true, force: true, maxRetries: 20, retryDelay: 200 });
} catch {
  // A disk that a killed test left mounted there: not worth a failure.
}
process.exit(run.status ?? 1);

/** What the environment must not hand to a test: services, keys, options, and, inside of a git hook, the user's own repository. */
function strangers(): string[] {
  return Object.keys(process.env).filter((name) =>
    /^(DATABASE_URL|WANDB_|RALPH_(BASE_URL|API_KEY|FAILPOINT)|GIT_|PG[A-Z]+$|NODE_OPTIONS$|FORCE_COLOR$)/.test(name),
  );
}
