import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { attempt } from '../../base/attempt.ts';
import { replaceFile } from '../../base/files.ts';
import { homeOf, type JobKind } from '../job.ts';
import type { Server } from '../server/connect.ts';
import { forgetSilent, type Present, presentIn } from '../server/present.ts';

/** What a run under way knows of its workers: `fleet.json` in its folder, written every few seconds, for `status` and the page. */
export interface FleetState {
  /** Epoch ms UTC. */
  readonly at: number;
  readonly engine: string;
  readonly hosts: readonly Host[];
  /** Jobs without an answer, and how long the oldest of them has waited. */
  readonly waiting: number;
  readonly oldestSeconds: number;
  /** Jobs answered a second, over the last minute. */
  readonly perSecond: number;
  readonly kinds: readonly KindFigures[];
  /** Why nothing goes on; null while something does. */
  readonly stuck: string | null;
}

/** Seconds that a job may wait with no worker to take it before it is said. */
const STUCK_SECONDS = 10;

/** What a run sees at a beat. */
export type Seen = Pick<FleetState, 'hosts' | 'waiting' | 'oldestSeconds'>;

/** Why jobs wait although nothing is evaluated; null where all is well. */
export function stuckReason({ hosts, waiting, oldestSeconds }: Seen, engine: string): string | null {
  if (waiting === 0 || oldestSeconds < STUCK_SECONDS) return null;
  const able = hosts.filter((host) => host.engine === engine);
  if (able.some(({ busy }) => busy > 0)) return null;
  const jobs = waiting === 1 ? '1 job waits' : `${waiting} jobs wait`;
  if (able.length > 0) {
    const unable = able.filter(({ failed }) => failed > 0);
    const why = `${unable.map(({ name, failed }) => `${name} gave ${failed} back`).join(', ')}: read there what it says`;
    return `${jobs}, and the workers (${able.map(({ name }) => name).join(', ')}) take none${unable.length > 0 ? `; ${why}` : ''}`;
  }
  const [other] = hosts;
  if (!other) return `${jobs}, and no worker is there: start \`ralph worker\` with the same DATABASE_URL`;
  return `${jobs} for engine ${engine.slice(0, 12)}, and ${other.name} has engine ${other.engine.slice(0, 12)}: bring it to the same version`;
}

/** For people, a line each: the queue, where the time goes, then each worker. */
export function fleetLines(state: FleetState): string[] {
  const { hosts, waiting, oldestSeconds, perSecond, kinds, stuck, engine } = state;
  const queue = `${waiting} waiting${waiting > 0 ? `, the oldest for ${oldestSeconds.toFixed(0)} s` : ''}; ${perSecond.toFixed(1)} jobs/s`;
  const slowest = kinds.toSorted((a, b) => b.jobs * b.milliseconds - a.jobs * a.milliseconds)[0];
  const time = slowest
    ? `; most time in ${slowest.kind}: ${slowest.jobs} jobs of ${slowest.milliseconds.toFixed(0)} ms, ${slowest.overheadMs.toFixed(0)} ms more in the queue`
    : '';
  return [
    queue + time,
    ...(stuck === null ? [] : [`STUCK: ${stuck}`]),
    ...hosts.map((host) => {
      const counts = `${host.busy} of ${host.processes} busy, ${host.done} done, ${host.failed} failed, ${host.late} late`;
      const other =
        host.engine === engine ? '' : `, another engine (${host.engine.slice(0, 12)}): it takes no job of this run`;
      return `${host.name} (${host.version}): ${counts}, load ${host.load.toFixed(1)}${other}`;
    }),
  ];
}

/** What the run last wrote; null where it uses no workers, or has ended. */
export function readFleetState(runDir: string, now = Date.now()): FleetState | null {
  return readSeen<FleetState>(runDir, 'fleet.json', now);
}

/** What the jobs of this start took. */
interface KindFigures {
  readonly kind: JobKind;
  readonly jobs: number;
  /** Mean time in a worker, and what the queue added to it, in ms. */
  readonly milliseconds: number;
  readonly overheadMs: number;
}

/** Counts answered jobs by what they asked. */
export function tally() {
  const kinds = new Map<JobKind, { jobs: number; worked: number; waited: number }>();
  const recent: number[] = [];
  return {
    add(kind: JobKind, workedMs: number, totalMs: number) {
      const sum = kinds.getOrInsert(kind, { jobs: 0, worked: 0, waited: 0 });
      sum.jobs += 1;
      sum.worked += workedMs;
      sum.waited += Math.max(0, totalMs - workedMs);
      recent.push(performance.now());
    },
    /** Answers a second over the last minute. */
    perSecond(): number {
      const from = performance.now() - 60_000;
      while (recent.length > 0 && recent[0] < from) recent.shift();
      return recent.length / 60;
    },
    kinds(): KindFigures[] {
      return [...kinds].map(([kind, { jobs, worked, waited }]) => ({
        kind,
        jobs,
        milliseconds: worked / jobs,
        overheadMs: waited / jobs,
      }));
    },
  };
}

/** A worker as the run sees it. */
export interface Host extends Present {
  readonly host: string;
  readonly engine: string;
  readonly processes: number;
  readonly done: number;
  readonly failed: number;
  /** Answers that came after their lease was lost, and were ignored. */
  readonly late: number;
  readonly since: Date;
}

export async function livingHosts(server: Server): Promise<Host[]> {
  return presentIn<Host>(server, 'hosts', 'host', ['engine', 'processes', 'done', 'failed', 'late', 'since']);
}

/** Removes workers that were silent for long; what waits in their own queues goes with these. */
export async function forgetHosts(server: Server): Promise<void> {
  await forgetSilent<Host>(server, 'hosts', ['host', 'engine'], ({ host, engine }) => homeOf(engine, host));
}

/** Files of a run's folder in which it says at every beat, for `status` and the page, what it sees of others. */
type Name = 'fleet.json' | 'islands.json';

/** Milliseconds after which what a run wrote is old: it has ended. */
const OLD_MS = 30_000;

/** Writes what a run sees now. Where that fails the next beat tries again: a full disk is met by the journal, which waits for room. */
export function writeSeen(runDir: string, name: Name, state: object): void {
  attempt(() => replaceFile(join(runDir, name), `${JSON.stringify({ at: Date.now(), ...state })}\n`));
}

/** What a run last wrote; null where it never did, or has ended. */
export function readSeen<T extends { readonly at: number }>(runDir: string, name: Name, now: number): T | null {
  const state = attempt(() => JSON.parse(readFileSync(join(runDir, name), 'utf8')) as T | null);
  return state && now - state.at <= OLD_MS ? state : null;
}
