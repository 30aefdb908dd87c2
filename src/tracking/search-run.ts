import { EXIT } from '../base/errors.ts';
import { number } from '../base/numbers.ts';
import type { RunEvent } from '../journal/events.ts';
import { changeText, measuredBy } from '../journal/projections/measured.ts';
import type { CycleState } from '../journal/state/parts.ts';
import { stateOf } from '../journal/state/run-state.ts';
import { trialTable } from './table.ts';
import type { TrackedRun } from './tracker.ts';

/**
 * What the client of Python calls define_metric: every column is drawn over the cycle. Field numbers of the record MetricRecord: 1 name,
 * 5 place of the x-axis in this list from 1, 6 options (1 step_sync, 3 defined).
 */
const METRICS = [
  { 1: 'cycle', 6: [3] },
  ...['trials', 'keep', 'discard', 'crash', 'tokens', 'n', 'trialsPerHour', 'best', 'requiredSharpe'].map((name) => ({
    1: name,
    5: 1,
    6: [1, 3],
  })),
];

/** The run of the whole search, cycle by cycle. It goes on until the journal holds the end of the run. */
export function searchRun(events: readonly RunEvent[], suffix: string): TrackedRun {
  const measured = measuredBy(events);
  const { tag, first, cycles, model, faults, ended, lookCount } = stateOf(events);
  const progress = new Progress(first?.at ?? 0);
  const history: Record<string, number>[] = [];
  for (const facts of cycles) {
    if (!facts.verdict) continue;
    progress.add(facts);
    if (isShown(progress.cycles)) history.push(progress.row(facts.cycle));
  }
  const turns = Object.fromEntries(Object.entries(model.turns).map(([name, count]) => [`turns/${name}`, count]));
  const faultCount = Object.values(faults).reduce((sum, count) => sum + count, 0);
  const table = trialTable(cycles, measured);
  const best = progress.best === null ? 'none' : bestText(progress.best, measured);
  return {
    id: safeId(`${tag}-search-${suffix}`),
    name: `SEARCH · ${progress.keep} keep of ${progress.trials} trials · best ${best} · ${tag}`,
    config: {
      tag,
      task: first?.task ?? '',
      seed: first?.seed ?? 0,
      provenance: first?.provenance ?? {},
      settings: first?.config ?? null,
      _wandb: { value: { m: METRICS } },
    },
    summary: {
      ...progress.row(cycles.at(-1)?.cycle ?? 0),
      trialTable: table.summary,
      faults: faultCount,
      looks: lookCount,
      state: cycles.at(-1)?.started.state ?? null,
      ended: ended?.reason ?? null,
      ...turns,
    },
    history,
    exitCode: ended === null ? null : ended.exitCode === EXIT.failed ? 1 : 0,
    group: tag,
    jobType: 'search',
    tags: [],
    notes: '',
    files: [table.file],
    alert: null,
  };
}

/** The score of a project is the change against its baseline, unless its returns are judged. */
function bestText(best: number, measured: ReturnType<typeof measuredBy>): string {
  return measured && !measured.judged ? `${changeText(best)} ${measured.metric}` : number(best);
}

/** What a run id may hold at the server. */
export function safeId(text: string): string {
  return text.replaceAll(/[^A-Za-z0-9_-]/g, '-').slice(0, 120);
}

/** Every cycle of the first thousand, then each tenth, then each hundredth: the server can overwrite lines but not remove them. */
function isShown(count: number): boolean {
  return count <= 1000 || (count <= 10_000 ? count % 10 === 0 : count % 100 === 0);
}

class Progress {
  cycles = 0;
  trials = 0;
  keep = 0;
  discard = 0;
  crash = 0;
  tokens = 0;
  best: number | null = null;
  n = 0;
  requiredSharpe: number | null = null;
  trialsPerHour = 0;
  readonly #startedAt: number;

  /** `startedAt`: epoch ms of the run's first event. */
  constructor(startedAt: number) {
    this.#startedAt = startedAt;
  }

  add({ verdict, trials, tokens }: CycleState): void {
    this.cycles += 1;
    this.tokens += tokens;
    if (verdict) this[verdict.outcome] += 1;
    for (const { started, finished } of trials) {
      if (!finished) continue;
      this.trials += 1;
      this.n = started.n;
      this.requiredSharpe = finished.metrics.requiredSharpe ?? this.requiredSharpe;
      if (finished.score !== null && finished.outcome === 'keep')
        this.best = Math.max(this.best ?? -Infinity, finished.score);
    }
    const hours = ((verdict?.at ?? this.#startedAt) - this.#startedAt) / 3_600_000;
    this.trialsPerHour = hours > 0 ? Number((this.trials / hours).toPrecision(4)) : 0;
  }

  row(cycle: number): Record<string, number> {
    const { trials, keep, discard, crash, tokens, best, n, requiredSharpe, trialsPerHour } = this;
    const known = { ...(best === null ? {} : { best }), ...(requiredSharpe === null ? {} : { requiredSharpe }) };
    return { cycle, trials, keep, discard, crash, tokens, n, trialsPerHour, ...known };
  }
}
