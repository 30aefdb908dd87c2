import type { RunEvent } from '../journal/events.ts';
import { changeText, measuredBy } from '../journal/projections/measured.ts';
import { rowsOfCycle } from '../journal/projections/rows.ts';
import { shortReason } from '../journal/projections/text.ts';
import { type Fold, folded } from '../journal/state/fold.ts';
import type { CycleState } from '../journal/state/parts.ts';
import { type RunState, stateOf } from '../journal/state/run-state.ts';
import type { RowsMessage, TrialRow } from './view.ts';

const MOST_REASON = 160;

/** Which cycle each event touched, in order. */
class Touched implements Fold {
  readonly log: { readonly seq: number; readonly cycle: number }[] = [];
  readonly #events: readonly RunEvent[];

  constructor(events: readonly RunEvent[]) {
    this.#events = events;
  }

  take(event: RunEvent): void {
    if ('cycle' in event) this.log.push({ seq: event.seq, cycle: event.cycle });
    if (event.type !== 'holdout.answered') return;
    const trial = stateOf(this.#events).byTrial.get(event.trial);
    if (trial) this.log.push({ seq: event.seq, cycle: trial.cycle });
  }
}

/** The rows of every cycle that changed after that event, in messages of at most `most` cycles. */
export function rowsSince(events: readonly RunEvent[], seq: number, most = 100): RowsMessage[] {
  const state = stateOf(events);
  const { log } = folded(events, Touched);
  const changed = new Set<number>();
  for (let i = log.length - 1; i >= 0 && log[i].seq > seq; i--) changed.add(log[i].cycle);
  const cycles = [...changed].flatMap((cycle) => state.byCycle.get(cycle) ?? []);
  const measured = measuredBy(events) !== undefined;
  const rows = cycles.map((cycle) => [cycle.cycle, rowsOf(cycle, state, measured)] as const);
  return Array.from({ length: Math.ceil(rows.length / most) }, (_, i) => ({
    cycles: rows.slice(i * most, (i + 1) * most),
  }));
}

/** Finished trials as `results` has them, and those under way. */
function rowsOf(cycle: CycleState, { tag, holdoutAnswers }: RunState, measured: boolean): TrialRow[] {
  const hints = cycle.started.hints;
  const done = rowsOfCycle(cycle, tag).map(({ trial, outcome, route, family, metrics, reasons: [first] }) => ({
    trial,
    cycle: cycle.cycle,
    outcome,
    route,
    family,
    value: (measured ? metrics.value : metrics.sharpe) ?? null,
    change: measured && metrics.total != null ? changeText(metrics.total) : null,
    gate: first?.gate ?? null,
    why: first ? shortReason(first).slice(0, MOST_REASON) : '',
    hints,
    holdout: holdoutAnswers.get(trial ?? '') ?? null,
  }));
  const running = cycle.trials
    .filter(({ finished }) => !finished)
    .map(({ trial, family }) => ({
      ...{ trial, cycle: cycle.cycle, outcome: 'running' as const, route: null, family, value: null, change: null },
      ...{ gate: null, why: '', hints, holdout: null },
    }));
  return [...done, ...running];
}
