import { number, percent } from '../../base/numbers.ts';
import type { EventOf, RunEvent } from '../../journal/events.ts';
import { measuredBy } from '../../journal/projections/measured.ts';
import { type Fold, folded } from '../../journal/state/fold.ts';
import { stateOf } from '../../journal/state/run-state.ts';
import type { ForwardSeen } from '../../page/forward.ts';
import { type Measured, projectFigures } from '../../page/tables.ts';
import type { Keep, Overview } from '../../page/view.ts';
import type { Standing } from '../standing.ts';

/** Kept trials that an update carries at most; the table of trials has every keep. */
const MOST_KEEPS = 100;

/** The kept trials, in order. */
class Kept implements Fold {
  readonly finished: EventOf<'trial.finished'>[] = [];

  take(event: RunEvent): void {
    if (event.type === 'trial.finished' && event.outcome === 'keep') this.finished.push(event);
  }
}

/** What is said of a kept trial: a project's own number, else those of a strategy. */
function figuresOf(
  metrics: EventOf<'trial.finished'>['metrics'],
  measured: Measured | undefined,
  now: Standing,
): Pick<Keep, 'figures' | 'provisional'> {
  const review = measured && !measured.judged ? undefined : now.review?.(metrics);
  const { sharpe, maxDrawdown, trades } = metrics;
  const own = measured
    ? projectFigures(measured, metrics)
    : [
        `Sharpe ${sharpe == null ? '–' : number(sharpe)}`,
        `drawdown ${percent(maxDrawdown ?? null)}`,
        `${trades == null ? '–' : number(trades)} trades`,
      ];
  return {
    figures: [...own, ...(review?.luck == null ? [] : [`luck ${percent(review.luck, 0)}`])],
    provisional: review?.provisional ?? false,
  };
}

/** The newest keeps at today's N, the newest first, and how many older ones are left out. */
export function keepsIn(
  events: readonly RunEvent[],
  now: Standing,
  seen: ForwardSeen | null,
): Pick<Overview, 'keeps' | 'keepsLeftOut'> {
  const { byTrial, holdoutAnswers } = stateOf(events);
  const { finished } = folded(events, Kept);
  const measured = measuredBy(events);
  const keeps = finished.slice(-MOST_KEEPS).map(({ trial, metrics }) => ({
    trial,
    family: byTrial.get(trial)?.family ?? '',
    ...figuresOf(metrics, measured, now),
    holdout: holdoutAnswers.get(trial) ?? null,
    forward: seen?.trials.find((each) => each.trial === trial) ?? null,
  }));
  return { keeps: keeps.toReversed(), keepsLeftOut: finished.length - keeps.length };
}
