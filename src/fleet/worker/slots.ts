import { zstdDecompressSync } from 'node:zlib';
import type { Spares } from '../../backtest/box/spares.ts';
import type { BoxAnswer } from '../../backtest/contract.ts';
import { sha256 } from '../../base/hash.ts';
import { boxWorkbench } from '../../gates/workbench/box-workbench.ts';
import type { Workbench } from '../../gates/workbench/workbench.ts';
import type { WindowFile } from '../../market/snapshot.ts';
import type { Call, CandidateBody, FrozenName } from '../job.ts';
import type { Server } from '../server/connect.ts';
import { fetchWindow } from '../server/pieces.ts';
import type { Lease } from './lease.ts';

/** Milliseconds for which an idle candidate keeps its processes: its next stage mostly comes sooner. */
const IDLE_MS = 20_000;

/** Candidates that stay open beside those that are evaluated: who asks for several at once would else have each opened anew at every turn. */
const KEPT_OPEN = 2;

/** A candidate with its processes, evaluated now or not. */
interface Slot {
  candidate: string | null;
  bench: Workbench | null;
  lease: Lease | null;
  /** The lease was lost, so that whatever comes of it is thrown away. */
  lost: boolean;
  usedAt: number;
}

/** The evaluation processes of a worker: so many evaluations at once. */
export function openSlots(count: number, open: (candidate: string) => Promise<Workbench>) {
  const slots: Slot[] = Array.from({ length: count + KEPT_OPEN }, () => ({
    candidate: null,
    bench: null,
    lease: null,
    lost: false,
    usedAt: 0,
  }));
  const idle = () => slots.filter(({ lease }) => lease === null);
  const empty = async (slot: Slot) => {
    const { bench } = slot;
    [slot.bench, slot.candidate] = [null, null];
    await bench?.close();
  };
  /** The one that has the candidate open, else one that has none, else the one that was idle for longest. */
  const slotFor = (candidate: string): Slot => {
    const free = idle().sort((a, b) => a.usedAt - b.usedAt);
    return free.find((slot) => slot.candidate === candidate) ?? free.find(({ bench }) => bench === null) ?? free[0];
  };
  return {
    get free() {
      return Math.max(0, idle().length - KEPT_OPEN);
    },
    leases: () => slots.flatMap(({ lease, lost }) => (lease && !lost ? [lease] : [])),
    /** Answers a lease's calls in order; null when the lease was lost meanwhile. Throws for what is this host's fault. */
    async run(lease: Lease): Promise<BoxAnswer<unknown>[] | null> {
      const { candidate, calls } = lease.job;
      const slot = slotFor(candidate);
      [slot.lease, slot.lost] = [lease, false];
      try {
        if (slot.candidate !== candidate) {
          await empty(slot);
          slot.bench = await open(candidate);
          slot.candidate = candidate;
        }
        const answers: BoxAnswer<unknown>[] = [];
        for (const call of calls) {
          if (slot.lost) return null;
          answers.push(await answerOf(slot.bench!, call));
        }
        return slot.lost ? null : answers;
      } catch (thrown) {
        if (slot.lost) return null;
        throw thrown;
      } finally {
        slot.usedAt = performance.now();
        slot.lease = null;
        if (slot.lost) await empty(slot);
      }
    },
    /** Ends the evaluation of a lease at once. */
    async drop(lease: Lease): Promise<void> {
      const slot = slots.find((each) => each.lease === lease);
      if (!slot) return;
      slot.lost = true;
      await slot.bench?.close();
    },
    /** Ends the processes of a candidate that is done with, and of those that were idle for long. */
    async tidy(done?: string): Promise<void> {
      const old = performance.now() - IDLE_MS;
      const isOver = ({ candidate, usedAt }: Slot) => candidate === done || usedAt < old;
      const gone = idle().filter((slot) => slot.bench !== null && isOver(slot));
      await Promise.all(gone.map(empty));
    },
    async close(): Promise<void> {
      await Promise.all(slots.map(empty));
    },
  };
}

function answerOf(bench: Workbench, call: Call): Promise<BoxAnswer<unknown>> {
  if (call.kind === 'simulate') return bench.simulate(call.window, call.requests);
  if (call.kind === 'allowed') return bench.allowed(call.points);
  return bench.audit(call.params, call.cuts);
}

/** Candidates whose code stays in memory; their processes are another matter. */
const KEPT = 50;

/** Opens candidates in the locked box of this host, on windows that it fetched and compared. */
export function candidateStore(server: Server, dir: string, spares: Spares) {
  const bodyAt = remembered<CandidateBody>(KEPT);
  const windowAt = remembered<WindowFile>(Number.POSITIVE_INFINITY);
  const windowOf = (name: FrozenName) =>
    windowAt(`${name.symbol} ${name.fingerprint}`, () => fetchWindow(server, dir, name));
  return async (candidate: string): Promise<Workbench> => {
    const { train, selection, universes, ...body } = await bodyAt(candidate, () => readBody(server, candidate));
    const frozen = {
      train: await Promise.all(train.map(windowOf)),
      universes,
      selection: await Promise.all(selection.map((fold) => Promise.all(fold.map(windowOf)))),
    };
    return boxWorkbench({ ...body, frozen, spares, processors: 1 });
  };
}

/** What was made for the last `most` keys; what failed is tried again by the next job. */
function remembered<T>(most: number): (key: string, make: () => Promise<T>) => Promise<T> {
  const known = new Map<string, Promise<T>>();
  return (key, make) => {
    const found = known.getOrInsertComputed(key, make);
    found.catch(() => known.delete(key));
    if (known.size > most) known.delete(known.keys().next().value!);
    return found;
  };
}

async function readBody({ pool, schemas }: Server, candidate: string): Promise<CandidateBody> {
  const asked = `select body from ${schemas.fleet}.candidates where candidate = $1`;
  const { rows } = await pool.query<{ body: Buffer }>(asked, [candidate]);
  if (rows.length === 0) throw new Error(`the candidate ${candidate.slice(0, 12)} is not in the database`);
  const text = zstdDecompressSync(rows[0].body).toString('utf8');
  if (sha256(text) !== candidate)
    throw new Error(`the candidate ${candidate.slice(0, 12)} was changed in the database`);
  return JSON.parse(text) as CandidateBody;
}
