import { join } from 'node:path';
import { after, before } from 'node:test';
import pg from 'pg';
import { missingServer, type StartedServer, startRealServer } from '../../../src/lab/real-server.ts';
import { freePort } from '../../free-port.ts';

/** Why there is no real TimescaleDB server here; false where there is one. */
export const noServer: string | false = missingServer();

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
  let started: StartedServer;
  before(async () => {
    if (noServer) return;
    started = startRealServer(await freePort());
    await prepare?.(server);
  });
  after(() => started?.remove());
  const server: RealServer = {
    url: (user) =>
      user === 'owner'
        ? `postgresql://ralph:ralph@127.0.0.1:${started.port}/ralph`
        : `postgresql://admin:admin@127.0.0.1:${started.port}/empty`,
    port: () => started.port,
    folder: () => started.folder,
    async sql(database, ...statements) {
      const client = new pg.Client({
        connectionString: `postgresql://admin:admin@127.0.0.1:${started.port}/${database}`,
      });
      await client.connect();
      try {
        const answers: pg.QueryResult[] = [];
        for (const statement of statements) answers.push(await client.query(statement));
        return answers;
      } finally {
        await client.end();
      }
    },
    restart: (how, settings = '') =>
      started.ctl('-m', how, '-o', settings, '-l', join(started.folder, 'log'), 'restart'),
    stop: () => started.ctl('-m', 'fast', 'stop'),
  };
  return server;
}
