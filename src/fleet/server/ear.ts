import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';

/** Hears messages of the server. They are hints: whoever waits for one also looks by itself now and then. */
export interface Ear {
  /** `hear` gets what is sent on the channel, `missed` is told after a time in which nothing could be heard. */
  on(channel: string, hear: (payload: string) => void, missed?: () => void): Promise<void>;
  close(): void;
}

/** Milliseconds before a lost connection is tried again. */
const AGAIN_MS = 1_000;

/** Listens to any number of channels over one connection of the pool, and over a new one whenever that is lost. */
export function openEar(pool: pg.Pool): Ear {
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
      await sleep(AGAIN_MS, undefined, { ref: false });
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
