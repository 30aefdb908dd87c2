import { isDeepStrictEqual } from 'node:util';
import type { EventOf, RunEvent } from '../../journal/events.ts';

/** What the world, the clock or a person at the keyboard did to the process; the search goes on as if it had not been. */
const OF_THE_WORLD: ReadonlySet<RunEvent['type']> = new Set([
  'journal.sealed',
  'run.resumed',
  'run.steered',
  'run.ended',
  'fault.occurred',
  // Say where copies went (a commit's hash holds its time), and when; what was copied is in the events before them.
  'cycle.committed',
  'cycle.mirrored',
  'holdout.opened',
  'holdout.answered',
]);

/** Sessions that something else than the model ended: their counts say when, which is the world's doing. */
const CUT_SHORT: ReadonlySet<string> = new Set([
  'aborted',
  'crashed',
  'interrupted',
  'killed',
  'server_down',
  'server_refused',
  'wall_limit',
]);

/** Classes of turns that are about the line and not about an answer. */
const OF_THE_LINE = ['STREAM_ERROR', 'OVERFLOW', 'TEMPLATE_400', 'SCHEMA_400', 'SERVER_DOWN'];

export type Canonical = { readonly type: RunEvent['type'] } & Readonly<Record<string, unknown>>;

/**
 * An event as far as it says what the search decided, was told and found: without number, time, hash and place of the machine,
 * without durations, and without what the line to the server did. Null for an event that says nothing else.
 */
export function canonicalOf(event: RunEvent): Canonical | null {
  if (OF_THE_WORLD.has(event.type)) return null;
  const { seq: _, at: __, v: ___, prev: ____, ...rest } = event;
  if (event.type === 'session.ended') return sessionOf(event);
  if (event.type === 'trial.finished' || event.type === 'trial.refused') return without(rest, ['seconds']);
  // Settings are those of the recording; the address of the server is not. A changed key is reported by itself.
  if (event.type === 'run.started') return without(rest, ['config', 'provenance']);
  return rest;
}

/** The names of the fields in which two events differ; empty when they are the same. */
export function differing(a: Canonical, b: Canonical): string[] {
  const names = [...new Set([...Object.keys(a), ...Object.keys(b)])];
  return names.filter((name) => !isDeepStrictEqual(plain(a[name]), plain(b[name])));
}

function sessionOf({ type, cycle, summary, ...session }: EventOf<'session.ended'>): Canonical {
  if (CUT_SHORT.has(session.reason)) return { type, cycle, reason: 'cut short' };
  const { reason, turns, toolCalls, promptTokens, completionTokens } = session;
  const classes = Object.fromEntries(Object.entries(session.classes).filter(([name]) => !OF_THE_LINE.includes(name)));
  return { type, cycle, summary, reason, turns, toolCalls, promptTokens, completionTokens, classes };
}

function without(event: object, names: readonly string[]): Canonical {
  return Object.fromEntries(Object.entries(event).filter(([name]) => !names.includes(name))) as Canonical;
}

/** As it stands in a journal: an absent field and an undefined one are the same. */
function plain(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}
