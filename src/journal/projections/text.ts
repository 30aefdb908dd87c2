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

/**
 * The line people tail: `DISCARD · sharpe 0.41 < 1.00 · ema-cross`; a keep names its narrowest pass. What a gate adds in brackets stays
 * in its row.
 */
export function headline(outcome: Outcome, reasons: readonly GateResult[], name: string): string {
  const first = reasons.find((reason) => !reason.passed) ?? reasons[0];
  const text = first ? reasonText(first).replace(/ \([^()]*\)$/, '') : null;
  const reason = first?.passed ? `narrowly ${text}` : text;
  return [outcome.toUpperCase(), ...(reason === null ? [] : [reason]), name].join(' · ');
}
