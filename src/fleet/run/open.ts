import { existsSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { closing } from '../../base/closing.ts';
import { say } from '../../base/draw/terminal.ts';
import { UsageError } from '../../base/errors.ts';
import { sha256 } from '../../base/hash.ts';
import { engineVersion } from '../../gates/engine-version.ts';
import type { Bench } from '../../gates/workbench/box-workbench.ts';
import type { FrozenWindows } from '../../market/snapshot.ts';
import { checkSet } from '../check-set.ts';
import { openServer } from '../server/connect.ts';
import { publishWindow } from '../server/pieces.ts';
import { openDispatch } from './dispatch.ts';
import { type FleetState, type Seen, stuckReason, tally, writeSeen } from './state.ts';
import { fleetWorkbench } from './workbench.ts';

/** Evaluations of a run that are made by workers. */
export type Fleet = Awaited<ReturnType<typeof openFleet>>;

interface Opening {
  /** DATABASE_URL. */
  readonly url: string | undefined;
  readonly schema?: string;
  readonly tag: string;
  readonly runDir: string;
  readonly frozen: Pick<FrozenWindows, 'train' | 'selection' | 'universes'>;
}

/** Connections of a run beside its others: one hears answers. */
const CONNECTIONS = 4;

/** Opens the queue for a run: its tables, the frozen windows, and what workers are checked by. The holdout is not sent anywhere. */
export async function openFleet({ url, schema, tag, runDir, frozen }: Opening) {
  if (url === undefined)
    throw new UsageError(
      'ralph.yaml lets workers evaluate (fleet.evaluations), and DATABASE_URL does not say where they meet',
      { remedy: 'Set DATABASE_URL to a PostgreSQL server, or set fleet.evaluations to here.' },
    );
  const engine = engineVersion();
  const checked = await checkSet();
  await using ends = new AsyncDisposableStack();
  const server = ends.use(closing(await openServer({ url, schema, role: 'run', connections: CONNECTIONS })));
  for (const file of [...frozen.train, ...frozen.selection.flat()]) await publishWindow(server, file);
  const { pool, schemas } = server;
  const host = hostname();
  const run = sha256(`${host} ${runDir}`).slice(0, 16);
  const counts = tally();
  let told: string | null = null;
  const beat = async () => {
    const state = existsSync(join(runDir, 'PAUSE')) ? 'paused' : 'running';
    await pool.query(
      `insert into ${schemas.fleet}.runs values ($1, $2, $3, $4, $5, $6, now())
       on conflict (run) do update set engine = $4, checked = $5, state = $6, beat = now()`,
      [run, tag, host, engine, checked, state],
    );
  };
  const onBeat = (seen: Seen) => {
    const stuck = stuckReason(seen, engine);
    if (stuck !== told && stuck !== null) say(`fleet: ${stuck}`);
    told = stuck;
    const [perSecond, kinds] = [counts.perSecond(), counts.kinds()];
    const state: Omit<FleetState, 'at'> = { engine, ...seen, perSecond, kinds, stuck };
    writeSeen(runDir, 'fleet.json', state);
  };
  ends.defer(async () => {
    await pool.query(`delete from ${schemas.fleet}.runs where run = $1`, [run]).catch(() => {});
  });
  const dispatch = ends.use(closing(await openDispatch(server, { engine, beat, onBeat, counts })));
  const open = ends.move();
  return { workbench: (bench: Bench) => fleetWorkbench(dispatch, bench), close: () => open.disposeAsync() };
}
