import { hash } from 'node:crypto';

/** SHA-256 of bytes or text, as 64 hex digits. */
export function sha256(data: string | NodeJS.ArrayBufferView): string {
  return hash('sha256', data);
}

/**
 * JSON with the keys of every object in alphabetical order, so that equal values have equal text and equal hashes.
 * Numbers that JSON cannot hold are refused, because they would silently become null.
 */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (key, item: unknown) => {
    if (typeof item === 'number' && !Number.isFinite(item))
      throw new TypeError(`canonicalJson: ${key || 'value'} is ${item}; expected a finite number`);
    if (item === null || typeof item !== 'object' || Array.isArray(item)) return item;
    return Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
  });
}

/** Where a chain of lines stands: the number of its last line, from 1, and the SHA-256 of that line's text without its newline. */
export interface Head {
  readonly seq: number;
  readonly hash: string;
}

/** The head in front of the first line. */
export const GENESIS: Head = { seq: 0, hash: '0'.repeat(64) };
