import type { GateResult } from '../../gates/verdict.ts';

/** A gate's answer as the agent may see it: train-side numbers, of held-back data the bare name. The event's own message may hold more. */
export function describeGate(gate: GateResult): string {
  if (gate.stage === 'selection') return `${gate.gate} ${gate.passed ? 'passed' : 'failed'} (held back)`;
  if (gate.value === null || gate.threshold === null) return `${gate.gate}: ${gate.class ?? 'passed'}`;
  const sign = gate.side === 'max' ? (gate.passed ? '<=' : '>') : gate.passed ? '>=' : '<';
  return `${gate.gate} ${number(gate.value)} ${sign} ${number(gate.threshold)}`;
}

/** Parameters in one short line: `fast=10 slow=50`. */
export function describeParams(params: Readonly<Record<string, number>>): string {
  return Object.entries(params)
    .map(([name, value]) => `${name}=${number(value)}`)
    .join(' ');
}

/** A number for print: three significant decimals, no trailing zeros, `-` for none. */
export function number(value: number | null | undefined): string {
  if (value === null || value === undefined) return '-';
  if (Number.isInteger(value)) return String(value);
  const rounded =
    Math.abs(value) >= 100 ? value.toFixed(0) : Math.abs(value) >= 1 ? value.toFixed(2) : value.toPrecision(3);
  return String(Number(rounded));
}

/** The first `length` characters of a text in one line, so that no entry of a list can grow with what a model wrote. */
export function oneLine(text: string, length: number): string {
  const flat = text.replaceAll(/\s+/g, ' ').trim();
  if (flat.length <= length) return flat;
  const cut = flat.slice(0, length - 1);
  // At a word, where one ends near.
  return `${cut.replace(/(?<=.{20})[\s,;]+\S{0,40}$/, '')}…`;
}
