import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { RalphError } from '../../../src/base/errors.ts';
import { until } from '../../../src/lab/until.ts';
import { openLedger } from '../../../src/ledger/ledger.ts';
import { type Database, openDatabase } from '../../../src/market/database.ts';
import { ingest } from '../../../src/market/ingest/ingest.ts';
import { openPool } from '../../../src/market/server/pool.ts';
import { freezeWindows } from '../../../src/market/snapshot.ts';
import { listSymbols } from '../../../src/market/store/list.ts';
import { freePort } from '../../free-port.ts';
import { noServer, realServer } from '../helpers/real-server.ts';
import { windowsInDays } from '../helpers/windows.ts';

const server = realServer();
const dir = mkdtempSync(join(tmpdir(), 'ralph-plain-user-'));
after(() => rmSync(dir, { recursive: true, force: true }));
const START = Date.UTC(2020, 0, 1);
const DAYS = 12;
const file = join(dir, 'SIM-1m-2020.csv');
writeFileSync(
  file,
  Array.from({ length: DAYS * 1440 }, (_, k) => `${START + k * 60_000},10,${10 + (k % 7)},17,9,${k}`).join('\n'),
);
const windows = windowsInDays(START, [1, 6], [7, 8], [9, 10]);
const take = (db: Database) => ingest(db, { paths: [file], format: 'bitfinex', maxBadShare: 0, dataDir: dir });
const refusal = (url: string, schema?: string) =>
  openDatabase({ dataDir: dir, url, schema }).then(
    async (db) => {
      await db.close();
      return assert.fail('it opened');
    },
    (error: RalphError) => {
      assert.ok(error instanceof RalphError, String(error));
      return `${error.message} -> ${error.remedy}`;
    },
  );

/** Everything a user does with bars: migrate, ingest, list, freeze, charge; answers what was said to be weaker. */
async function work(url: string, name: string, schema?: string): Promise<readonly string[]> {
  const db = await openDatabase({ dataDir: dir, url, schema });
  try {
    const report = await take(db);
    assert.deepEqual([report.inserted, report.gaps], [DAYS * 1440, 0]);
    assert.equal((await take(db)).inserted, 0);
    const { rows } = await db.pool.query('select count(*)::int as n, sum(volume) as volume from ralph.bars_1d');
    assert.equal(rows[0].n, DAYS, name);
    assert.deepEqual(
      (await listSymbols(db)).map(({ bars, coverage }) => [bars, coverage]),
      [[DAYS * 1440, 1]],
    );
    const frozen = await freezeWindows(db, { windows, symbols: ['SIM'], dir: join(dir, name) });
    assert.equal(frozen.train[0].bars, 5 * 1440);
    const ledger = openLedger({ dataDir: dir, url, schema });
    assert.deepEqual(await ledger.add([], (book) => book.rows()), []);
    await ledger.close();
    return db.weaker;
  } finally {
    await db.close();
  }
}

test('the owner of one database who may create no role: everything works, and one line says what is weaker', {
  skip: noServer,
}, async () => {
  const weaker = await work(server.url('owner'), 'owner');
  assert.match(weaker.join('\n'), /^no role ralph_reader .*not held behind the train cutoff$/);
  // The superuser's own database on the same server makes the role, which all databases share: it is granted at the next opening.
  assert.deepEqual(await work(server.url('admin'), 'admin'), []);
  const again = await openDatabase({ dataDir: dir, url: server.url('owner') });
  assert.deepEqual(again.weaker, []);
  await again.close();
});

test("a schema name of the user's choice, beside Ralph's own", { skip: noServer }, async () => {
  await work(server.url('owner'), 'chosen', 'research');
  const [{ rows }] = await server.sql('ralph', 'select count(*)::int as n from research.bars');
  assert.equal(rows[0].n, DAYS * 1440);
});

test('the extension in another schema', { skip: noServer }, async () => {
  await server.sql('postgres', 'create database elsewhere owner ralph');
  await server.sql(
    'elsewhere',
    'create schema "Other Ext"',
    'create extension timescaledb schema "Other Ext"',
    'grant usage on schema "Other Ext" to ralph',
  );
  await work(server.url('owner').replace(/ralph$/, 'elsewhere'), 'elsewhere');
});

test('a user who may only read: lists and freezes what is there, and is refused by name where he must write', {
  skip: noServer,
}, async () => {
  const reader = `postgresql://looker:looker@127.0.0.1:${server.port()}/ralph`;
  await server.sql('ralph', "create role looker login password 'looker'");
  assert.match(await refusal(reader), /lacks a right|may not read/);
  await server.sql(
    'ralph',
    'grant usage on schema ralph to looker',
    'grant select on all tables in schema ralph to looker',
  );
  const db = await openDatabase({ dataDir: dir, url: reader });
  assert.match(db.weaker.join('\n'), /looker may only read: spending and results are kept in the data folder/);
  assert.equal((await listSymbols(db))[0].bars, DAYS * 1440);
  const frozen = await freezeWindows(db, { windows, symbols: ['SIM'], dir: join(dir, 'looker') });
  assert.equal(frozen.holdout[0].bars, 1440);
  await assert.rejects(take(db), /may only read/);
  await db.close();
  const ledger = openLedger({ dataDir: dir, url: reader });
  assert.deepEqual(await ledger.add([], (book) => book.rows()), []);
  await ledger.close();
  assert.ok(existsSync(join(dir, 'ledger.sqlite')));
  assert.match(await refusal(reader, 'another'), /looker may not create the schema another .*grant create on database/);
});

test('passwords with @ # / ? and %, as they are and in percent codes', { skip: noServer }, async () => {
  const password = 'p@ss#w/or?d%41:x';
  await server.sql('ralph', `create role odd login password '${password}' in role looker`);
  const open = async (written: string) => {
    const db = await openDatabase({ dataDir: dir, url: `postgres://odd:${written}@127.0.0.1:${server.port()}/ralph` });
    await db.close();
  };
  await open(encodeURIComponent(password));
  await server.sql('ralph', "alter role odd password 'p@ss#w/or?d:x'");
  await open('p@ss#w/or?d:x');
  const wrong = await refusal(`postgres://odd:wr#ng@127.0.0.1:${server.port()}/ralph`);
  assert.match(wrong, /refused the user or the password/);
  assert.doesNotMatch(wrong, /wr#ng/);
});

test('every sslmode, against a server without encryption and one with it', { skip: noServer }, async () => {
  const url = server.url('owner');
  const open = async (query: string) => (await openDatabase({ dataDir: dir, url: `${url}?${query}` })).close();
  for (const mode of ['disable', 'allow', 'prefer']) await open(`sslmode=${mode}`);
  for (const mode of ['require', 'no-verify', 'verify-ca', 'verify-full'])
    assert.match(await refusal(`${url}?sslmode=${mode}`), /no encrypted connection .*Set sslmode in DATABASE_URL/);
  assert.match(await refusal(`${url}?sslmode=maybe`), /sslmode "maybe" is unknown -> Choose from disable, allow/);
  assert.match(await refusal(`${url}?sslmode=verify-ca&sslrootcert=/nowhere.pem`), /sslrootcert .* cannot be read/);
  assert.match(await refusal(`${url}?sslmod=require`), /has the parameter sslmod, which/);
  const [cert, key] = ['server.crt', 'server.key'].map((name) => join(server.folder(), 'data', name));
  const names = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
  execFileSync(
    'openssl',
    [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
      '-days',
      '2',
      '-keyout',
      key,
      '-out',
      cert,
      ...names,
    ],
    { stdio: 'ignore' },
  );
  const postgres = Number(execFileSync('id', ['-u', 'postgres']).toString());
  for (const path of [cert, key]) chownSync(path, postgres, postgres);
  server.restart('fast', '-c ssl=on');
  for (const mode of ['disable', 'allow', 'prefer', 'require', 'no-verify']) await open(`sslmode=${mode}`);
  assert.match(await refusal(`${url}?sslmode=verify-full`), /no encrypted connection .*certificate/);
  for (const mode of ['require', 'verify-ca', 'verify-full']) await open(`sslmode=${mode}&sslrootcert=${cert}`);
});

const noPooler =
  noServer || (existsSync('/usr/sbin/pgbouncer') ? false : 'no PgBouncer here (apt-get install pgbouncer)');

test('behind PgBouncer in transaction mode, with two connections of its own', { skip: noPooler }, async (t) => {
  const port = await freePort();
  const ini = join(server.folder(), 'pgbouncer.ini');
  const users = join(server.folder(), 'users.txt');
  await server.sql('postgres', 'create database pooled owner ralph');
  await server.sql('pooled', 'create extension if not exists timescaledb');
  writeFileSync(users, '"ralph" "ralph"\n');
  writeFileSync(
    ini,
    `[databases]\npooled = host=127.0.0.1 port=${server.port()}\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = ${port}
auth_type = plain\nauth_file = ${users}\npool_mode = transaction\ndefault_pool_size = 2\nunix_socket_dir =\n`,
  );
  const pooler = spawn('/usr/sbin/pgbouncer', ['-u', 'postgres', ini], { stdio: 'ignore' });
  t.after(() => pooler.kill('SIGINT'));
  const url = `postgres://ralph:ralph@127.0.0.1:${port}/pooled`;
  await until('PgBouncer listens', () =>
    openPool(url, { schema: 'ralph', extension: '' }, 1).then(
      (pool) => pool.end().then(() => true),
      () => false,
    ),
  );
  const weaker = await work(url, 'pooled');
  assert.deepEqual(weaker, []);
});

test('a role with two connections: an ingest works; with none free it is said so', { skip: noServer }, async () => {
  await server.sql(
    'ralph',
    "create role few login password 'few' in role ralph connection limit 2",
    'alter role few set role ralph',
  );
  const url = `postgres://few:few@127.0.0.1:${server.port()}/ralph`;
  const [one, two] = [await openDatabase({ dataDir: dir, url }), await openDatabase({ dataDir: dir, url })];
  assert.match(await refusal(url), /has no free connection: too many connections for role/);
  await two.close();
  assert.equal((await take(one)).inserted, 0);
  await one.close();
});

test('the Apache-only licence: works without compression and continuous aggregates, and says so', {
  skip: noServer,
}, async () => {
  server.restart('fast', '-c timescaledb.license=apache');
  await server.sql('postgres', 'create database apache owner ralph');
  await server.sql('apache', 'create extension if not exists timescaledb');
  const weaker = await work(server.url('owner').replace(/ralph$/, 'apache'), 'apache');
  assert.match(weaker.join('\n'), /Apache-only licence: bars are not compressed/);
});
