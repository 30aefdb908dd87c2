import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { to } from 'pg-copy-streams';
import { openDatabase } from '../../../src/market/database.ts';
import { emptyDatabase } from '../helpers/database.ts';

const KEEPER = new URL('../../../src/market/embedded/keeper.ts', import.meta.url);
/** Rows that are kept fill it in the third of eight reads. What a process holds depends on when its garbage is taken; this does not. */
const HEAP_MB = 192;

test('rows that were read do not stay in the process that keeps the database', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'ralph-memory-'));
  await emptyDatabase(dir);
  const keeper = fork(KEEPER, [join(dir, 'db')], { execArgv: [`--max-old-space-size=${HEAP_MB}`], stdio: 'ignore' });
  await once(keeper, 'message');
  const db = await openDatabase({ dataDir: dir });
  const client = await db.pool.connect();
  t.after(async () => {
    client.release();
    await db.close();
    keeper.kill('SIGKILL');
    rmSync(dir, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  });
  for (let i = 0; i < 8; i++)
    for await (const _ of client.query(to('copy (select i from generate_series(1, 200000) i) to stdout')));
});
