import { randomUUID } from 'node:crypto';
import { hostname, loadavg } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { zstdDecompressSync } from 'node:zlib';
import type {
  BlocksStep,
  Capabilities,
  Endpoint,
  Restart,
  RunSession,
  SessionSpec,
  ToolResult,
} from '../../agent/contract.ts';
import { say } from '../../base/draw/terminal.ts';
import { messageOf } from '../../base/errors.ts';
import { isAway, patiently, type Server } from '../server/connect.ts';
import { openPost, type Talk } from '../server/post.ts';
import { serveUntil, type Wake } from '../server/serving.ts';
import { type Attempt, holdLease } from '../worker/lease.ts';
import { islandQueue, SESSION_SETTINGS, type ToIsland, type ToRun } from './letters.ts';

export interface Offering {
  readonly code: string;
  readonly version: string;
  /** Its own model server, and what that can do. */
  readonly endpoint: Endpoint;
  readonly capabilities: Capabilities;
  /** Sessions at once. */
  readonly count: number;
  readonly run: RunSession;
  readonly restart: Restart;
  /** Ends its sessions at once. */
  readonly signal: AbortSignal;
}

interface Session {
  readonly lease: Attempt;
  readonly talk: Talk;
  readonly abort: AbortController;
}

/** Time that the last letters get when an island ends, in ms. */
const GOODBYE_MS = 2_000;

/** Holds sessions for runs until the signal comes. Everything that a session asks for, beside its model, it asks the run. */
export async function serveIsland(server: Server, wake: Wake, offering: Offering): Promise<void> {
  const { code, endpoint, capabilities, count, signal } = offering;
  const { boss, pool, schemas } = server;
  const island = randomUUID();
  const name = `${hostname()}:${process.pid}`;
  const queue = islandQueue(code, island);
  const post = await openPost(server, 'island');
  const sessions = new Set<Session>();
  const counts = { held: 0, lost: 0 };
  await patiently(() => boss.createQueue(queue, { notify: true, ...SESSION_SETTINGS }));

  const beat = async () => {
    for (const { lease, talk, abort } of sessions) {
      if (await holdLease(server, lease)) continue;
      // What it would still say is not for this run any more.
      talk.close();
      abort.abort();
    }
    await pool.query(
      `insert into ${schemas.fleet}.islands values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, now())
       on conflict (island) do update set busy = $8, held = $9, lost = $10, load = $11, beat = now()`,
      [
        ...[island, name, offering.version, code, endpoint.model, JSON.stringify(capabilities), count],
        ...[sessions.size, counts.held, counts.lost, loadavg()[0]],
      ],
    );
  };
  const report = () => `${name}: ${sessions.size} of ${count} sessions, ${counts.held} held, ${counts.lost} lost`;

  const hold = async (lease: Attempt) => {
    const spec = await specOf(server, lease.id);
    // Taken in the moment in which the island ends.
    if (spec === null || signal.aborted) return;
    const abort = new AbortController();
    const waiting = new Map<number, (value: never) => void>();
    let asked = 0;
    const talk = post.open(lease.id, {
      hear(letter) {
        const said = letter as ToIsland;
        if (said.kind === 'abort') return abort.abort();
        waiting.get(said.id)?.(said.value as never);
        waiting.delete(said.id);
      },
      over: () => abort.abort(),
    });
    const tell = (letter: ToRun) => talk.send(letter);
    const ask = <T>(question: (id: number) => ToRun) =>
      new Promise<T>((answer) => {
        asked += 1;
        waiting.set(asked, answer);
        tell(question(asked));
      });
    const session = { lease, talk, abort };
    sessions.add(session);
    try {
      const end = await offering.run(
        { ...spec, endpoint, capabilities },
        {
          callTool: (name, args) => ask<ToolResult>((id) => ({ kind: 'call', id, name, args })),
          drive: (answer) => ask<BlocksStep>((id) => ({ kind: 'drive', id, answer })),
          restart: offering.restart,
          onEntry: (entry) => tell({ kind: 'entry', entry }),
          signal: abort.signal,
        },
      );
      tell({ kind: 'end', end });
      await talk.sent();
      if (abort.signal.aborted) counts.lost += 1;
      else counts.held += 1;
      await boss.complete(queue, lease);
    } finally {
      talk.close();
      sessions.delete(session);
    }
  };
  let begun = 0;
  const start = async (lease: Attempt) => {
    begun += 1;
    try {
      await hold(lease);
    } catch (thrown) {
      if (!isAway(thrown)) say(`a session was lost: ${messageOf(thrown)}`);
    } finally {
      begun -= 1;
      wake.now();
    }
  };

  const take = async () => {
    const free = count - begun;
    if (free === 0) return false;
    const jobs = await boss.fetch<object>(queue, { batchSize: free }).catch(async (thrown) => {
      if (isAway(thrown)) return [];
      if (!/does not exist/.test(messageOf(thrown))) throw thrown;
      // It was silent for so long that a run has forgotten it.
      await boss.createQueue(queue, { notify: true, ...SESSION_SETTINGS });
      return [];
    });
    for (const { id, retryCount } of jobs) void start({ queue, id, retryCount });
    return jobs.length > 0;
  };
  try {
    await serveUntil(wake, { beat, take, report, signal });
  } finally {
    const goodbyes = [...sessions].map(async ({ talk, abort }) => {
      // Before the process ends, so that this is what the run hears first.
      talk.send({ kind: 'left', why: 'was ended' } satisfies ToRun);
      await talk.sent();
      abort.abort();
    });
    await Promise.race([Promise.all(goodbyes), sleep(GOODBYE_MS)]);
    for (const { abort } of sessions) abort.abort();
    post.close();
    await pool.query(`delete from ${schemas.fleet}.islands where island = $1`, [island]).catch(() => {});
    await boss.deleteQueue(queue).catch(() => {});
  }
}

/** What the session was sent; null when the run wants it no more. */
async function specOf({ pool, schemas }: Server, talk: string): Promise<SessionSpec | null> {
  const { rows } = await pool.query<{ spec: Buffer }>(`select spec from ${schemas.fleet}.talks where talk = $1`, [
    talk,
  ]);
  return rows.length === 0 ? null : (JSON.parse(zstdDecompressSync(rows[0].spec).toString('utf8')) as SessionSpec);
}
