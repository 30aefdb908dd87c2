import { zstdDecompressSync } from 'node:zlib';
import type { Spares } from '../../backtest/box/spares.ts';
import { sha256 } from '../../base/hash.ts';
import { boxWorkbench } from '../../gates/workbench/box-workbench.ts';
import type { Workbench } from '../../gates/workbench/workbench.ts';
import type { CandidateBody, FrozenName } from '../job.ts';
import type { Server } from '../server/connect.ts';
import { fetchWindow } from '../server/pieces.ts';

/** Candidates whose code stays in memory; their processes are another matter. */
const KEPT = 50;

/** Opens candidates in the locked box of this host, on windows that it fetched and compared. */
export function candidateStore(server: Server, dir: string, spares: Spares) {
  const bodies = new Map<string, Promise<CandidateBody>>();
  const windows = new Map<string, ReturnType<typeof fetchWindow>>();

  const windowOf = (name: FrozenName) => {
    const key = `${name.symbol} ${name.fingerprint}`;
    const before = windows.get(key);
    if (before) return before;
    const fetching = fetchWindow(server, dir, name);
    windows.set(key, fetching);
    // Tried again by the next job.
    fetching.catch(() => windows.delete(key));
    return fetching;
  };
  const bodyOf = (candidate: string) => {
    const before = bodies.get(candidate);
    if (before) return before;
    const reading = readBody(server, candidate);
    bodies.set(candidate, reading);
    reading.catch(() => bodies.delete(candidate));
    if (bodies.size > KEPT) bodies.delete(bodies.keys().next().value!);
    return reading;
  };
  return {
    async open(candidate: string): Promise<Workbench> {
      const { train, selection, universes, ...body } = await bodyOf(candidate);
      const frozen = {
        train: await Promise.all(train.map(windowOf)),
        universes,
        selection: await Promise.all(selection.map((fold) => Promise.all(fold.map(windowOf)))),
      };
      return boxWorkbench({ ...body, frozen, spares, processors: 1 });
    },
  };
}

async function readBody({ pool, schemas }: Server, candidate: string): Promise<CandidateBody> {
  const { rows } = await pool.query<{ body: Buffer }>(
    `select body from ${schemas.fleet}.candidates where candidate = $1`,
    [candidate],
  );
  if (rows.length === 0) throw new Error(`the candidate ${candidate.slice(0, 12)} is not in the database`);
  const text = zstdDecompressSync(rows[0].body).toString('utf8');
  if (sha256(text) !== candidate)
    throw new Error(`the candidate ${candidate.slice(0, 12)} was changed in the database`);
  return JSON.parse(text) as CandidateBody;
}
