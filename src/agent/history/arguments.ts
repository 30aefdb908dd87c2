import { isObject, jsonIn } from '../../base/json.ts';

/** A name that every server takes: letters, digits, `_` and `-`, at most 64. Null when nothing is left of it. */
export function safeName(name: unknown): string | null {
  if (typeof name !== 'string') return null;
  const safe = name
    .trim()
    .replaceAll(/[^\w-]+/g, '_')
    .replace(/^_+|_+$/g, '')
    .slice(0, 64);
  return safe === '' ? null : safe;
}

/**
 * Arguments as history may hold them: the text of a JSON object without nulls (templates in Python print them as
 * `None`). What is no JSON object becomes `{}`: a raw text replayed would be refused on every later turn.
 */
export function canonicalArguments(value: unknown): string {
  let parsed = value;
  for (let depth = 0; depth < 2 && typeof parsed === 'string'; depth++) parsed = jsonIn(parsed);
  if (!isObject(parsed)) return '{}';
  const kept = Object.entries(parsed).filter(([key, item]) => item !== null && item !== undefined && isPlainKey(key));
  return JSON.stringify(Object.fromEntries(kept.map(([key, item]) => [key.toWellFormed(), item])), wellFormed);
}

/** For JSON.stringify: texts without halves of characters, which a server in Python cannot encode. */
export function wellFormed(_: string, value: unknown): unknown {
  return typeof value === 'string' ? value.toWellFormed() : value;
}

/** A key with a tag or a line break in it is leaked markup. */
export function isPlainKey(key: string): boolean {
  return key !== '' && !/[<>\n\r]/.test(key);
}
