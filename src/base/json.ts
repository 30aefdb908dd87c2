import { attempt } from './attempt.ts';

/** The value in a JSON text; undefined for a text that is none. */
export function jsonIn(text: string): unknown {
  return attempt(() => JSON.parse(text) as unknown);
}

/** Whether a value is an object with keys: no list, no null. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
