import { appendFileSync, closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { isTorn, textAt } from '../../base/files.ts';
import { jsonIn } from '../../base/json.ts';
import type { Memo } from './checker.ts';
import type { Sample } from './measure.ts';
import type { DeadDamage } from './world/damage.ts';
import type { Disturbance } from './world/disturb.ts';

/** What was done to a run; `tree killed` is an end of everything, the soak with it. */
export type Done = Disturbance | DeadDamage | 'tree killed';

/** What a soak counts, over all its stretches. A stretch goes from a start of the soak to its end. */
export interface Counts {
  stretches: number;
  /** Starts of the harness. */
  starts: number;
  /** Ends of the harness that nobody asked for. */
  readonly surprises: string[];
  readonly disturbances: Partial<Record<Done, number>>;
  /** Starts that refused a damaged folder, as they have to. */
  refusals: number;
  readonly samples: Sample[];
  /** What the checker remembers. */
  readonly memos: Memo[];
  /** Whether the last stretch came to its end by itself. */
  ended: boolean;
  /** How long all stretches before the last one took, and until when the last one is known to have lived. */
  secondsBefore: number;
  secondsNow: number;
  /** What was there when a run without a record was taken up; null for a run that has its record from the beginning. */
  adopted: Adopted | null;
}

/** What a run had behind it when it got its record. */
export interface Adopted {
  readonly cycles: number;
  readonly seconds: number;
  readonly starts: number;
}

/** A line of the record: one thing that happened. */
export type Happened =
  | { readonly is: 'begun'; readonly options: Readonly<Record<string, unknown>>; readonly adopted: Adopted | null }
  | { readonly is: 'stretch' | 'start' | 'refusal' | 'end' }
  | { readonly is: 'surprise'; readonly what: string }
  | { readonly is: 'done'; readonly what: Done }
  | { readonly is: 'memo'; readonly memo: Memo }
  | ({ readonly is: 'sample'; readonly pid: number } & Omit<Sample, 'life'>);

/** The account of a soak in a file of JSON lines. */
export interface SoakRecord {
  readonly counts: Counts;
  /** Options of its beginning; null where nothing was noted yet. */
  readonly options: Readonly<Record<string, unknown>> | null;
  /** Counts it, and has it in the file when it returns. */
  add(happened: Happened): void;
  /** Seconds of all stretches so far. */
  seconds(): number;
  close(): void;
}

/** Opens a record, or begins one. What is in it outlives any end of the process; a last line that was torn counts as not written. */
export function openRecord(path: string): SoakRecord {
  const opened = performance.now();
  const counts: Counts = {
    stretches: 0,
    starts: 0,
    surprises: [],
    disturbances: {},
    refusals: 0,
    samples: [],
    memos: [],
    ended: true,
    secondsBefore: 0,
    secondsNow: 0,
    adopted: null,
  };
  let options: SoakRecord['options'] = null;
  for (const line of (textAt(path) ?? '').split('\n')) {
    const noted = jsonIn(line) as (Happened & { readonly at: number }) | undefined;
    if (!noted) continue;
    if (noted.is === 'begun') options = noted.options;
    count(counts, noted, noted.at);
  }
  mkdirSync(dirname(path), { recursive: true });
  if (isTorn(path)) appendFileSync(path, '\n');
  const file = openSync(path, 'a');
  const now = () => (performance.now() - opened) / 1000;
  return {
    counts,
    options,
    add(happened) {
      const at = Math.round(1000 * now()) / 1000;
      writeSync(file, `${JSON.stringify({ at, ...happened })}\n`);
      count(counts, happened, at);
    },
    seconds: () => counts.secondsBefore + now(),
    close: () => closeSync(file),
  };
}

function count(counts: Counts, happened: Happened, at: number): void {
  const done = (what: Done) => {
    counts.disturbances[what] = (counts.disturbances[what] ?? 0) + 1;
  };
  if (happened.is === 'stretch') {
    if (!counts.ended) done('tree killed');
    counts.stretches += 1;
    counts.ended = false;
    counts.secondsBefore += counts.secondsNow;
  }
  counts.secondsNow = at;
  switch (happened.is) {
    case 'begun':
      counts.adopted = happened.adopted;
      if (happened.adopted === null) break;
      counts.starts = happened.adopted.starts;
      counts.stretches = 1;
      counts.ended = false;
      counts.secondsNow = happened.adopted.seconds;
      break;
    case 'start':
      counts.starts += 1;
      break;
    case 'refusal':
      counts.refusals += 1;
      break;
    case 'surprise':
      counts.surprises.push(happened.what);
      break;
    case 'done':
      done(happened.what);
      break;
    case 'memo':
      counts.memos.push(happened.memo);
      break;
    case 'sample': {
      const { role, cycle, kb, handles, pid } = happened;
      // After a start of the machine a process may have the number of an older one.
      counts.samples.push({ role, cycle, kb, handles, life: `${counts.stretches}/${pid}` });
      break;
    }
    case 'end':
      counts.ended = true;
      break;
  }
}
