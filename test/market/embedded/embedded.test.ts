import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { isAlive } from '../../../src/lab/processes.ts';
import { until } from '../../../src/lab/until.ts';
import { openDatabase } from '../../../src/market/database.ts';
import { explainDatabaseError } from '../../../src/market/explain.ts';
import { simulateMarket } from '../../../src/market/simulate.ts';
import { lowerTrainCutoff } from '../../../src/market/store/freeze.ts';
import { storeBars } from '../../../src/market/store/store-bars.ts';
import { upsertTrials } from '../../../src/market/store/trials.ts';
import { sharedDatabase } from '../helpers/database.ts';

const { db, dir } = sharedDatabase();
const keeper = () => JSON.parse(readFileSync(join(dir(), 'db', 'keeper.json'), 'utf8'));

/** A process that opens the database of a folder and then waits; answers once it has it open. */
async function user(folder: string): Promise<ChildProcess> {
  const script = `
    const { openDatabase } = await import('./src/market/database.ts');
    const db = await openDatabase({ dataDir: ${JSON.stringify(folder)} });
    await db.pool.query('select 1');
    console.log('open');
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await new Promise((resolve, reject) => {
    child.stdout!.once('data', resolve);
    child.once('exit', (code, signal) => reject(new Error(`the user of the database ended with ${signal ?? code}`)));
  });
  return child;
}

test('a second process on the same folder shares the one keeper', async () => {
  const { pid } = keeper();
  const child = await user(dir());
  assert.equal(keeper().pid, pid);
  child.kill('SIGKILL');
  await sleep(600);
  assert.ok(isAlive(pid), 'the keeper stays while we use it');
});

test('the keeper closes the database when its last user was killed, and the folder opens again', async () => {
  const folder = join(dir(), 'other');
  const child = await user(folder);
  const { pid } = JSON.parse(readFileSync(join(folder, 'db', 'keeper.json'), 'utf8'));
  child.kill('SIGKILL');
  await until('the keeper has gone', () => !isAlive(pid));
  const again = await openDatabase({ dataDir: folder });
  assert.equal((await again.pool.query('select count(*)::int as n from ralph.migrations')).rows[0].n, 7);
  const second = JSON.parse(readFileSync(join(folder, 'db', 'keeper.json'), 'utf8')).pid;
  // what ends the keeper itself must not lose what was acknowledged
  await again.pool.query("insert into ralph.settings values ('kept', 'yes')");
  process.kill(second, 'SIGKILL');
  await assert.rejects(again.pool.query('select 1'), (error) => {
    assert.match(
      String(explainDatabaseError(error, again.url)),
      /connection to the database.*was lost|no database answers/,
    );
    return true;
  });
  await again.close();
  const third = await openDatabase({ dataDir: folder });
  assert.equal((await third.pool.query("select value from ralph.settings where key = 'kept'")).rows[0].value, 'yes');
  await third.close();
});

test('the passwords lie in a folder that only its owner may enter', () => {
  assert.equal(statSync(join(dir(), 'db')).mode & 0o777, 0o700);
});

test('a wrong password is refused, and said so without the password', async () => {
  const { port } = keeper();
  const url = `postgres://ralph:guess@127.0.0.1:${port}/postgres`;
  await assert.rejects(openDatabase({ dataDir: dir(), url }), (error: Error) => {
    assert.match(error.message, /refused the user or the password: password authentication failed for user "ralph"/);
    assert.doesNotMatch(error.message, /guess/);
    return true;
  });
});

test('a server that is not there is named, with what to do', async () => {
  const url = 'postgres://ralph:secret@127.0.0.1:1/postgres';
  await assert.rejects(openDatabase({ dataDir: dir(), url }), (error: Error & { remedy: string }) => {
    assert.match(error.message, /no database answers at 127\.0\.0\.1:1\/postgres: .*ECONNREFUSED/);
    assert.match(error.remedy, /compose\.yaml/);
    return true;
  });
});

test('clients do not see each other’s transactions, prepared statements or errors', async () => {
  const [a, b] = [await db().pool.connect(), await db().pool.connect()];
  await a.query('begin');
  await a.query("insert into ralph.settings values ('mine', 'a')");
  const counted = b.query("select count(*)::int as n from ralph.settings where key = 'mine'");
  await assert.rejects(a.query('select 1/0'), /division by zero/);
  await a.query('rollback');
  assert.equal((await counted).rows[0].n, 0);
  const count = async (client: typeof a) => {
    const sums: number[] = [];
    for (let k = 0; k < 100; k++) sums.push((await client.query('select $1::int + $2::int as n', [k, 1])).rows[0].n);
    return sums;
  };
  const wanted = Array.from({ length: 100 }, (_, k) => k + 1);
  assert.deepEqual(await Promise.all([count(a), count(b)]), [wanted, wanted]);
  a.release();
  b.release();
});

test('a client that is killed in a transaction leaves nothing open', async () => {
  const client = new pg.Client({ connectionString: db().url });
  client.on('error', () => {});
  await client.connect();
  await client.query('begin');
  await client.query("insert into ralph.settings values ('lost', 'x')");
  (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
  const { rows } = await db().pool.query("select count(*)::int as n from ralph.settings where key = 'lost'");
  assert.equal(rows[0].n, 0);
});

test('the reader sees bars before the train cutoff through the views, and nothing else', async () => {
  const start = Date.UTC(2020, 0, 1);
  await storeBars(db(), 'SIM', simulateMarket({ seed: 1, minutes: 4 * 1440, start, gapsPerYear: 0 }).bars, 'test');
  const { port, readerPassword } = keeper();
  const reader = new pg.Client({
    connectionString: `postgres://ralph_reader:${readerPassword}@127.0.0.1:${port}/postgres`,
  });
  await reader.connect();
  const count = async (view: string) => (await reader.query(`select count(*)::int as n from ralph.${view}`)).rows[0].n;
  assert.equal(await count('visible_bars'), 0, 'without a cutoff nothing is visible');
  await lowerTrainCutoff(db(), start + 2 * 86_400_000 + 90 * 60_000);
  await lowerTrainCutoff(db(), start + 3 * 86_400_000);
  assert.equal(await count('visible_bars'), 2 * 1440 + 90, 'the cutoff is never raised');
  assert.equal(await count('visible_bars_1h'), 49, 'the hour that the cutoff falls into is not over');
  assert.equal(await count('visible_bars_1d'), 2);
  for (const sql of [
    'select * from ralph.bars limit 1',
    'select * from ralph.bars_1h limit 1',
    'select * from ralph.settings',
    "update ralph.settings set value = 'infinity'",
    'reset role',
    'set role postgres',
    'set session authorization postgres',
    "select set_config('role', 'postgres', false)",
    'do $$ begin reset role; end $$',
    'copy ralph.bars to stdout',
  ]) {
    await assert.rejects(reader.query(sql), /permission denied|only select/, sql);
    await assert.rejects(reader.query({ text: sql, values: [] }), /permission denied|only select/, sql);
  }
  assert.equal((await db().pool.query('select current_user as me')).rows[0].me, 'postgres');
  await reader.end();
});

test('trials are written once per tag and trial, the last word counts', async () => {
  const row = {
    tag: 't',
    trial: '0001-1',
    cycle: 1,
    outcome: 'discard',
    reasons: [{ gate: 'sharpe' }],
    metrics: { sharpe: 0.3 },
  };
  await upsertTrials(db(), 'a-run', [row, { ...row, trial: '0001-2' }]);
  await upsertTrials(db(), 'a-run', [{ ...row, outcome: 'keep' }]);
  const { rows } = await db().pool.query(
    "select trial, outcome, metrics->>'sharpe' as sharpe from ralph.trials order by 1",
  );
  assert.deepEqual(rows, [
    { trial: '0001-1', outcome: 'keep', sharpe: '0.3' },
    { trial: '0001-2', outcome: 'discard', sharpe: '0.3' },
  ]);
});
