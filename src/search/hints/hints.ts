import { existsSync, lstatSync, readdirSync, readFileSync, statSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../../base/errors.ts';
import { failpoint } from '../../base/failpoint.ts';
import { syncFolder, writeFileAtomic } from '../../base/files.ts';
import { sha256 } from '../../base/hash.ts';
import type { EventOf, RalphEvent, RunEvent } from '../../journal/events.ts';
import { MAX_HINT_BYTES, parseScope, readHint } from './hint-file.ts';

/** A file of the inbox whose content is safe in the run folder. Append `event` to the journal, then call `release`. */
export interface TakenHint {
  readonly id: string;
  /** Null when the journal holds it already and only the removal was cut short. */
  readonly event: RalphEvent | null;
  /** Removes the original from the inbox, unless it has changed since: then it is taken again next time. */
  release(): void;
}

export interface ActiveHint {
  readonly id: string;
  readonly text: string;
  readonly priority: number;
  readonly scope: string;
  readonly family: string | null;
  /** Whether a session has answered it. */
  readonly answered: boolean;
  /** Whether a cycle has been started under it. */
  readonly seen: boolean;
}

/**
 * Takes the hints of the inbox. Each is copied durably into `runDir/hints/` and stays in the inbox until `release`: a kill neither loses nor
 * doubles it. Others stay and are told through `onRefused`.
 */
export function takeHints(
  inboxDir: string,
  runDir: string,
  cycle: number,
  options: { events: readonly RunEvent[]; onRefused?: (file: string, why: string) => void },
): TakenHint[] {
  const taken: TakenHint[] = [];
  for (const name of waitingHints(inboxDir)) {
    try {
      const one = takeOne(inboxDir, runDir, name, cycle, options.events);
      if (typeof one === 'string') refuse(join(inboxDir, name), name, one, options.onRefused);
      else taken.push(one);
    } catch (error) {
      options.onRefused?.(name, messageOf(error));
    }
  }
  return taken;
}

/** Names of the hint files that no cycle has taken yet, in order. */
export function waitingHints(inboxDir: string): string[] {
  const names = existsSync(inboxDir) ? readdirSync(inboxDir) : [];
  return names.filter((name) => /\.(md|txt)$/i.test(name) && !/^(\.|readme\.md$)/i.test(name)).sort();
}

/** Hints that hold for a cycle: taken, not dropped, not expired, within their scope; most urgent first, then newest. */
export function activeHints(
  events: readonly RunEvent[],
  cycle: number,
  options: { family?: string | null; now?: number } = {},
): ActiveHint[] {
  const now = options.now ?? events.at(-1)?.at ?? 0;
  const dropped = new Set<string>();
  const answered = new Set<string>();
  const seen = new Set<string>();
  const hints = new Map<string, EventOf<'hint.taken'>>();
  for (const event of events) {
    if (event.type === 'hint.taken') hints.set(event.hint, event);
    else if (event.type === 'hint.dropped') dropped.add(event.hint);
    else if (event.type === 'hint.answered') answered.add(event.hint);
    else if (event.type === 'cycle.started' && event.cycle !== cycle) for (const hint of event.hints) seen.add(hint);
  }
  const active: (ActiveHint & { taken: number })[] = [];
  for (const [id, hint] of hints) {
    const scope = parseScope(hint.scope) ?? { family: null, cycles: null };
    const over = scope.cycles !== null && cycle >= hint.cycle + scope.cycles;
    const elsewhere = options.family !== undefined && scope.family !== null && options.family !== scope.family;
    if (dropped.has(id) || over || elsewhere || (hint.expiresAt !== null && hint.expiresAt <= now)) continue;
    active.push({
      id,
      text: hint.text,
      priority: hint.priority,
      scope: hint.scope,
      family: scope.family,
      answered: answered.has(id),
      seen: seen.has(id),
      taken: hint.cycle,
    });
  }
  active.sort((a, b) => b.priority - a.priority || b.taken - a.taken || (a.id < b.id ? -1 : 1));
  return active.map(({ taken: _, ...hint }) => hint);
}

function takeOne(
  inboxDir: string,
  runDir: string,
  name: string,
  cycle: number,
  events: readonly RunEvent[],
): TakenHint | string {
  const path = join(inboxDir, name);
  const entry = lstatSync(path);
  if (!entry.isFile()) return 'not a plain file';
  if (entry.size > MAX_HINT_BYTES) return `${entry.size} bytes, at most ${MAX_HINT_BYTES}`;
  const bytes = readFileSync(path);
  const reading = readHint(bytes);
  if (!reading.ok) return reading.why;
  const { hint } = reading;
  if (hint.drop !== null && !events.some((event) => event.type === 'hint.taken' && event.hint === hint.drop))
    return `drop: no hint "${hint.drop}" in this run (npm run hint -- list)`;
  const digest = sha256(bytes);
  const id = idOf(name, digest);
  const release = () => {
    failpoint('search.hint.remove.before');
    if (existsSync(path) && sha256(readFileSync(path)) === digest) unlinkSync(path);
    syncFolder(inboxDir);
    failpoint('search.hint.remove.after');
  };

  // Same name and content, and unchanged since it was journaled: its removal was cut short. A later copy is a new hint.
  const earlier = events.filter((event) => matches(event, id, hint.drop));
  const last = earlier.at(-1);
  if (last !== undefined && Math.floor(statSync(path).ctimeMs) <= last.at) return { id, event: null, release };

  const unique = hint.drop === null && earlier.length > 0 ? `${id}-${earlier.length + 1}` : id;
  failpoint('search.hint.copy.before');
  writeFileAtomic(join(runDir, 'hints', `${unique}.md`), bytes);
  failpoint('search.hint.copy.after');
  const event: RalphEvent =
    hint.drop === null
      ? {
          type: 'hint.taken',
          hint: unique,
          text: hint.text,
          sha256: digest,
          cycle,
          priority: hint.priority,
          expiresAt: hint.expiresAt,
          scope: hint.scope,
          ...(hint.from === null ? {} : { from: hint.from }),
        }
      : { type: 'hint.dropped', hint: hint.drop, why: hint.text || 'withdrawn' };
  return { id: unique, event, release };
}

const reported = new Map<string, number>();

/** Reports a file once, and again after it was changed. */
function refuse(path: string, name: string, why: string, onRefused?: (file: string, why: string) => void): void {
  const { mtimeMs } = lstatSync(path);
  if (reported.get(path) === mtimeMs) return;
  reported.set(path, mtimeMs);
  onRefused?.(name, why);
}

/** `prefer-reversion-1a2b3c`: readable, and different when name or content differ. */
function idOf(name: string, digest: string): string {
  const stem = name
    .replace(/\.(md|txt)$/i, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 32);
  return `${stem || 'hint'}-${digest.slice(0, 6)}`;
}

function matches(event: RunEvent, id: string, drop: string | null): boolean {
  if (drop !== null) return event.type === 'hint.dropped' && event.hint === drop;
  return event.type === 'hint.taken' && (event.hint === id || event.hint.startsWith(`${id}-`));
}
