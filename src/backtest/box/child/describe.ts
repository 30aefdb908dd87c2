import { plainLine } from '../../../base/plain.ts';
import { LostWindowError } from '../../../market/verified-window.ts';
import type { BoxFailure } from '../../contract.ts';
import type { ChildFailure, LostWindow } from '../protocol.ts';
import { placeOfError } from './lockdown.ts';
import { LeakError } from './simulations.ts';

/** Longest message of a failure, in characters. */
const MAX_MESSAGE = 500;
/** A longer one is not even looked at: to read its beginning V8 would write all of it out, which may take more memory than there is. */
const MOST_READ = 1_000_000;

/**
 * Turns anything that was thrown into a short failure. What a candidate throws is hostile: its message may be a getter,
 * a proxy or a gigabyte, so that it is read once, guarded and cut.
 */
export function failureOf(thrown: unknown): ChildFailure | LostWindow {
  try {
    if (thrown instanceof LostWindowError) return { ok: false, kind: 'lost', message: clean(thrown.message) };
    return describe(thrown);
  } catch {
    return { ok: false, kind: 'throw', message: 'threw an object that throws when it is looked at' };
  }
}

function describe(thrown: unknown): ChildFailure {
  if (thrown instanceof LeakError) return { ok: false, kind: 'leak', message: clean(thrown.message) };
  const message = textOf(thrown);
  const place = placeOfError(thrown);
  const failure = { ok: false, kind: kindOf(message), message: plain(message) } as const;
  if (place === undefined || 'line' in place) return { ...failure, place };
  return failure.kind === 'throw' ? { ...failure, message: `${failure.message} (in ${place.engine})` } : failure;
}

function textOf(thrown: unknown): string {
  if (typeof thrown === 'string' && thrown.length > MOST_READ) return `threw a text of ${thrown.length} characters`;
  if (typeof thrown !== 'object' || thrown === null) return clean(`threw ${String(thrown)}`);
  const { name, message } = thrown as { name?: unknown; message?: unknown };
  if (typeof message !== 'string') return 'threw an object that is not an error';
  if (message.length > MOST_READ) return `threw an error with a message of ${message.length} characters`;
  return clean(typeof name === 'string' && name.length <= 60 && name !== 'Error' ? `${name}: ${message}` : message);
}

function clean(text: string): string {
  return plainLine(text, MAX_MESSAGE);
}

/** SES speaks of its own machinery; an author wants to know the rule. */
const IN_PLAIN_WORDS: readonly (readonly [RegExp, string])[] = [
  [/%SharedMath%\.random/, 'Math.random is refused: a strategy has no randomness'],
  [/%SharedDate%/, 'the clock is refused: a strategy sees no dates; seasonal: true gives now.hour and now.weekday'],
  [/Function\.prototype\.constructor is not a valid constructor/, 'code from text is refused'],
  [
    /SES_EVAL_REJECTED|SES_IMPORT_REJECTED|SES_HTML_COMMENT_REJECTED/,
    'code from text, import() and HTML comments are refused',
  ],
];

function plain(message: string): string {
  return IN_PLAIN_WORDS.find(([pattern]) => pattern.test(message))?.[1] ?? message;
}

function kindOf(message: string): BoxFailure['kind'] {
  if (message.includes('Array buffer allocation failed') || message.includes('Invalid string length')) return 'memory';
  return message.includes('Script execution timed out') ? 'timeout' : 'throw';
}
