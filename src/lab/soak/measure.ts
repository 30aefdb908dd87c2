import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TranscriptEntry } from '../../agent/contract.ts';
import { median } from '../../base/numbers.ts';
import type { RunEvent } from '../../journal/events.ts';
import { diskBytes } from '../../journal/prune.ts';
import type { Role } from './world/processes.ts';

/** How the memory of a kind of process went with the cycles. */
export interface Memory {
  /** Least squares, kB a cycle: within each life of a process that grows old, over all of them for one that lives for a cycle. */
  readonly slopeKb: number;
  readonly peakMb: number;
  readonly peakHandles: number;
  readonly lives: number;
}

export interface Sample {
  readonly role: Role;
  readonly cycle: number;
  readonly kb: number;
  /** Open files, sockets and pipes. */
  readonly handles: number;
  /** Tells the lives of a process apart. */
  readonly life: string;
}

/** Where the time of a cycle went, in ms. `overhead` is what is left without the model and the evaluation. */
export interface CycleTime {
  readonly cycle: number;
  readonly total: number;
  readonly model: number;
  readonly evaluation: number;
  /** From the last mirror until the cycle was started: directive, digest, brief. */
  readonly start: number;
  /** From there until the session asked the model for the first time. */
  readonly session: number;
  /** Tools, journal and everything else within the session. */
  readonly tools: number;
  /** From the end of the session to the mirror: verdict, commit, projections, page, outbox. */
  readonly finish: number;
  readonly overhead: number;
}

/** Times of the cycles that no start, fault or clock disturbed. */
export function cycleTimes(events: readonly RunEvent[], runDir: string): CycleTime[] {
  const found: CycleTime[] = [];
  let before: number | null = null;
  let open: { started: number; ended: number; evaluation: number } | null = null;
  let disturbed = true;
  for (const event of events) {
    if (event.type === 'run.resumed' || event.type === 'fault.occurred') disturbed = true;
    if (event.type === 'cycle.started') open = { started: event.at, ended: event.at, evaluation: 0 };
    if (event.type === 'trial.finished' && open) open.evaluation += event.seconds * 1000;
    if (event.type === 'trial.refused' && open) open.evaluation += (event.seconds ?? 0) * 1000;
    if (event.type === 'session.ended' && open) open.ended = event.at;
    if (event.type !== 'cycle.mirrored' || !open) continue;
    const asked = modelTime(join(runDir, 'cycles', String(event.cycle).padStart(4, '0'), 'transcript.jsonl'));
    if (before !== null && !disturbed && asked !== null) {
      const total = event.at - before;
      const session = asked.first - open.started;
      const { started, ended } = open;
      const evaluation = open.evaluation + asked.checks;
      found.push({
        cycle: event.cycle,
        total,
        model: asked.model,
        evaluation,
        start: started - before,
        session,
        tools: ended - started - session - asked.model - evaluation,
        finish: event.at - ended,
        overhead: total - asked.model - evaluation,
      });
    }
    [before, open, disturbed] = [event.at, null, false];
  }
  return found;
}

/**
 * When a session asked the model for the first time, how long it waited for answers in all, and how long the check of candidates took,
 * which is the first stage of their evaluation; null without an answer.
 */
function modelTime(path: string): { first: number; model: number; checks: number } | null {
  if (!existsSync(path)) return null;
  let first: number | null = null;
  let since: number | null = null;
  let model = 0;
  let checks = 0;
  let before = 0;
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    // Not worth parsing whole: a line begins with its time and its kind.
    const head = /^\{"at":(\d+),"kind":"(\w+)"/.exec(line);
    if (!head) continue;
    const [at, kind] = [Number(head[1]), head[2] as TranscriptEntry['kind']];
    if (kind === 'request') {
      first ??= at;
      since ??= at;
    } else if (kind === 'tool' && line.includes('"data":{"name":"check_candidate"')) {
      checks += at - before;
    } else if (kind === 'turn' || kind === 'end') {
      // From the first request for a turn to its answer: asking again and waiting for a server are the model's time.
      model += since === null ? 0 : at - since;
      since = null;
    }
    before = at;
  }
  return first === null ? null : { first, model, checks };
}

export interface Overhead {
  readonly median: number;
  /** Median of the first and of the last quarter. */
  readonly first: number;
  readonly last: number;
  /** Medians of the parts. */
  readonly parts: Readonly<Record<'model' | 'evaluation' | 'start' | 'session' | 'tools' | 'finish', number>>;
  /** Median of the overhead of a cycle as a share of its evaluation. */
  readonly perEvaluation: number;
  /** Cycles that were measured. */
  readonly cycles: number;
}

/** Medians over cycles, in ms. */
export function overheadOf(times: readonly CycleTime[]): Overhead {
  const quarter = Math.ceil(times.length / 4);
  const of = (name: keyof CycleTime) => usual(times.map((time) => time[name]));
  const overhead = (some: readonly CycleTime[]) => usual(some.map((time) => time.overhead));
  return {
    median: overhead(times),
    first: overhead(times.slice(0, quarter)),
    last: overhead(times.slice(-quarter)),
    parts: {
      model: of('model'),
      evaluation: of('evaluation'),
      start: of('start'),
      session: of('session'),
      tools: of('tools'),
      finish: of('finish'),
    },
    perEvaluation: usual(times.flatMap((time) => (time.evaluation > 0 ? [time.overhead / time.evaluation] : []))),
    cycles: times.length,
  };
}

function usual(values: readonly number[]): number {
  return values.length === 0 ? 0 : median(values);
}

/** Roles whose processes live for one cycle or less. */
const BRIEF: ReadonlySet<Role> = new Set(['agent', 'evaluation']);

/** The memory of each kind of process. */
export function memoryOf(samples: readonly Sample[]): Partial<Record<Role, Memory>> {
  const found: Partial<Record<Role, Memory>> = {};
  for (const [role, own] of Map.groupBy(samples, (sample) => sample.role)) {
    const lives = [...Map.groupBy(own, (sample) => sample.life).values()];
    const fits = BRIEF.has(role) ? [lives.map(peakOf)] : lives.map(settled);
    const usable = fits.filter(isLong);
    const peakMb = Math.max(...own.map(({ kb }) => kb)) / 1024;
    const peakHandles = Math.max(...own.map(({ handles }) => handles));
    found[role] = {
      slopeKb: slope(usable),
      peakMb,
      peakHandles,
      lives: BRIEF.has(role) ? lives.length : usable.length,
    };
  }
  return found;
}

type Point = Pick<Sample, 'cycle' | 'kb'>;

function peakOf(life: readonly Sample[]): Point {
  return life.reduce((most, sample) => (sample.kb > most.kb ? sample : most));
}

/** Without the first cycles of a life, which fill caches. */
function settled(life: readonly Sample[]): Point[] {
  return life.filter(({ cycle }) => cycle >= life[0].cycle + 15);
}

function isLong(points: readonly Point[]): boolean {
  return points.length >= 10 && points[points.length - 1].cycle - points[0].cycle >= 30;
}

/** Least squares within each group: groups differ in level, because a start reads the past again, and only the slope counts. */
function slope(groups: readonly (readonly Point[])[]): number {
  let [top, bottom] = [0, 0];
  for (const points of groups) {
    const mean = (of: (point: Point) => number) => points.reduce((sum, each) => sum + of(each), 0) / points.length;
    const [x, y] = [mean(({ cycle }) => cycle), mean(({ kb }) => kb)];
    for (const { cycle, kb } of points) {
      top += (cycle - x) * (kb - y);
      bottom += (cycle - x) ** 2;
    }
  }
  return bottom > 0 ? top / bottom : 0;
}

/** What a run folder takes on the disk for 100 cycles, kB by part, largest first. */
export function diskOf(runDir: string, cycles: number): [part: string, kb: number][] {
  const parts = new Map<string, number>();
  const add = (name: string, path: string) => parts.set(name, (parts.get(name) ?? 0) + diskBytes(path));
  for (const name of readdirSync(runDir)) {
    if (name !== 'cycles') add(name.replace(/^journal\..*/, 'journal'), join(runDir, name));
    else
      for (const cycle of readdirSync(join(runDir, name)))
        for (const file of readdirSync(join(runDir, name, cycle))) {
          // The system text is one file under many names.
          if (file === 'system.md') continue;
          add(/\.(ts|yaml)$/.test(file) ? 'candidates' : `cycles/${file}`, join(runDir, name, cycle, file));
        }
  }
  const per100 = ([name, bytes]: [string, number]): [string, number] => [
    name,
    (bytes / 1000 / Math.max(1, cycles)) * 100,
  ];
  return [...parts].map(per100).sort(([, a], [, b]) => b - a);
}
