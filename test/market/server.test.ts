import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { chownSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import pg from 'pg';
import { openDatabase } from '../../src/market/database.ts';
import { explainDatabaseError } from '../../src/market/explain.ts';
import { MIGRATIONS } from '../../src/market/migrations/steps.ts';
import { simulateMarket } from '../../src/market/simulate.ts';
import { copyBarsIn, copyBarsOut, selectBars } from '../../src/market/store/copy.ts';
import { freePort } from '../free-port.ts';

/** A plain PostgreSQL server, as a distribution packs it, without TimescaleDB. Skipped, and said so, where there is none. */
const initdb = globSync('/usr/lib/postgresql/*/bin/initdb').sort().at(-1);
const owner = ownerOf();
const folder = mkdtempSync(join(tmpdir(), 'ralph-pg-'));
const data = join(folder, 'data');
const skip = !initdb
  ? 'no PostgreSQL server here (apt-get install postgresql)'
  : !owner
    ? 'a PostgreSQL server does not run as root, and there is no user postgres'
    : initialised();

/** PostgreSQL refuses root: then the package's own user. */
function ownerOf(): { uid?: number; gid?: number } | null {
  if (process.getuid?.() !== 0) return {};
  const line = /^postgres:[^:]*:(\d+):(\d+):/m.exec(readFileSync('/etc/passwd', 'utf8'));
  return line ? { uid: Number(line[1]), gid: Number(line[2]) } : null;
}

/** Makes the files of a server; answers why not where this machine does not let it. */
function initialised(): string | false {
  const options = ['-U', 'postgres', '--pwfile', join(folder, 'password'), '--auth=scram-sha-256', '-N'];
  try {
    if (owner?.uid !== undefined) chownSync(folder, owner.uid, owner.gid!);
    writeFileSync(join(folder, 'password'), 'first\n');
    // Whatever language the machine speaks, also one that it does not have.
    execFileSync(initdb!, ['-D', data, ...options, '--locale=C', '--encoding=UTF8'], { ...owner, stdio: 'pipe' });
    return false;
  } catch (error) {
    return `initdb does not work here: ${(error as { stderr?: Buffer }).stderr || error}`;
  }
}

let port = 0;
let server: ReturnType<typeof spawn> | undefined;
const url = (user = 'ralph', password = 'right', database = 'postgres') =>
  `postgres://${user}:${password}@127.0.0.1:${port}/${database}`;

before(async () => {
  if (skip) return;
  port = await freePort();
  // No socket: the path of a temporary folder may be too long for one.
  const settings = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'fsync=off'];
  const options = ['-D', data, '-p', String(port), ...settings.flatMap((each) => ['-c', each])];
  server = spawn(join(dirname(initdb!), 'postgres'), options, { ...owner, stdio: 'ignore' });
  const admin = await eventually(async () => {
    const client = new pg.Client({ connectionString: url('postgres', 'first') });
    await client.connect();
    return client;
  });
  await admin.query("create role ralph superuser login password 'right'");
  await admin.query("create role weak login password 'right'");
  await admin.end();
});

after(async () => {
  if (server && server.exitCode === null) {
    const ended = new Promise((resolve) => server!.once('exit', resolve));
    server.kill('SIGINT');
    await ended;
  }
  rmSync(folder, { recursive: true, force: true });
});

const refusal = async (address: string): Promise<string> => {
  const error = await openDatabase({ dataDir: folder, url: address }).then(
    async (db) => {
      await db.close();
      return assert.fail('it opened');
    },
    (thrown: Error & { remedy: string }) => thrown,
  );
  assert.doesNotMatch(`${error.message} ${error.remedy}`, /right|wrong-secret/, 'no password in a message');
  return `${error.message} -> ${error.remedy}`;
};

test('a server without the extension: which image and which package bring it', { skip }, async () => {
  const said = await refusal(url());
  // The packages may lie there without being preloaded: another cure, also named.
  if (/must be preloaded/.test(said))
    return assert.match(said, /is installed and not loaded: .*shared_preload_libraries/);
  assert.match(said, /has no TimescaleDB: .*extension "timescaledb" is not available/);
  assert.match(said, /timescale\/timescaledb-ha:pg17/);
  assert.match(said, /timescaledb-2-postgresql/);
});

test('a user who may not create the extension is told so', { skip }, async () => {
  assert.match(
    await refusal(url('weak')),
    /has no TimescaleDB: .*(not available|permission denied)|is installed and not loaded/,
  );
});

test('a wrong password, a missing database, a missing server: each by its name', { skip }, async () => {
  assert.match(
    await refusal(url('ralph', 'wrong-secret')),
    /refused the user or the password: password authentication failed/,
  );
  assert.match(
    await refusal(url('ralph', 'right', 'nowhere')),
    /database "nowhere" does not exist -> Create it with createdb/,
  );
});

test('nothing is left on a server that was refused', { skip }, async () => {
  const client = new pg.Client({ connectionString: url() });
  await client.connect();
  const { rows } = await client.query("select nspname from pg_namespace where nspname = 'ralph'");
  await client.end();
  assert.deepEqual(rows, []);
});

/** The tables without the extension: enough for what COPY and a dropped connection do on a real server. */
async function plainTables(client: pg.Client): Promise<void> {
  await client.query(
    String(MIGRATIONS[0].sql)
      .replace(/select tsdb.create_hypertable.*;/, '')
      .replace(/^/, 'create schema if not exists ralph;'),
  );
}

test('binary COPY both ways on a real server keeps every bit', { skip }, async () => {
  const client = new pg.Client({ connectionString: url() });
  await client.connect();
  await plainTables(client);
  const data = simulateMarket({ seed: 1, minutes: 120_000 }).bars;
  await copyBarsIn(client, data, { table: 'ralph.bars', source: 1, symbol: 'SIM' });
  const columns = Array.from({ length: 6 }, () => new Float64Array(data.length));
  const query = { symbol: 'SIM', from: 0, to: Date.UTC(2100, 0, 1) };
  assert.equal(await copyBarsOut(client, selectBars(query), columns, 0), data.length);
  assert.deepEqual(columns, [data.time, data.open, data.high, data.low, data.close, data.volume]);
  await client.end();
});

test('a connection that is dropped in the middle of a COPY: said so, nothing visible, the next one works', {
  skip,
}, async () => {
  const client = new pg.Client({ connectionString: url() });
  client.on('error', () => {});
  await client.connect();
  const admin = new pg.Client({ connectionString: url() });
  await admin.connect();
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
  const data = simulateMarket({ seed: 2, minutes: 100_000 }).bars;
  await client.query('begin');
  const forEver = async () => {
    for (let k = 0; ; k++) {
      await copyBarsIn(client, data, { table: 'ralph.bars', source: 2, symbol: `CUT${k}` });
    }
  };
  const copying = forEver();
  setTimeout(() => admin.query('select pg_terminate_backend($1)', [rows[0].pid]), 50);
  await assert.rejects(copying, (error) => /was lost/.test(String(explainDatabaseError(error, url()))));
  const { rows: left } = await admin.query("select count(*)::int as n from ralph.bars where symbol like 'CUT%'");
  assert.equal(left[0].n, 0);
  await admin.end();
});

async function eventually<T>(work: () => Promise<T>): Promise<T> {
  for (let k = 0; ; k++) {
    try {
      return await work();
    } catch (error) {
      if (k === 1_200) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
