import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PACKAGE_ROOT } from '../base/roots.ts';

const START = join(PACKAGE_ROOT, '../shared/real-timescaledb/start');
const POSTGRES = '/usr/lib/postgresql/15/bin/postgres';

/** Why there is no real TimescaleDB server here; false where there is one. */
export function missingServer(): string | false {
  if (!existsSync(START)) return 'no real TimescaleDB server beside the project (shared/real-timescaledb)';
  if (!existsSync(POSTGRES)) return 'no PostgreSQL 15 here (apt-get install postgresql-15)';
  if (process.getuid?.() !== 0) return 'the real TimescaleDB server is started as root';
  // The library beside it was built for 15.20; 15.18 lacks a symbol that it needs.
  const version = execFileSync(POSTGRES, ['--version'], { encoding: 'utf8' }).match(/ 15\.(\d+)/)?.[1];
  return Number(version) >= 20
    ? false
    : `PostgreSQL 15.${version} here, and 15.20 is needed (apt-get install postgresql-15)`;
}

export interface StartedServer {
  readonly port: number;
  readonly folder: string;
  /** Runs pg_ctl on it and waits. */
  ctl(...args: string[]): void;
  /** Ends it and removes its folder. */
  remove(): void;
}

/** Starts a PostgreSQL with TimescaleDB on loopback; its databases and users are those of shared/real-timescaledb. */
export function startRealServer(port: number): StartedServer {
  const folder = mkdtempSync(join(tmpdir(), 'ralph-real-'));
  execFileSync(START, [folder, String(port)], { stdio: 'ignore' });
  const ctl = (...args: string[]) =>
    void execFileSync(
      'setpriv',
      [
        ...['--reuid=postgres', '--regid=postgres', '--clear-groups'],
        join(folder, 'usr/lib/postgresql/15/bin/pg_ctl'),
        ...['-D', join(folder, 'data'), '-w', ...args],
      ],
      { stdio: 'ignore', cwd: '/' },
    );
  return {
    port,
    folder,
    ctl,
    remove: () => {
      ctl('-m', 'immediate', 'stop');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
