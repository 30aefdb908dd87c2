import { percent } from '../../base/numbers.ts';
import type { EventOf, RunEvent } from '../events.ts';
import type { ResultRow } from './rows.ts';

/** The newest baseline of a run on a project; undefined for other tasks. */
export function measuredBy(events: readonly RunEvent[]): EventOf<'baseline.measured'> | undefined {
  return events.findLast((event) => event.type === 'baseline.measured');
}

/** A value in four significant digits. */
export function digits(value: number): string {
  return String(Number(value.toPrecision(4)));
}

/** A change with its sign, `better` or `worse` said: the direction of a metric is easily forgotten. */
export function changeText(change: number): string {
  const text = percent(Math.abs(change));
  return change === 0 ? 'the same' : `${text} ${change > 0 ? 'better' : 'worse'}`;
}

/** The cells of a measured trial: its value, its change against the baseline and against what was the best. */
export function changesOf({ metrics }: Pick<ResultRow, 'metrics'>): [string, string, string] {
  const { value, total, change } = metrics;
  if (value == null || total == null || change == null) return ['-', '-', '-'];
  return [digits(value), changeText(total), changeText(change)];
}

/** What every report of a run on a project says: the baseline, and how far its numbers can be trusted. */
export function measuredLine({ metric, better, values, sandbox, scored }: EventOf<'baseline.measured'>): string {
  const trust = [
    ...(sandbox === 'none' ? ['sandbox: none, so the measured code ran with your rights'] : []),
    ...(scored ? [] : ['no score command, so the measured code was not kept from the numbers']),
  ];
  const told = trust.length > 0 ? ` Mind: ${trust.join('; ')}.` : '';
  return `Baseline: ${metric} ${digits(values[metric])}, ${better} is better.${told}`;
}
