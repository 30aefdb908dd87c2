import type { JobKind } from '../job.ts';

/** What the jobs of this start took. */
export interface KindFigures {
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
      const sum = kinds.get(kind) ?? { jobs: 0, worked: 0, waited: 0 };
      sum.jobs += 1;
      sum.worked += workedMs;
      sum.waited += Math.max(0, totalMs - workedMs);
      kinds.set(kind, sum);
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
