import { secret } from '../../base/secrets.ts';
import type { TrialRecord } from '../../forward/record.ts';
import type { ForwardRow, Seen } from '../../forward/row.ts';
import type { RunEvent } from '../../journal/events.ts';
import { stateOf } from '../../journal/state/run-state.ts';
import { type ForwardSeen, readForward, writeForward } from '../../page/forward.ts';
import type { ForwardLine } from '../../page/view.ts';
import { openOutbox } from '../../tracking/outbox.ts';
import { suffixOf } from '../../tracking/runs.ts';
import { safeId } from '../../tracking/search-run.ts';
import type { TrackedRun } from '../../tracking/tracker.ts';

/** Days of a record that its run at the tracker shows. */
const MOST_ROWS = 1000;

/** Where a look is told, and when (epoch ms). `tell` resolves when the lines are on their way to the person. */
export interface Teller {
  readonly runDir: string;
  readonly events: readonly RunEvent[];
  tell(lines: readonly string[]): Promise<void>;
  readonly now: number;
}

/** Tells what is new of a look, and leaves it for page, report and tracker. Answers the records that wait for W&B: none without its key. */
export async function tellForward(seen: readonly Seen[], { runDir, events, tell, now }: Teller): Promise<number> {
  const rows = seen.map(({ row }) => row);
  await tell(newsIn(runDir, rows));
  // Noted after it was told: a mistake in ralph.yaml or a kill in between loses no news.
  noteForward(runDir, rows, now);
  return secret('WANDB_API_KEY') ? trackForward(runDir, events, seen, now) : 0;
}

/** One line for each keep that has begun to fade or died since the look that was noted last. */
export function newsIn(runDir: string, rows: readonly ForwardRow[]): string[] {
  const before = readForward(runDir);
  return rows.filter((row) => isNews(row, before)).map(newsOf);
}

/** Leaves what was seen for page, report and the next look. `now`: epoch ms. */
export function noteForward(runDir: string, rows: readonly ForwardRow[], now: number): void {
  writeForward(runDir, { at: now, trials: rows.map(lineOf) });
}

function lineOf(row: ForwardRow): ForwardLine {
  const { trial, role, state, since, expected, days, unseen, promise, sharpe, problem } = row;
  const grown = { return: row.return, market: row.benchmarkReturn };
  return {
    trial,
    role,
    state,
    since,
    expected,
    days,
    unseen,
    promised: promise?.sharpe ?? null,
    sharpe: sharpe.record,
    ...grown,
    problem,
  };
}

function isNews({ trial, state }: ForwardRow, before: ForwardSeen | null): boolean {
  if (state !== 'fading' && state !== 'dead') return false;
  return before?.trials.find((each) => each.trial === trial)?.state !== state;
}

function newsOf({ trial, candidate, state, since, days }: ForwardRow): string {
  return `${trial} (${candidate}) is ${state} since ${since}, after ${days} days behind its windows`;
}

/** Puts a run for each record into the outbox of the search: the sender of the run, or `track sync`, brings them to the tracker. */
export function trackForward(
  runDir: string,
  events: readonly RunEvent[],
  looked: readonly Seen[],
  now: number,
): number {
  const outbox = openOutbox(runDir);
  const { tag } = stateOf(events);
  const runs = looked.flatMap(({ row, record }) => (record ? [runOf(tag, suffixOf(events), row, record, now)] : []));
  for (const run of runs) outbox.put(run);
  return runs.length;
}

function runOf(tag: string, suffix: string, row: ForwardRow, { days }: TrialRecord, now: number): TrackedRun {
  const { trial, candidate, family, role, state, since, expected, unseen, promise, sharpe } = row;
  const step = Math.max(1, Math.ceil(days.length / MOST_ROWS));
  const levels = { equity: 1, market: 1 };
  const history = days.flatMap((day, i) => {
    levels.equity *= 1 + day.return;
    levels.market *= 1 + day.benchmark;
    const shown = i === days.length - 1 || i % step === 0;
    return shown ? [{ 'forward/day': i + 1, 'forward/equity': levels.equity, 'forward/market': levels.market }] : [];
  });
  const name = role === 'control' ? 'CONTROL' : (state ?? 'no record').toUpperCase();
  const gone = state === 'fading' || state === 'dead';
  return {
    id: safeId(`${tag}-forward-${trial}-${suffix}`),
    name: `${name} · ${days.length} days · ${candidate}`,
    config: { tag, trial, family, strategy: candidate, from: row.from },
    summary: {
      state,
      since,
      expected,
      unseen,
      days: days.length,
      corrected: row.corrected,
      promised: promise?.sharpe ?? null,
      sharpe: sharpe.record,
      return: row.return,
      market: row.benchmarkReturn,
    },
    history,
    exitCode: 0,
    group: tag,
    jobType: 'forward',
    tags: [family, role, ...(state ? [state] : [])].map((text) => text.slice(0, 64)),
    notes: '',
    files: [],
    alert: gone ? { title: `${tag}: ${trial} is ${state}`, text: newsOf(row), at: now } : null,
  };
}
