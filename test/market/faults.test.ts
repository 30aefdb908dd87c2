import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { DAY } from '../../src/market/bars.ts';
import { type Database, openDatabase } from '../../src/market/database.ts';
import { explainDatabaseError } from '../../src/market/explain.ts';
import { type IngestOptions, ingest } from '../../src/market/ingest/ingest.ts';
import { freezeWindows } from '../../src/market/snapshot.ts';

const dir = mkdtempSync(join(tmpdir(), 'ralph-faults-'));
const disk = join(dir, 'small-disk');
after(() => {
  // lazily: the keeper lingers for a moment
  if (mounted) execFileSync(tool('umount'), ['-l', disk]);
  rmSync(dir, { recursive: true, force: true, maxRetries: 20, retryDelay: 200 });
});
const tool = (name: string) => join('/usr/bin', name);
const START = Date.UTC(2020, 0, 1);
const MINUTES = 120_000;
const file = join(dir, 'SIM-1m-2020.csv');
writeFileSync(file, Array.from({ length: MINUTES }, (_, k) => `${START + k * 60_000},10,12,14,9,${k}`).join('\n'));

const open = (folder = dir) => openDatabase({ dataDir: folder });
const take = (db: Database, more: Partial<IngestOptions> = {}) =>
  ingest(db, { paths: [file], format: 'bitfinex', maxBadShare: 0, dataDir: dir, ...more });
const killDatabase = () =>
  process.kill(JSON.parse(readFileSync(join(dir, 'db', 'keeper.json'), 'utf8')).pid, 'SIGKILL');
const LOST = /the connection to the database at 127\.0\.0\.1:\d+\/postgres was lost/;

const counts = async (db: Database) => {
  const { rows } = await db.pool.query(
    'select (select count(*)::int from ralph.bars) as bars, (select count(*)::int from ralph.bars_1d) as days',
  );
  return rows[0];
};

test('the database is killed while rows are staged: a clear message, nothing visible, the repeat finishes', async () => {
  const db = await open();
  let killed = false;
  const onProgress = () => {
    if (!killed) killDatabase();
    killed = true;
  };
  await assert.rejects(take(db, { onProgress }), LOST);
  await db.close();
  const again = await open();
  assert.deepEqual(await counts(again), { bars: 0, days: 0 });
  // and killed once more, after the bars are in and before the coarser ones are
  const atRefresh: IngestOptions['onProgress'] = ({ stage }) => {
    if (stage === 'aggregates') killDatabase();
  };
  await assert.rejects(take(again, { onProgress: atRefresh }), LOST);
  await again.close();
  const third = await open();
  assert.deepEqual(await counts(third), { bars: MINUTES, days: 0 });
  const report = await take(third);
  assert.deepEqual([report.inserted, report.details[0].state], [0, 'known']);
  assert.deepEqual(await counts(third), { bars: MINUTES, days: 84 });
  await third.close();
});

test('the database is killed while a window is frozen: no file with its name, the repeat builds it', async () => {
  const db = await open();
  const windows = {
    train: { from: START + DAY, to: START + 60 * DAY },
    selection: [{ from: START + 62 * DAY, to: START + 70 * DAY }],
    holdout: { from: START + 72 * DAY, to: START + 80 * DAY },
    embargoMs: DAY,
    warmupMs: DAY,
  };
  const request = { windows, symbols: ['SIM'], dir: join(dir, 'frozen') };
  mkdirSync(request.dir);
  const freezing = freezeWindows(killedAtCopy(db), request);
  await assert.rejects(freezing, (error) => LOST.test(String(explainDatabaseError(error, db.url))));
  await db.close();
  assert.deepEqual(readdirSync(request.dir), []);
  const again = await open();
  const frozen = await freezeWindows(again, request);
  assert.equal(frozen.train[0].bars, 59 * 1440);
  await again.close();
});

/** The database, killed as soon as the first COPY has been asked for. */
function killedAtCopy(db: Database): Database {
  const pool = Object.create(db.pool, {
    // Its own queries go to the pool as it is.
    query: { value: db.pool.query.bind(db.pool) },
    connect: {
      value: async () => {
        const client = await db.pool.connect();
        const query = client.query.bind(client) as (...args: unknown[]) => unknown;
        const spied = (...args: unknown[]) => {
          const answer = query(...args);
          if (typeof args[0] !== 'string') killDatabase();
          return answer;
        };
        return Object.assign(client, { query: spied });
      },
    },
  });
  return { ...db, pool };
}

const mounted = mountSmallDisk();

test('the disk is full: said so, nothing visible, the repeat goes on once there is room', {
  skip: mounted ? false : 'a small disk can only be mounted as root on Linux',
}, async () => {
  const db = await open(disk);
  const big = join(dir, 'BIG-1m-2020.csv');
  const rows = Array.from({ length: 200_000 }, (_, k) => `${START + k * 60_000},${10 + k / 7e5},12,14,9,${k / 7}`);
  writeFileSync(big, rows.join('\n'));
  await assert.rejects(take(db, { paths: [big], dataDir: dir }), /the disk of the database at .* is full/);
  assert.deepEqual(await counts(db), { bars: 0, days: 0 });
  execFileSync(tool('mount'), ['-o', 'remount,size=700m', disk]);
  const report = await take(db, { paths: [big], dataDir: dir });
  assert.deepEqual([report.inserted, report.details[0].state], [200_000, 'resumed']);
  await db.close();
});

function mountSmallDisk(): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  mkdirSync(disk);
  try {
    execFileSync(tool('mount'), ['-t', 'tmpfs', '-o', 'size=84m', 'tmpfs', disk], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

test('a DATABASE_URL that is no connection string is named as that, without printing it', async () => {
  await assert.rejects(openDatabase({ dataDir: 'unused', url: 'my-secret-server' }), (error: Error) => {
    assert.match(error.message, /^DATABASE_URL is no connection string$/);
    return true;
  });
});
