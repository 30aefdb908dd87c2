import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { zstdCompressSync } from 'node:zlib';
import type { BlocksStep, SessionEnd, SessionHarness, SessionSpec, ToolResult } from '../../agent/contract.ts';
import { Ledger } from '../../agent/ledger.ts';
import { awakeLimit } from '../../base/wait/awake.ts';
import { patiently, type Server } from '../server/connect.ts';
import type { Post } from '../server/post.ts';
import { islandQueue, isToRun, SESSION_SETTINGS, type ToIsland } from './letters.ts';
import { type Island, islandFor } from './state.ts';

/** Time beyond its own limits that a session gets to end by itself, in ms. */
const GRACE_MS = 5_000;
/** How long a run waits for an island before that counts as a model server that is down. */
const NOBODY_MS = 300_000;
const AGAIN_MS = 250;

/** A session as the run holds it. */
export interface Held {
  /** Its name. */
  readonly id: string;
  island: Island | null;
  /** Looks what became of it. */
  look?: () => Promise<void>;
  /** The database was away for too long. */
  fail?: (thrown: unknown) => void;
}

/** What sessions of a run share. */
export interface Holding {
  readonly server: Server;
  readonly post: Post;
  /** Of the run. */
  readonly run: string;
  readonly held: Set<Held>;
  /** Those that may hold its sessions, as of the last beat. */
  islands(): readonly Island[];
  /** Why there is none. */
  whyNone(): string;
  /** A person asked the run to stop. */
  stopping(): boolean;
}

/**
 * A session that an island holds: its tools run here, its model is asked there. An island that is lost ends it as a process that died does;
 * what it charged is judged, and where it charged nothing it is held again.
 */
export async function holdAt(at: Holding, spec: SessionSpec, harness: SessionHarness): Promise<SessionEnd> {
  const ledger = new Ledger(spec, harness.onEntry);
  const held: Held = { id: spec.id, island: null };
  at.held.add(held);
  try {
    const since = performance.now();
    for (;;) {
      held.island = islandFor(at.islands(), spec.number ?? 1) ?? null;
      if (held.island !== null) {
        const end = await converse(at, held as Held & { island: Island }, spec, harness, ledger);
        if (end !== 'untaken') return end;
      } else if (harness.signal.aborted || at.stopping()) return ledger.end('aborted', 'stopped while it waited');
      else if (performance.now() - since > NOBODY_MS) return ledger.end('server_down', at.whyNone());
      await sleep(AGAIN_MS);
    }
  } finally {
    at.held.delete(held);
  }
}

async function converse(
  { server, post, run, islands }: Holding,
  held: Held & { island: Island },
  spec: SessionSpec,
  harness: SessionHarness,
  ledger: Ledger,
): Promise<SessionEnd | 'untaken'> {
  const { pool, boss, schemas } = server;
  const { island } = held;
  const talk = randomUUID();
  const queue = islandQueue(island.code, island.island);
  const { promise, resolve, reject } = Promise.withResolvers<SessionEnd | 'untaken'>();
  // Awaited below, after the session was sent.
  promise.catch(() => {});
  const lost = (why: string) => {
    // What it says after that is not heard.
    line.close();
    resolve(ledger.end('crashed', `the island ${island.name} ${why}`));
  };
  const line = post.open(talk, {
    hear: (letter) => hear(letter),
    over: (thrown) => (thrown ? reject(thrown) : lost('was told by another start of this run to end')),
  });
  const tell = (letter: ToIsland) => line.send(letter);
  const answerWith = (id: number, work: Promise<ToolResult | BlocksStep>) => {
    work.then((value) => tell({ kind: 'answer', id, value }), reject);
  };
  const hear = (letter: unknown) => {
    if (!isToRun(letter)) lost('sent a letter that this run cannot read');
    else if (letter.kind === 'entry') ledger.add(letter.entry);
    else if (letter.kind === 'end') resolve(letter.end);
    else if (letter.kind === 'left') lost(letter.why);
    else if (letter.kind === 'call') answerWith(letter.id, harness.callTool(letter.name, letter.args));
    else
      answerWith(
        letter.id,
        harness.drive?.(letter.answer) ?? Promise.reject(new Error('this task has no blocks wire')),
      );
  };

  let looked = 0;
  held.fail = reject;
  const look = async () => {
    const asked = `select state::text from ${schemas.queue}.job where id = $1 and name = $2`;
    const { rows } = await pool.query<{ state: string }>(asked, [talk, queue]);
    const state = rows[0]?.state ?? 'missing';
    if (state === 'active') return;
    if (state === 'created') {
      if (islands().some((each) => each.island === island.island)) return;
      const gone = await pool.query(
        `delete from ${schemas.queue}.job where id = $1 and name = $2 and state = 'created' returning id`,
        [talk, queue],
      );
      if (gone.rows.length > 0) resolve('untaken');
      return;
    }
    // Where it was completed, the last letter is on its way.
    looked += 1;
    if (state !== 'completed' || looked > 1) lost(state === 'failed' ? 'was silent for too long' : 'ended');
  };

  let hardStop: NodeJS.Timeout | undefined;
  const stop = () => {
    tell({ kind: 'abort' });
    hardStop ??= setTimeout(() => resolve(ledger.end('aborted', 'aborted by the harness')), GRACE_MS);
  };
  const wall = awakeLimit(spec.limits.wallMs + 2 * GRACE_MS, () =>
    resolve(ledger.end('wall_limit', 'over its wall time')),
  );
  harness.signal.addEventListener('abort', stop, { once: true });
  try {
    // Without the endpoint: each island has its own, with its own key.
    const sent = { ...spec, endpoint: { baseUrl: '', model: '', apiKey: '' } };
    const body = zstdCompressSync(JSON.stringify(sent));
    await patiently(async () => {
      await pool.query(`insert into ${schemas.fleet}.talks values ($1, $2, $3) on conflict do nothing`, [
        ...[talk, run, body],
      ]);
      await boss.insert(queue, [{ id: talk, data: {}, ...SESSION_SETTINGS }]);
    });
    // Before that it would be missing.
    held.look = look;
    if (harness.signal.aborted) stop();
    return await promise;
  } catch (thrown) {
    // The queue of an island that has left a moment ago.
    if (/does not exist/.test(String((thrown as Error)?.message))) return 'untaken';
    throw thrown;
  } finally {
    held.look = undefined;
    held.fail = undefined;
    wall.clear();
    clearTimeout(hardStop);
    harness.signal.removeEventListener('abort', stop);
    line.close();
    await endTalk(server, talk, queue).catch(() => {});
  }
}

/** From here on the island has nobody to talk to, and finds out at its next letter or beat. */
async function endTalk({ pool, schemas }: Server, talk: string, queue: string): Promise<void> {
  await pool.query(`delete from ${schemas.fleet}.talks where talk = $1`, [talk]);
  await pool.query(`delete from ${schemas.queue}.job where id = $1 and name = $2`, [talk, queue]);
}
