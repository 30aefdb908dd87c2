import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import pg from 'pg';
import { type Database, openDatabase } from '../../../src/market/database.ts';
import { explainDatabaseError } from '../../../src/market/explain.ts';
import { type IngestOptions, ingest } from '../../../src/market/ingest/ingest.ts';
import { freezeWindows } from '../../../src/market/snapshot.ts';
import { upsertTrials } from '../../../src/market/store/trials.ts';
import { verifySymbol } from '../../../src/market/verify/verify.ts';
import { noServer, realServer } from '../helpers/real-server.ts';
import { windowsInDays } from '../helpers/windows.ts';

let db: Database;
const server = realServer(async (ready) => {
  db = await openDatabase({ dataDir: dir, url: ready.url('owner') });
});
const dir = mkdtempSync(join(tmpdir(), 'ralph-trouble-'));
after(() => rmSync(dir, { recursive: true, force: true }));
const START = Date.UTC(2020, 0, 1);
const DAYS = 28;
const windows = windowsInDays(START, [1, 20], [21, 23], [24, 26]);

/** Every minute of some days, but for those that `leave` names; `volume` is what differs. */
function csv(name: string, volume = 5, leave: (k: number) => boolean = () => false): string {
  const path = join(dir, `${name}.csv`);
  const rows: string[] = [];
  for (let k = 0; k < DAYS * 1440; k++)
    if (!leave(k))
      rows.push(`${START + k * 60_000},10,${10 + (k % 7)},17,9,${volume === 5 || k % 9000 === 8 ? volume : 5}`);
  writeFileSync(path, rows.join('\n'));
  return path;
}

after(() => db?.close());

const take = (path: string, more: Partial<IngestOptions> = {}, into = db) =>
  ingest(into, { paths: [path], symbol: 'SIM', format: 'bitfinex', maxBadShare: 0, dataDir: dir, ...more });
/** The server's own job may compress the same chunk at the same moment: then it is asked again. */
const compress = async (again = 5): Promise<unknown> =>
  db.pool
    .query("select count(tsdb.compress_chunk(c, true)) from tsdb.show_chunks('ralph.bars') c")
    .catch((error: { code?: string }) => {
      if (error.code !== '42710' || again === 0) throw error;
      return compress(again - 1);
    });
const sound = async () =>
  assert.deepEqual(
    (await verifySymbol(db, 'SIM', { from: 0, to: Date.UTC(2100, 0) }, { factor: 0, neighbours: 5, minutes: 60 }))
      ?.problems,
    [],
  );

test('compressed chunks: a hole is filled, few and many bars are replaced, and everything is counted', {
  skip: noServer,
}, async () => {
  const hole = (k: number) => k >= 20_000 && k < 21_000;
  assert.equal((await take(csv('with-hole', 5, hole))).gaps, 1);
  await compress();
  const filled = await take(csv('whole'));
  assert.deepEqual([filled.inserted, filled.conflicts, filled.gaps], [1000, 0, 0]);
  await sound();
  await compress();
  const few = await take(csv('few', 6), { onConflict: 'replace' });
  assert.deepEqual([few.inserted, few.replaced], [0, 5]);
  assert.match(few.details[0].conflictSamples[0], /2020-01-01 00:08 has 10 17 9 11 5, the file has 10 17 9 11 6/);
  await compress();
  await db.pool.query('delete from ralph.ingested_files where name = $1', ['with-hole.csv']);
  const many = join(dir, 'many.csv');
  writeFileSync(many, Array.from({ length: 5000 }, (_, k) => `${START + k * 60_000},10,12,18,9,1`).join('\n'));
  assert.equal((await take(many, { onConflict: 'replace' })).replaced, 5000);
  const { rows } = await db.pool.query(
    'select sum(volume)::int as volume, max(high)::int as high from ralph.bars_1d where bucket = $1',
    [new Date(START)],
  );
  assert.deepEqual(rows, [{ volume: 1440, high: 18 }]);
});

test('a server that drops rows without an error is found out, and nothing of the file stays', {
  skip: noServer,
}, async () => {
  await db.pool.query(
    `create function ralph.lossy() returns trigger language plpgsql as
       $$ begin return case when extract(minute from new.time) = 7 then null else new end; end $$`,
  );
  await db.pool.query('create trigger lossy before insert on ralph.bars for each row execute function ralph.lossy()');
  const path = csv('lost');
  // Straight into the bars, and through the staging table, because some of the symbol's bars are there.
  for (const symbol of ['LOST', 'SIM']) {
    if (symbol === 'SIM') await db.pool.query("delete from ralph.bars where symbol = 'SIM' and time >= '2020-01-15'");
    const count = async () =>
      (await db.pool.query('select count(*)::int as n from ralph.bars where symbol = $1', [symbol])).rows[0].n;
    const known = await count();
    await db.pool.query("delete from ralph.ingested_files where symbol = 'SIM'");
    await assert.rejects(take(path, { symbol }), /took \d+ of \d+ bars of \w+ and reported no error/);
    assert.equal(await count(), known);
  }
  await db.pool.query('drop trigger lossy on ralph.bars');
  await take(path);
});

test('a copy that is under way is taken back: by bars that are there already, and by too many bad rows', {
  skip: noServer,
}, async () => {
  const symbol = 'LATE';
  assert.equal(
    (
      await take(
        csv('late', 5, (k) => k < 20_000),
        { symbol },
      )
    ).inserted,
    DAYS * 1440 - 20_000,
  );
  assert.equal((await take(csv('all', 5), { symbol })).inserted, 20_000);
  const half = join(dir, 'half.csv');
  const rows = Array.from({ length: 30_000 }, (_, k) => `${START + k * 60_000},10,${k < 15_000 ? 11 : 99},17,9,5`);
  writeFileSync(half, rows.join('\n'));
  await assert.rejects(take(half, { symbol: 'HALF' }), /bad|reject/);
  const count = 'select count(*)::int as n from ralph.bars where symbol = $1';
  const n = async (of: string) => (await db.pool.query<{ n: number }>(count, [of])).rows[0].n;
  assert.deepEqual([await n(symbol), await n('HALF')], [DAYS * 1440, 0]);
});

test('timeouts of the role: an ingest is not ended by them, a lock that is held is named', {
  skip: noServer,
}, async () => {
  await server.sql(
    'ralph',
    "create role hasty login password 'hasty' in role ralph",
    'alter role hasty set role ralph',
    "alter role hasty set statement_timeout = '250ms'",
    "alter role hasty set idle_in_transaction_session_timeout = '50ms'",
    "alter role hasty set lock_timeout = '200ms'",
  );
  const url = server.url('owner').replace('ralph:ralph', 'hasty:hasty');
  const hasty = await openDatabase({ dataDir: dir, url });
  const report = await take(csv('hasty'), { symbol: 'HASTY' }, hasty);
  assert.equal(report.inserted, DAYS * 1440);
  const { rows } = await hasty.pool.query("select count(*)::int as n from ralph.bars_5m where symbol = 'HASTY'");
  assert.equal(rows[0].n, DAYS * 288);
  const said = async (sql: string) => {
    const error = await hasty.pool.query(sql).then(
      () => assert.fail(),
      (thrown) => explainDatabaseError(thrown, url) as Error & { remedy: string },
    );
    return `${error.message} -> ${error.remedy}`;
  };
  assert.match(await said('select pg_sleep(5)'), /ended a statement by its statement_timeout: .*alter role … set/);
  const holder = new pg.Client({ connectionString: server.url('owner') });
  await holder.connect();
  await holder.query('begin; lock table ralph.settings');
  assert.match(await said('select * from ralph.settings'), /by its lock_timeout/);
  await holder.end();
  await hasty.close();
});

test('a day of an aggregate that takes longer than the statement_timeout of the role is given its time', {
  skip: noServer,
}, async () => {
  await server.sql(
    'ralph',
    "create role brisk login password 'brisk' in role ralph",
    'alter role brisk set role ralph',
    "alter role brisk set statement_timeout = '250ms'",
  );
  const brisk = await openDatabase({ dataDir: dir, url: server.url('owner').replace('ralph:ralph', 'brisk:brisk') });
  const holder = new pg.Client({ connectionString: server.url('owner') });
  await holder.connect();
  const { rows } = await holder.query<{ stored: string }>(
    `select format('%I.%I', materialization_hypertable_schema, materialization_hypertable_name) as stored
     from timescaledb_information.continuous_aggregates where view_name = 'bars_5m'`,
  );
  await holder.query(`begin; lock table ${rows[0].stored} in access exclusive mode`);
  const freed = setTimeout(3000).then(() => holder.end());
  const taken = await take(
    csv('slow', 5, (k) => k >= 2 * 1440),
    { symbol: 'SLOW' },
    brisk,
  );
  await freed;
  assert.equal(taken.inserted, 2 * 1440);
  const bars = "select count(*)::int as n from ralph.bars_5m where symbol = 'SLOW'";
  assert.equal((await db.pool.query<{ n: number }>(bars)).rows[0].n, 2 * 288);
  assert.equal((await brisk.pool.query('show statement_timeout')).rows[0].statement_timeout, '250ms');
  await brisk.close();
});

test('two projects with one tag in one database overwrite nothing of each other', { skip: noServer }, async () => {
  const row = { tag: 'main', trial: '0001-1', cycle: 1 };
  await upsertTrials(db, 'one', [{ ...row, outcome: 'keep' }]);
  await upsertTrials(db, 'other', [{ ...row, outcome: 'crash' }]);
  await upsertTrials(db, 'other', [{ ...row, outcome: 'discard' }]);
  const { rows } = await db.pool.query('select run, outcome from ralph.trials order by run');
  assert.deepEqual(rows, [
    { run: 'one', outcome: 'keep' },
    { run: 'other', outcome: 'discard' },
  ]);
});

test('chunks are compressed while windows are frozen, and the server is killed: the same windows, or none', {
  skip: noServer,
}, async () => {
  const request = (name: string) => ({ windows, symbols: ['SIM'], dir: join(dir, name) });
  const calm = await freezeWindows(db, request('calm'));
  await server.sql('ralph', "select count(decompress_chunk(c, true)) from show_chunks('ralph.bars') c");
  const [job] = (
    await server.sql('ralph', "select job_id from timescaledb_information.jobs where proc_name = 'policy_compression'")
  )[0].rows;
  const [meanwhile] = await Promise.all([
    freezeWindows(db, request('meanwhile')),
    server.sql('ralph', `call run_job(${job.job_id})`),
  ]);
  assert.equal(meanwhile.fingerprint, calm.fingerprint);
  const { rows } = await db.pool.query(
    'select bool_or(is_compressed) as some from timescaledb_information.chunks where is_compressed',
  );
  assert.equal(rows[0].some, true);
  mkdirSync(join(dir, 'killed'));
  const freezing = freezeWindows(db, request('killed')).then(
    () => 'done',
    (error) => String(explainDatabaseError(error, db.url)),
  );
  server.restart('immediate');
  assert.match(await freezing, /done|was lost|no database answers/);
  for (const name of readdirSync(join(dir, 'killed'))) assert.match(name, /\.bars$/);
  assert.equal((await freezeWindows(db, request('killed'))).fingerprint, calm.fingerprint);
});
