import { setTimeout as sleep } from 'node:timers/promises';
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { attempt } from '../../base/attempt.ts';
import { BEAT_SECONDS, isAway, LETTER, type Server } from './connect.ts';

/** The two ends of a conversation. */
export type Side = 'run' | 'island';

/** One conversation: letters arrive in the order in which they were sent, each once, over any number of lost connections. */
export interface Talk {
  /** Returns at once. */
  send(letter: unknown): void;
  /** Returns when everything sent is in the database, or the conversation is over. */
  sent(): Promise<void>;
  /** Nothing is heard or sent any more. */
  close(): void;
}

export interface Hearing {
  /** A letter of the other side; undefined where it is none. */
  hear(letter: unknown): void;
  /** The conversation is not in the database any more, or cannot go on for the reason that was thrown. */
  over(thrown?: unknown): void;
}

/** Letters of the conversations of one process. */
export type Post = Awaited<ReturnType<typeof openPost>>;

const AGAIN_MS = 500;
/** Far above what a session with the longest context says at once. */
const LONGEST_LETTER = 64 * 1024 * 1024;
/** PostgreSQL: the row that a letter belongs to is gone. */
const NO_SUCH_TALK = '23503';

/** Opens the letters of one side. A message says that there is one; who misses it looks every few seconds. */
export async function openPost(server: Server, side: Side) {
  const { pool, schemas, ear } = server;
  const talks = new Map<string, { read(): Promise<void>; close(): void }>();
  const readAll = () => {
    for (const { read } of talks.values()) void read();
  };
  await ear.on(LETTER, (payload) => void talks.get(payload)?.read(), readAll);
  const timer = setInterval(readAll, BEAT_SECONDS * 1000);

  const open = (talk: string, { hear, over }: Hearing): Talk => {
    const outbox: { readonly seq: number; readonly body: Buffer }[] = [];
    let [written, heard] = [0, 0];
    let closed = false;
    let [reading, readAgain] = [false, false];
    let sending: Promise<void> | undefined;
    const close = () => {
      closed = true;
      talks.delete(talk);
    };
    const end = (thrown?: unknown) => {
      if (closed) return;
      close();
      over(thrown);
    };

    /** Writes what there is until nothing is left: a letter that is written twice is there once. */
    const flush = async () => {
      while (outbox.length > 0 && !closed) {
        const batch = [...outbox];
        try {
          await pool.query(
            `with put as (insert into ${schemas.fleet}.letters select $1::uuid, $2, * from unnest($3::int[], $4::bytea[])
               on conflict do nothing)
             select pg_notify('${LETTER}', $1::text)`,
            [talk, side, batch.map(({ seq }) => seq), batch.map(({ body }) => body)],
          );
          outbox.splice(0, batch.length);
        } catch (thrown) {
          if ((thrown as { code?: string }).code === NO_SUCH_TALK) return end();
          if (!isAway(thrown)) return end(thrown);
          await sleep(AGAIN_MS);
        }
      }
    };
    const read = async () => {
      if (reading) {
        readAgain = true;
        return;
      }
      reading = true;
      try {
        do {
          readAgain = false;
          const { rows } = await pool.query<{ seq: number; body: Buffer }>(
            `select seq, body from ${schemas.fleet}.letters where talk = $1 and side <> $2 and seq > $3 order by seq`,
            [talk, side, heard],
          );
          for (const { seq, body } of rows) {
            if (closed) return;
            heard = seq;
            hear(
              attempt(() => JSON.parse(zstdDecompressSync(body, { maxOutputLength: LONGEST_LETTER }).toString('utf8'))),
            );
          }
        } while (readAgain);
      } catch (thrown) {
        if (!isAway(thrown)) end(thrown);
      } finally {
        reading = false;
      }
    };
    talks.set(talk, { read, close });
    void read();
    return {
      send(letter) {
        if (closed) return;
        written += 1;
        outbox.push({ seq: written, body: zstdCompressSync(JSON.stringify(letter)) });
        sending ??= flush().finally(() => {
          sending = undefined;
        });
      },
      async sent() {
        while (sending) await sending;
      },
      close,
    };
  };
  return {
    open,
    close() {
      clearInterval(timer);
      for (const { close } of [...talks.values()]) close();
    },
  };
}
