import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before } from 'node:test';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { freePort } from '../../free-port.ts';

const START = fileURLToPath(new URL('../../../../shared/real-timescaledb/start', import.meta.url));

const POSTGRES = '/usr/lib/postgresql/15/bin/postgres';

/** Why there is no real TimescaleDB server here; false where there is one. */
export const noServer: string | false = missing();

function missing(): string | false {
  if (!existsSync(START)) return 'no real TimescaleDB server beside the project (shared/real-timescaledb)';
  if (!existsSync(POSTGRES)) return 'no PostgreSQL 15 here (apt-get install postgresql-15)';
  if (process.getuid?.() !== 0) return 'the real TimescaleDB server is started as root';
  // The library beside it was built for 15.20; 15.18 lacks a symbol that it needs.
  const version = execFileSync(POSTGRES, ['--version'], { encoding: 'utf8' }).match(/ 15\.(\d+)/)?.[1];
  return Number(version) >= 20
    ? false
    : `PostgreSQL 15.${version} here, and 15.20 is needed (apt-get install postgresql-15)`;
}

export interface RealServer {
  /** Address of a database of a user's own; `owner` may create no roles. */
  url(user: 'owner' | 'admin'): string;
  port(): number;
  folder(): string;
  /** Runs SQL as the superuser in a database. */
  sql(database: string, ...statements: string[]): Promise<pg.QueryResult[]>;
  restart(how: 'fast' | 'immediate', settings?: string): void;
  stop(): void;
}

/** One server for all cases of a file, prepared once, gone afterwards. */
export function realServer(prepare?: (server: RealServer) => Promise<void>): RealServer {
  let folder = '';
  let port = 0;
  const ctl = (...args: string[]) =>
    execFileSync(
      'setpriv',
      [
        '--reuid=postgres',
        '--regid=postgres',
        '--clear-groups',
        join(folder, 'usr/lib/postgresql/15/bin/pg_ctl'),
      ].concat(['-D', join(folder, 'data'), '-w', ...args]),
      { stdio: 'ignore', cwd: '/' },
    );
  before(async () => {
    if (noServer) return;
    folder = mkdtempSync(join(tmpdir(), 'ralph-real-'));
    port = await freePort();
    execFileSync(START, [folder, String(port)], { stdio: 'ignore' });
    await prepare?.(server);
  });
  after(() => {
    if (noServer) return;
    ctl('-m', 'immediate', 'stop');
    rmSync(folder, { recursive: true, force: true });
  });
  const server: RealServer = {
    url: (user) =>
      user === 'owner'
        ? `postgresql://ralph:ralph@127.0.0.1:${port}/ralph`
        : `postgresql://admin:admin@127.0.0.1:${port}/empty`,
    port: () => port,
    folder: () => folder,
    async sql(database, ...statements) {
      const client = new pg.Client({ connectionString: `postgresql://admin:admin@127.0.0.1:${port}/${database}` });
      await client.connect();
      try {
        const answers: pg.QueryResult[] = [];
        for (const statement of statements) answers.push(await client.query(statement));
        return answers;
      } finally {
        await client.end();
      }
    },
    restart: (how, settings = '') => ctl('-m', how, '-o', settings, '-l', join(folder, 'log'), 'restart'),
    stop: () => ctl('-m', 'fast', 'stop'),
  };
  return server;
}
