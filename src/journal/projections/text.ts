import { number } from '../../base/numbers.ts';
import type { GateResult, Outcome } from '../../gates/verdict.ts';

/** `sharpe 0.41 < 1.00` for any gate: its own message, or one made from its numbers. */
export function reasonText(reason: GateResult): string {
  if (reason.message) return reason.message;
  const name = reason.gate.slice(reason.gate.lastIndexOf('.') + 1);
  if (reason.value === null || reason.threshold === null) return name;
  const wrong = reason.side === 'max' ? '>' : '<';
  const right = reason.side === 'max' ? '<=' : '>=';
  return `${name} ${number(reason.value)} ${reason.passed ? right : wrong} ${number(reason.threshold)}`;
}

/** The reason without what its gate adds in brackets. */
export function shortReason(reason: GateResult): string {
  return reasonText(reason).replace(/ \([^()]*\)$/, '');
}

/** The line people tail: `DISCARD · sharpe 0.41 < 1.00 · ema-cross`; a keep names its narrowest pass. */
export function headline(outcome: Outcome, reasons: readonly GateResult[], name: string): string {
  const first = reasons.find((reason) => !reason.passed) ?? reasons[0];
  const reason = first && (first.passed ? `narrowly ${shortReason(first)}` : shortReason(first));
  return [outcome.toUpperCase(), ...(reason ? [reason] : []), name].join(' · ');
}

/** What every report of a run on bars longer than a minute must say; '' for minutes. `interval` in ms. */
export function executionBar(coverage: readonly { readonly interval?: number }[]): string {
  const interval = coverage[0]?.interval;
  if (interval === undefined) return '';
  const name = `${interval / 60_000}-minute`;
  return `The execution bar is the ${name} bar: orders fill at the open of the next one, and stops and limits are decided inside one.`;
}
