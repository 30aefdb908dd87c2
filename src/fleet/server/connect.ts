import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { PgBoss } from 'pg-boss';
import { messageOf } from '../../base/errors.ts';
import { explainDatabaseError, isLost, isUnreachable } from '../../market/explain.ts';
import { openPool } from '../../market/server/pool.ts';
import { prepareTables, type Schemas, schemasOf } from './tables.ts';

/** A connection to the queue. */
export interface Server {
  readonly pool: pg.Pool;
  readonly boss: PgBoss;
  readonly schemas: Schemas;
  readonly ear: Ear;
  close(): Promise<void>;
}

/** Told that an answer lies ready, and that a candidate is done with. */
export const ANSWERED = 'ralph_answered';
export const CLOSED = 'ralph_closed';
/** Told the conversation in which a letter lies. */
export const LETTER = 'ralph_letter';

/** Seconds after which a job whose worker is silent goes to another one: the shortest that pg-boss takes. */
export const LEASE_SECONDS = 10;
/** Seconds between two beats of runs and workers. */
export const BEAT_SECONDS = 2;
/** Seconds between two looks for lost jobs: they are what an idle queue costs the server most. */
const LOOK_SECONDS = 4;

/**
 * Jobs can be sent and evaluated again, so no commit of the queue waits for the disk. This is a setting of the connection: it needs one of its
 * own to the server, which PgBouncer in transaction mode does not give.
 */
const SETTINGS = '-c synchronous_commit=off';

interface Connecting {
  readonly url: string;
  /** Schema of Ralph's tables; those of the fleet are named after it. */
  readonly schema?: string;
  /** A run makes the queue and watches over it, a worker uses what is there. */
  readonly role: 'run' | 'worker';
  /** Hears that a job was sent to a queue; an empty name when messages were missed. */
  readonly onSent?: (queue: string) => void;
  readonly connections: number;
  /** What is sent cannot be made again: commits wait for the disk. */
  readonly durable?: boolean;
}

/** Opens the queue. Throws RalphError with a remedy when the server cannot be reached, or where a worker finds no queue. */
export async function openServer(connecting: Connecting): Promise<Server> {
  const { url, schema, role, onSent, connections, durable } = connecting;
  const schemas = schemasOf(schema);
  let pool: pg.Pool | undefined;
  try {
    const place = { schema: schema ?? 'ralph', extension: 'public' };
    const open = await openPool(url, place, connections, durable ? undefined : SETTINGS);
    pool = open;
    const own = role === 'run';
    const ear = openEar(open);
    const boss = new PgBoss({
      db: {
        executeSql: (text, values) => open.query(text, values) as Promise<{ rows: unknown[] }>,
        listen: async (channel) => {
          const hear = (queue = '') => onSent?.(queue);
          await ear.on(channel, hear, hear);
          return { close: async () => {} };
        },
      },
      schema: schemas.queue,
      useListenNotify: onSent !== undefined,
      migrate: own,
      createSchema: own,
      supervise: own,
      superviseIntervalSeconds: LOOK_SECONDS,
      monitorIntervalSeconds: LOOK_SECONDS,
      schedule: false,
      registerInstance: false,
      openTelemetry: { enabled: false },
    });
    // A server that is away for a while is met by whoever asks next.
    boss.on('error', () => {});
    boss.on('warning', () => {});
    await boss.start();
    if (own) await prepareTables(open, schemas);
    const close = async () => {
      ear.close();
      await boss.stop({ graceful: false }).catch(() => {});
      await open.end();
    };
    return { pool: open, boss, schemas, ear, close };
  } catch (thrown) {
    await pool?.end();
    throw explainDatabaseError(thrown, url);
  }
}

/** The server is away, and may come back. */
export function isAway(thrown: unknown): boolean {
  return (
    isLost(thrown) || isUnreachable(thrown) || /Cannot use a pool|shutting down|starting up/i.test(messageOf(thrown))
  );
}

/** How long a server may be away before the run takes it for a fault. */
export const AWAY_MS = 90_000;
const AGAIN_MS = 500;

/** Asks again while the server is away: whatever the fleet asks may be asked twice. Throws what it threw last when that takes too long. */
export async function patiently<T>(step: () => Promise<T>, mostMs = AWAY_MS): Promise<T> {
  const end = performance.now() + mostMs;
  for (;;) {
    try {
      return await step();
    } catch (thrown) {
      if (!isAway(thrown) || performance.now() > end) throw thrown;
      await sleep(AGAIN_MS);
    }
  }
}

/** Hears messages of the server. They are hints: whoever waits for one also looks by itself now and then. */
interface Ear {
  /** `hear` gets what is sent on the channel, `missed` is told after a time in which nothing could be heard. */
  on(channel: string, hear: (payload: string) => void, missed?: () => void): Promise<void>;
  close(): void;
}

/** Milliseconds before a lost connection is tried again. */
const LISTEN_AGAIN_MS = 1_000;

/** Listens to any number of channels over one connection of the pool, and over a new one whenever that is lost. */
function openEar(pool: pg.Pool): Ear {
  const channels = new Map<string, { hear: (payload: string) => void; missed?: () => void }>();
  let closed = false;
  let client: pg.PoolClient | undefined;
  let opening: Promise<pg.PoolClient> | undefined;

  const open = async (): Promise<pg.PoolClient> => {
    const found = await pool.connect();
    found.on('notification', ({ channel, payload = '' }) => channels.get(channel)?.hear(payload));
    found.once('error', () => {
      if (client !== found) return;
      client = undefined;
      found.release(true);
      void again();
    });
    try {
      for (const channel of channels.keys()) await found.query(`listen ${channel}`);
    } catch (thrown) {
      found.release(true);
      throw thrown;
    }
    client = found;
    if (closed) letGo();
    return found;
  };
  const again = async () => {
    while (!closed) {
      await sleep(LISTEN_AGAIN_MS, undefined, { ref: false });
      try {
        if (closed) return;
        await open();
        for (const { missed } of channels.values()) missed?.();
        return;
      } catch {
        // Still away.
      }
    }
  };
  const letGo = () => {
    const last = client;
    client = undefined;
    last?.release(true);
  };
  return {
    async on(channel, hear, missed) {
      channels.set(channel, { hear, missed });
      if (client || opening) {
        await (client ?? (await opening))?.query(`listen ${channel}`);
        return;
      }
      opening = open();
      await opening;
    },
    close() {
      closed = true;
      letGo();
    },
  };
}

/**
 * Takes a step at every beat, one at a time. While the server is away the next one tries again; `away` hears what was thrown once that has
 * taken too long. `after` is told after each, whatever came of it.
 */
export function beatOf(step: () => Promise<void>, away: (thrown: unknown) => void, after: () => void) {
  let beating = false;
  let awaySince: number | undefined;
  return async () => {
    if (beating) return;
    beating = true;
    try {
      await step();
      awaySince = undefined;
    } catch (thrown) {
      awaySince ??= performance.now();
      if (performance.now() - awaySince > AWAY_MS) away(thrown);
    } finally {
      beating = false;
    }
    after();
  };
}
