import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { to } from 'pg-copy-streams';
import { residentMb } from '../../../src/backtest/box/memory.ts';
import { openDatabase } from '../../../src/market/database.ts';
import { KEEPER_FILE } from '../../../src/market/embedded/lease.ts';
import { emptyDatabase } from '../helpers/database.ts';

test('rows that were read do not stay in the process that keeps the database', {
  skip: existsSync('/proc/self/statm') ? false : 'this system does not say what a process holds',
}, async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'ralph-memory-'));
  t.after(() => rmSync(dir, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }));
  await emptyDatabase(dir);
  const db = await openDatabase({ dataDir: dir });
  const { pid } = JSON.parse(readFileSync(join(dir, 'db', KEEPER_FILE), 'utf8')) as { pid: number };
  const client = await db.pool.connect();
  t.after(async () => {
    client.release();
    await db.close();
  });
  const held: number[] = [];
  for (let i = 0; i < 8; i++) {
    for await (const _ of client.query(to('copy (select i from generate_series(1, 200000) i) to stdout')));
    held.push(residentMb(pid)!);
  }
  t.diagnostic(held.map(Math.round).join(' '));
  // The garbage of the first ones makes the process larger too. Kept, the rows of the last three are a quarter of a gigabyte.
  assert.ok(held[7] - held[4] < 130, held.map(Math.round).join(' '));
});
