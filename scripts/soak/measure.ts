import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { RunEvent } from '../../src/journal/events.ts';

/** How the memory of a process went with the cycles: kB a cycle, the most it had, and over how many lives that was fitted. */
export interface Memory {
  readonly slopeKb: number;
  readonly peakMb: number;
  readonly lives: number;
}

export interface Sample {
  readonly cycle: number;
  readonly kb: number;
  /** Tells the lives of a process apart. */
  readonly life: number;
}

/** Median time between two mirrors less the session, in ms, over the cycles that no kill or fault disturbed; of the first and the last quarter too. */
export function overhead(events: readonly RunEvent[]): { median: number; first: number; last: number } {
  const found: number[] = [];
  let before: number | null = null;
  let session = 0;
  let disturbed = false;
  for (const event of events) {
    if (event.type === 'run.resumed' || event.type === 'fault.occurred') disturbed = true;
    if (event.type === 'session.ended') session = event.seconds * 1000;
    if (event.type !== 'cycle.mirrored') continue;
    if (before !== null && !disturbed) found.push(event.at - before - session);
    [before, disturbed] = [event.at, false];
  }
  const quarter = Math.ceil(found.length / 4);
  return { median: median(found), first: median(found.slice(0, quarter)), last: median(found.slice(-quarter)) };
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

/** Least squares within each life: a start reads the past again, so lives differ in level and only the slope counts. */
export function slope(samples: readonly Sample[]): Memory {
  let [top, bottom, lives] = [0, 0, 0];
  for (const life of Map.groupBy(samples, (sample) => sample.life).values()) {
    // The first cycles of a life fill caches.
    const settled = life.filter(({ cycle }) => cycle >= life[0].cycle + 15);
    if (settled.length < 10 || settled[settled.length - 1].cycle - settled[0].cycle < 30) continue;
    const mean = (of: (sample: (typeof settled)[0]) => number) =>
      settled.reduce((sum, each) => sum + of(each), 0) / settled.length;
    const [x, y] = [mean(({ cycle }) => cycle), mean(({ kb }) => kb)];
    for (const { cycle, kb } of settled) {
      top += (cycle - x) * (kb - y);
      bottom += (cycle - x) ** 2;
    }
    lives += 1;
  }
  return { slopeKb: bottom > 0 ? top / bottom : 0, peakMb: Math.max(0, ...samples.map(({ kb }) => kb)) / 1024, lives };
}

/** Resident memory of a process, 0 when it is gone. */
export function residentKb(pid: number | undefined): number {
  try {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}

/** The child of a harness that runs the tracker's sender. */
export function senderOf(pid: number | undefined): number | null {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
    return children.find((child) => readFileSync(`/proc/${child}/cmdline`, 'utf8').includes('sender/main.ts')) ?? null;
  } catch {
    return null;
  }
}

/** Bytes that a folder takes on the disk. */
export function sizeOf(dir: string): number {
  return readdirSync(dir, { recursive: true, withFileTypes: true }).reduce((sum, entry) => {
    return entry.isFile() ? sum + statSync(join(entry.parentPath, entry.name)).blocks * 512 : sum;
  }, 0);
}
