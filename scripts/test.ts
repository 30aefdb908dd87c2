import { spawnSync } from 'node:child_process';
import { chmodSync, globSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

// Files that start databases or long children are heavy; two at a time is what a 2-core machine carries.
const files = process.argv.length > 2 ? process.argv.slice(2) : globSync('test/**/*.test.ts').sort();
// What the tests leave in the temporary folder goes with it, also when they were interrupted in the middle.
const temporary = mkdtempSync(join(tmpdir(), 'ralph-test-'));
// A database server that a test starts under another name has to get through to its own folder.
chmodSync(temporary, 0o711);
// The time limit ends what hangs. It must be far from what the slowest test takes on the busiest machine.
const run = spawnSync(process.execPath, ['--test', '--test-concurrency=2', '--test-timeout=1800000', ...files], {
  stdio: 'inherit',
  env: {
    ...process.env,
    TMPDIR: temporary,
    DATABASE_URL: undefined,
    WANDB_API_KEY: undefined,
    RALPH_BASE_URL: undefined,
    RALPH_API_KEY: undefined,
  },
});
try {
  rmSync(temporary, { recursive: true, force: true, maxRetries: 20, retryDelay: 200 });
} catch {
  // A disk that a killed test left mounted there: not worth a failure.
}
process.exit(run.status ?? 1);
