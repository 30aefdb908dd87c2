import { messageOf } from '../../../base/errors.ts';
import type { Contract, Metric } from '../contract/contract.ts';

/** A number that was asked for and is not there, with what to do. */
export class NoMetric extends Error {}

/** Where the metrics of one run are read from. */
export interface Source {
  /** What the scorer printed. */
  readonly text: string;
  /** Wall time of the run command. */
  readonly seconds: number;
  /** A file that the scorer wrote; throws where it is missing. */
  readonly file: (path: string) => string;
  /** Size of a file that the run made; throws where it is missing. */
  readonly bytes: (path: string) => number;
}

/** Every metric of the contract. Throws NoMetric, whose message names the metric, what came, and what to print. */
export function readMetrics(metrics: Contract['metrics'], source: Source): Record<string, number> {
  // The Sharpe ratio of returns is computed by the harness, from the file.
  const own = Object.entries(metrics).filter(([, { from }]) => from !== 'returns');
  return Object.fromEntries(own.map(([name, metric]) => [name, readMetric(name, metric, source)]));
}

function readMetric(name: string, { from }: Metric, source: Source): number {
  if (from === 'seconds') return source.seconds;
  if (from === 'line') return parseNumber(name, lastLine(name, source.text));
  if (from === 'returns') return Number.NaN;
  if ('pattern' in from) return parseNumber(name, lastMatch(name, from.pattern, source.text));
  try {
    if ('bytes' in from) return source.bytes(from.bytes);
    const json = JSON.parse(from.file ? source.file(from.file) : lastJson(source.text));
    return jsonNumber(name, from.json, json);
  } catch (thrown) {
    if (thrown instanceof NoMetric) throw thrown;
    throw new NoMetric(`metric ${name}: ${messageOf(thrown)}`);
  }
}

/** Lines that look like a metric of this name, the last first. */
export function metricLines(name: string, text: string): string[] {
  const pattern = new RegExp(`^[ \\t]*${name.replaceAll('.', '\\.')}[ \\t]*[=:][ \\t]*(.+?)[ \\t]*$`, 'gm');
  return [...text.matchAll(pattern)].map(([, value]) => value).reverse();
}

function lastLine(name: string, text: string): string {
  const [value] = metricLines(name, text);
  if (value !== undefined) return value;
  throw new NoMetric(`metric ${name}: no line "${name}=NUMBER" was printed`);
}

function lastMatch(name: string, pattern: string, text: string): string {
  const found = [...text.matchAll(new RegExp(pattern, 'gm'))].at(-1);
  if (found?.[1] !== undefined) return found[1];
  throw new NoMetric(`metric ${name}: nothing printed matches ${pattern}`);
}

/** The last line that is a JSON object, else the whole text. */
function lastJson(text: string): string {
  return text.split('\n').findLast((line) => /^\s*\{.*\}\s*$/.test(line)) ?? text;
}

function jsonNumber(name: string, path: string, json: unknown): number {
  const value = path.split('.').reduce<unknown>((at, key) => (at as Record<string, unknown> | null)?.[key], json);
  if (typeof value === 'string') return parseNumber(name, value);
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw new NoMetric(`metric ${name}: expected a number at ${path}, got ${JSON.stringify(value) ?? 'nothing'}`);
}

/**
 * `3e-4` and `-0.5` are numbers; `45%` is the fraction 0.45. A comma, a unit, NaN and infinity are refused: a guess could turn a worse result
 * into a better one.
 */
function parseNumber(name: string, given: string): number {
  const text = given.trim();
  const share = text.endsWith('%');
  const digits = share ? text.slice(0, -1).trimEnd() : text;
  if (/^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$/.test(digits)) {
    const value = Number(digits) / (share ? 100 : 1);
    if (Number.isFinite(value)) return value;
  }
  const shown = JSON.stringify(text.slice(0, 60));
  if (/^[-+]?(nan|inf(inity)?)$/i.test(digits)) throw new NoMetric(`metric ${name}: ${shown} is no finite number`);
  if (/^[-+]?[\d.,]+$/.test(digits) && digits.includes(','))
    throw new NoMetric(
      `metric ${name}: ${shown} has a comma; print a point for decimals and nothing between thousands`,
    );
  throw new NoMetric(`metric ${name}: expected a number such as 0.25, 3e-4 or 45%, got ${shown}`);
}
