import { availableParallelism, loadavg } from 'node:os';
import { type LoadedChild, type LoadOptions, loadChild } from './loaded.ts';
import type { Exercise } from './protocol.ts';

/**
 * Evaluation children that have their windows and wait for a candidate. They are started while the model thinks, so that a
 * trial begins with its data in memory. Each is given to one candidate and ended with it, like any other child.
 */
export interface Spares {
  /**
   * Keeps one child for each of these, which may repeat, and no others. Missing ones are started one after the other, in order, once
   * `gone` is over: the children before them have given their memory back. One that waits and is wanted with another exercise goes on with that.
   */
  want(sets: readonly LoadOptions[], gone?: Promise<unknown>): void;
  /** A child with exactly these windows and limits; undefined when none is there or being started. It is the taker's to end. */
  take(set: LoadOptions): Promise<LoadedChild | undefined>;
  /** Whether one with exactly these windows and limits is there, or will be. */
  has(set: LoadOptions): boolean;
  /** Whether one is there, its windows loaded. */
  waits(set: LoadOptions): boolean;
  /** How many there are, those being started included. */
  readonly size: number;
  /** Until all that were wanted wait, or failed. */
  settled(): Promise<void>;
  /** Ends all of them, and waits for those that `want` heard of; none is started afterwards. */
  close(): Promise<void>;
}

/** A spare that needs longer for a word is no gain. */
const PING_MS = 5_000;

/** A round of exercise takes a part of a second; this guards against hanging for ever. */
const WARM_MS = 60_000;

interface Spare {
  started: boolean;
  loaded: boolean;
  /** What it has been told to exercise. */
  exercise: Exercise | undefined;
  child: Promise<LoadedChild | undefined>;
  /** Until the round of exercise under way is over: a child answers one question at a time. */
  busy: Promise<unknown>;
}

/** Less work than processors over the last minute, but for one process that exercised; Windows knows no load and says always. */
const processorFree = () => loadavg()[0] - 1 < availableParallelism();

/**
 * An empty pool. A harness that ends takes its children with it; a pool that is left open does not keep it from ending. Behind the first round, which
 * makes the windows ready, they exercise only while `free` says that this keeps nothing else waiting.
 */
export function openSpares(free = processorFree): Spares {
  const spares = new Map<string, Spare>();
  let queue: Promise<unknown> = Promise.resolve();
  let closed = false;

  const start = (key: string, set: LoadOptions) => {
    const spare: Spare = {
      started: false,
      loaded: false,
      exercise: undefined,
      child: Promise.resolve(undefined),
      busy: Promise.resolve(),
    };
    spares.set(key, spare);
    spare.child = queue.then(async () => {
      if (spares.get(key) !== spare) return undefined;
      spare.started = true;
      const child = await loadQuietly(set);
      // What failed is tried again at the next wish; until then a taker starts its own and hears why.
      if (!child && spares.get(key) === spare) spares.delete(key);
      child?.channel.rest(true);
      spare.loaded = child !== undefined;
      return child;
    });
    queue = spare.child;
    return spare;
  };
  /** Queued behind all starts: a process that waits unprepared is worth more than one that has not started. */
  const exercise = (key: string, spare: Spare, what: Exercise) => {
    queue = queue.then(async () => {
      const child = await spare.child;
      const wanted = () => spares.get(key) === spare && spare.exercise === what;
      for (let round = 0; child && wanted() && (round === 0 || free()); round++) {
        const more = warmed(child, round, what);
        spare.busy = more;
        if (!(await more)) break;
      }
    });
  };
  const drop = async (key: string, spare: Spare) => {
    spares.delete(key);
    const child = await spare.child;
    await child?.channel.end();
  };

  return {
    want(sets, gone) {
      if (gone) queue = Promise.allSettled([queue, gone]);
      if (closed) return;
      const wanted = new Map<string, LoadOptions>();
      for (const set of sets) {
        const [key] = keysOf(set).filter((each) => !wanted.has(each));
        if (key !== undefined) wanted.set(key, set);
      }
      for (const [key, spare] of spares) if (!wanted.has(key)) void drop(key, spare);
      const all = [...wanted].map(([key, set]) => ({ key, set, spare: spares.get(key) ?? start(key, set) }));
      for (const { key, set, spare } of all) {
        // Whatever it has been told makes it ready too.
        if (!set.exercise || set.exercise === spare.exercise || (set.exercise === 'ready' && spare.exercise)) continue;
        spare.exercise = set.exercise;
        exercise(key, spare, set.exercise);
      }
    },
    async take(set) {
      const there = keysOf(set).filter((each) => spares.has(each));
      const key = there.find((each) => spares.get(each)?.started) ?? there[0];
      const spare = key === undefined ? undefined : spares.get(key);
      if (!spare) return undefined;
      spares.delete(key);
      if (!spare.started) return undefined;
      const child = await spare.child;
      await spare.busy;
      child?.channel.rest(false);
      return child && (await answers(child)) ? child : undefined;
    },
    has: (set) => keysOf(set).some((key) => spares.has(key)),
    waits: (set) => keysOf(set).some((key) => spares.get(key)?.loaded),
    get size() {
      return spares.size;
    },
    async settled() {
      await queue;
    },
    async close() {
      closed = true;
      await Promise.all([queue, ...[...spares].map(([key, spare]) => drop(key, spare))]);
    },
  };
}

/** One that died or was stopped while it waited must not be taken for the next candidate's doing; it is ended for good. */
async function answers({ channel }: LoadedChild): Promise<boolean> {
  try {
    const { ok } = await channel.ask({ kind: 'ping' }, PING_MS, PING_MS);
    if (ok) return true;
  } catch {
    // The world took it.
  }
  await channel.end();
  return false;
}

/** Whether another round pays. One that fails is no harm: who died of it is found out by the ping. */
async function warmed({ channel }: LoadedChild, round: number, exercise: Exercise): Promise<boolean> {
  try {
    const answer = await channel.ask({ kind: 'warm', round, exercise }, WARM_MS, WARM_MS);
    return answer.ok && answer.value === true;
  } catch {
    return false;
  }
}

async function loadQuietly(set: LoadOptions): Promise<LoadedChild | undefined> {
  try {
    const answer = await loadChild(set);
    return answer.ok ? answer.value : undefined;
  } catch {
    return undefined;
  }
}

/** Children with the same windows that may wait. */
const ALIKE = [0, 1] as const;

function keysOf({ windows, limits }: LoadOptions): string[] {
  return ALIKE.map((number) => JSON.stringify([windows, limits.wallMs, limits.heapMb, number]));
}
