import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RunSession } from '../../agent/contract.ts';
import { closing } from '../../base/closing.ts';
import { say } from '../../base/draw/terminal.ts';
import { EXIT, RalphError, UsageError } from '../../base/errors.ts';
import { sha256 } from '../../base/hash.ts';
import { writeSeen } from '../run/state.ts';
import { BEAT_SECONDS, beatOf, openServer } from '../server/connect.ts';
import { openPost } from '../server/post.ts';
import { type Held, holdAt } from './hold.ts';
import { sessionVersion } from './letters.ts';
import { forgetIslands, type Island, type IslandState, livingIslands, serves, whyNone } from './state.ts';

/** Sessions of a run that islands hold. */
export type Islands = Awaited<ReturnType<typeof openIslands>>;

interface Opening {
  /** DATABASE_URL. */
  readonly url: string | undefined;
  readonly schema: string;
  readonly runDir: string;
  /** The model that the run wants; empty takes what the first island has. */
  readonly model: string;
  /** A person asked the run to stop. */
  stopping(): boolean;
}

/** Connections of a run beside its others: one hears letters. */
const CONNECTIONS = 3;
const AGAIN_MS = 250;

/** Opens the sessions of a run to islands, and waits for the first one. Throws RalphError without DATABASE_URL, or when a person stops it. */
export async function openIslands({ url, schema, runDir, model, stopping }: Opening) {
  if (url === undefined)
    throw new UsageError(
      'ralph.yaml lets islands hold the sessions (fleet.sessions), and DATABASE_URL does not say where they meet',
      { remedy: 'Set DATABASE_URL to a PostgreSQL server, or set fleet.sessions to here.' },
    );
  await using ends = new AsyncDisposableStack();
  const server = ends.use(
    closing(await openServer({ url, schema, role: 'run', connections: CONNECTIONS, durable: true })),
  );
  const { pool, schemas } = server;
  const code = sessionVersion();
  const run = sha256(`${hostname()} ${runDir}`).slice(0, 16);
  const forgetTalks = () => pool.query(`delete from ${schemas.fleet}.talks where run = $1`, [run]);
  // Of a start that was killed: its islands find out that nobody listens.
  await forgetTalks();
  await forgetIslands(server);
  const post = ends.use(closing(await openPost(server, 'run')));
  const held = new Set<Held>();
  let known = { code, model };
  let islands: readonly Island[] = await livingIslands(server);
  const own = () => islands.filter((island) => serves(island, known));
  const why = () => whyNone({ ...known, islands }) ?? 'no island took the session';

  const step = async () => {
    islands = await livingIslands(server);
    for (const { look } of held) await look?.();
  };
  const away = (thrown: unknown) => {
    for (const { fail } of held) fail?.(thrown);
  };
  const beat = beatOf(step, away, () => {
    const state: Omit<IslandState, 'at'> = {
      ...known,
      islands: islands.map(({ capabilities: _, ...island }) => island),
      held: [...held].map(({ id, island }) => ({ session: id, name: island?.name ?? null })),
    };
    writeSeen(runDir, 'islands.json', state);
  });
  ends.adopt(
    setInterval(() => void beat(), BEAT_SECONDS * 1000),
    clearInterval,
  );

  const first = await firstIsland();
  known = { code, model: first.model };
  const open = ends.move();
  open.defer(async () => {
    await forgetTalks().catch(() => {});
  });
  const holding = { server, post, run, held, islands: own, whyNone: why, stopping };
  const hold: RunSession = (spec, harness) => holdAt(holding, spec, harness);
  return {
    run: hold,
    /** What the islands' model can do: their own probe, of the first one that is there. */
    capabilities: { ...first.capabilities, model: first.model },
    close: () => open.disposeAsync(),
  };

  async function firstIsland(): Promise<Island> {
    for (let told = false; ; told = true) {
      const found = islands.find((island) => serves(island, { code, model: model || island.model }));
      if (found) return found;
      if (!told) say(`waiting for an island: ${whyNone({ ...known, islands })}`);
      await sleep(AGAIN_MS);
      if (stopping())
        throw new RalphError('stopped while it waited for an island', {
          remedy: 'Start `ralph island` where a model server is, and repeat the command.',
          exitCode: EXIT.interrupted,
        });
    }
  }
}
