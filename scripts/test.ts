import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';

// Files that start databases or long children are heavy; two at a time is what a 2-core machine carries.
const files = process.argv.length > 2 ? process.argv.slice(2) : globSync('test/**/*.test.ts').sort();
const run = spawnSync(process.execPath, ['--test', '--test-concurrency=2', '--test-timeout=240000', ...files], {
  stdio: 'inherit',
  env: {
    ...process.env,
    DATABASE_URL: undefined,
    WANDB_API_KEY: undefined,
    RALPH_BASE_URL: undefined,
    RALPH_API_KEY: undefined,
  },
});
process.exit(run.status ?? 1);
