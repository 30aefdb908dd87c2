import { parse } from 'yaml';
import { attempt } from '../../base/attempt.ts';
import { canonicalJson, sha256 } from '../../base/hash.ts';
import type { RunEvent } from '../../journal/events.ts';

/** The parts of a submission that decide whether it is a repeat. */
export interface Repeatable {
  readonly files: Readonly<Record<string, string>>;
  readonly params: Readonly<Record<string, number>>;
  readonly fingerprint: string;
}

/**
 * The trial of this segment with the same code (but for comments, spaces, family and hypothesis) and params, or null. Asked before charging.
 * `objectOf`: content of a stored object by the name that `trial.started.files` holds. Absent: only byte-identical repeats are seen.
 */
export function duplicateOf(
  submission: Repeatable,
  events: readonly RunEvent[],
  objectOf?: (name: string) => string,
): string | null {
  let essence: string | null = null;
  const params = canonicalJson(submission.params);
  const segment = events.findLastIndex(({ type }) => type === 'segment.started');
  for (const event of events.slice(segment + 1)) {
    if (event.type !== 'trial.started') continue;
    if (event.fingerprint === submission.fingerprint) return event.trial;
    if (objectOf === undefined || canonicalJson(event.params) !== params) continue;
    essence ??= essenceOf(submission.files);
    const files = Object.fromEntries(Object.entries(event.files).map(([name, object]) => [name, objectOf(object)]));
    if (essenceOf(files) === essence) return event.trial;
  }
  return null;
}

/** What a candidate does, apart from names, wording and layout: its code without comments, its YAML without params. */
function essenceOf(files: Readonly<Record<string, string>>): string {
  const parts = Object.entries(files).map(([name, text]) => (name.endsWith('.ts') ? bareCode(text) : bareYaml(text)));
  return sha256(parts.sort().join('\n'));
}

/** Code without comments, white space and the literals of `family` and `hypothesis`. Strings keep what they hold. */
function bareCode(source: string): string {
  const tokens = /\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`|\s+/g;
  return source
    .replaceAll(tokens, (token) => (/^(\/\*|\/\/|\s)/.test(token) ? '' : token.replace(/^"(.*)"$/s, "'$1'")))
    .replaceAll(
      /\b(family|hypothesis):(?:'(?:\\.|[^'\\])*'|`(?:\\.|[^`\\])*`)(?:\+(?:'(?:\\.|[^'\\])*'|`(?:\\.|[^`\\])*`))*,?/g,
      '',
    );
}

function bareYaml(text: string): string {
  const known = attempt(() => {
    const { params: _, sweep: __, strategy: ___, ...rest } = parse(text) as Record<string, unknown>;
    return canonicalJson(rest);
  });
  return known ?? text;
}

export interface Likeness {
  readonly trial: string;
  /** Pearson's correlation of the daily returns. */
  readonly correlation: number;
}

/** Days that two series must share before their correlation means anything. */
const FEWEST_DAYS = 60;

/** The trial whose daily returns (same days) correlate most with these, at or above the limit. Two series that never move are alike too. */
export function mostAlike(
  returns: Float64Array,
  earlier: Iterable<readonly [trial: string, returns: Float64Array]>,
  limit: number,
): Likeness | null {
  let nearest: Likeness | null = null;
  for (const [trial, other] of earlier) {
    if (other.length !== returns.length || returns.length < FEWEST_DAYS) continue;
    const r = correlation(returns, other);
    if (r >= limit && r > (nearest?.correlation ?? Number.NEGATIVE_INFINITY)) nearest = { trial, correlation: r };
  }
  return nearest;
}

/** Pearson's correlation of two series of equal length; 1 when both are constant, 0 when only one is. */
export function correlation(a: Float64Array, b: Float64Array): number {
  const n = a.length;
  let [sumA, sumB, squareA, squareB, product] = [0, 0, 0, 0, 0];
  for (let i = 0; i < n; i++) {
    sumA += a[i];
    sumB += b[i];
    squareA += a[i] * a[i];
    squareB += b[i] * b[i];
    product += a[i] * b[i];
  }
  const varianceA = squareA - (sumA * sumA) / n;
  const varianceB = squareB - (sumB * sumB) / n;
  if (varianceA <= 1e-18 || varianceB <= 1e-18) return varianceA <= 1e-18 && varianceB <= 1e-18 ? 1 : 0;
  return (product - (sumA * sumB) / n) / Math.sqrt(varianceA * varianceB);
}
