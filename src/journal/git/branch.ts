import { hash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { RalphError } from '../../base/errors.ts';
import { writeFileAtomic } from '../../base/files.ts';
import { type Head, sha256 } from '../../base/hash.ts';
import type { CycleState } from '../state/parts.ts';
import { commitAt, git, gitBytes, must } from './command.ts';

/** Trailer by which a commit is found again; every commit message of a run must end with it. */
export const CYCLE_TRAILER = 'Cycle';

/** Trailers that repeat what the journal says. */
const SAID = ['Run', 'Verdict', 'Route', 'Trials', 'Equity-Fingerprint', 'Metrics'] as const;

/** A cycle's commit and what its trailers say of the journal when it was made; null for a commit without them. */
export interface CycleCommit {
  readonly commit: string;
  readonly head: Head | null;
  /** Trials charged and looks at selection taken by then. */
  readonly spent: { readonly trials: number; readonly looks: number };
  /** What its other trailers say, empty for one that it does not have; null where they were not read. */
  readonly said: Readonly<Record<(typeof SAID)[number], string>> | null;
}

/** What those trailers say of a judged cycle; one that is empty is left out of the message. */
export function saidOf(tag: string, { verdict, trials }: CycleState): NonNullable<CycleCommit['said']> {
  const judged = trials.find(({ trial }) => trial === verdict?.trial)?.finished;
  const known = Object.entries(judged?.metrics ?? {}).filter(([, value]) => value !== null);
  return {
    Run: tag,
    Verdict: verdict?.outcome ?? '',
    Route: verdict?.route ?? '',
    Trials: trials.flatMap(({ trial, finished }) => (finished ? [trial] : [])).join(' ') || 'none',
    'Equity-Fingerprint': judged?.equityFingerprint ?? '',
    Metrics: known.map(([name, value]) => `${name}=${value?.toPrecision(6)}`).join(' '),
  };
}

/** A cycle's trailers. The last two name the head of the journal: one that lost its end or was rewritten does not hold that event. */
export function trailersOf(tag: string, state: CycleState, { seq, hash }: Head, spent: CycleCommit['spent']): string {
  const said = Object.entries(saidOf(tag, state)).filter(([, value]) => value !== '');
  const lines = [
    [CYCLE_TRAILER, state.cycle],
    ...said,
    ['Ralph-Journal', `${seq} ${hash}`],
    ['Ralph-Spent', `${spent.trials} ${spent.looks}`],
  ];
  return lines.map(([name, value]) => `${name}: ${value}\n`).join('');
}

/** Where a trial's file stands in the commit of its cycle; null where it is not committed. */
export function committedPath(keptPaths: boolean, tag: string, outcome: string, name: string): string | null {
  if (!keptPaths) return `strategies/${tag}/${name}`;
  return outcome === 'keep' ? name : null;
}

/** What is remembered beside the journal: where the branch began, and whose repository it is in. */
export interface Origin {
  readonly branch: string;
  /** Tip of the branch before this run's first commit. */
  readonly base: string;
  readonly note: string | null;
}

export function keepOrigin(runDir: string, { branch, base, note }: Origin): void {
  const check = sha256(JSON.stringify([branch, base, note]));
  writeFileAtomic(join(runDir, 'worktree.json'), `${JSON.stringify({ branch, base, note, check })}\n`);
}

/** Where a run's branch began; null before it has one. Throws RalphError when the file is not what was written. */
export function originOf(runDir: string): Origin | null {
  const path = join(runDir, 'worktree.json');
  if (!existsSync(path)) return null;
  try {
    const { branch, base, note, check, ...rest } = JSON.parse(readFileSync(path, 'utf8'));
    // Older versions wrote no check.
    const same = check === undefined || check === sha256(JSON.stringify([branch, base, note]));
    if (same && /^[0-9a-f]{40,64}$/.test(base) && Object.keys(rest).length === 0) return { branch, base, note };
  } catch {
    // Said below.
  }
  throw new RalphError(`${path} is not what was written: the run's branch and where it began cannot be read`, {
    remedy: 'Restore this file from a backup of the run folder.',
  });
}

/** Every commit of a run by cycle, for readers; throws when the branch cannot be read. */
export async function commitsOfRun(runDir: string): Promise<Map<number, CycleCommit>> {
  const { dir, origin } = opened(runDir);
  const head = await git(dir, ['symbolic-ref', 'HEAD']);
  // Its short form is another one beside a tag of that name.
  if (/dubious ownership/.test(head.err))
    throw new Error(
      `${dir} belongs to another user, and git does not read it: ask as that user, or allow it (git config safe.directory)`,
    );
  if (head.out !== `refs/heads/${origin.branch}`)
    throw new Error(`${dir} stands on "${head.out}", not on ${origin.branch}`);
  return commitsOf(dir, origin, origin.base);
}

function opened(runDir: string): { dir: string; origin: Origin } {
  const origin = originOf(runDir);
  const dir = resolve(runDir, 'worktree');
  if (!origin || !existsSync(join(dir, '.git'))) throw new Error(`${dir} is no worktree; the next start makes it anew`);
  return { dir, origin };
}

/** Objects that one call of git reads; bounds the memory of a long branch. */
const OBJECTS_AT_ONCE = 500;

/** Messages, trees and files of the run's commits whose content is not what their name says; git compares them only in `fsck`. */
export async function damagedObjects(runDir: string): Promise<string[]> {
  const { dir, origin } = opened(runDir);
  const ref = `refs/heads/${origin.branch}`;
  // In a repository of the run's own the first commit is the run's too.
  const range = origin.note === null ? `${origin.base}..${ref}` : ref;
  const list = await must(dir, ['rev-list', '--objects', range]);
  const names = list.split('\n').flatMap((line) => line.split(' ', 1).filter(Boolean));
  const damaged: string[] = [];
  for (const [i, object] of (await readObjects(dir, names)).entries()) {
    const made = object && Buffer.concat([Buffer.from(`${object.type} ${object.content.length}\0`), object.content]);
    if (!made || hash(names[i].length === 40 ? 'sha1' : 'sha256', made) !== names[i]) damaged.push(names[i]);
  }
  return damaged;
}

/** Files of the run's commits, named `COMMIT:PATH`; null for one that is not there. */
export async function filesOfCommits(runDir: string, names: readonly string[]): Promise<(Buffer | null)[]> {
  return (await readObjects(opened(runDir).dir, names)).map((object) => object?.content ?? null);
}

interface GitObject {
  readonly type: string;
  readonly content: Buffer;
}

/** Objects of a repository by name (a hash, or `COMMIT:PATH`); null for one that is not there. */
export async function readObjects(dir: string, names: readonly string[]): Promise<(GitObject | null)[]> {
  const found: (GitObject | null)[] = [];
  for (let from = 0; from < names.length; from += OBJECTS_AT_ONCE) {
    const some = names.slice(from, from + OBJECTS_AT_ONCE);
    let bytes = await gitBytes(dir, ['cat-file', '--batch'], `${some.join('\n')}\n`);
    for (const _ of some) {
      const end = bytes.indexOf(10);
      // Of one that is not there, git repeats the name, which may have blanks in it.
      const [, type, size] = /^[0-9a-f]{40,64} (\w+) (\d+)$/.exec(bytes.toString('utf8', 0, end)) ?? [];
      const there = size !== undefined;
      found.push(there ? { type, content: bytes.subarray(end + 1, end + 1 + Number(size)) } : null);
      bytes = bytes.subarray(there ? end + 2 + Number(size) : end + 1);
    }
  }
  return found;
}

/** The commits of the branch by cycle, oldest first, or, where they do not hold `last`, those that lead to it; at most the newest `most`. */
export async function commitsOf(
  dir: string,
  origin: Origin,
  last: string,
  most?: number,
): Promise<Map<number, CycleCommit>> {
  const end = await commitAt(dir, `refs/heads/${origin.branch}`);
  const onBranch = end !== null && (end === last || (await git(dir, ['merge-base', '--is-ancestor', last, end])).ok);
  const format = '--format=%H%n%B';
  const tip = onBranch ? end : last;
  const log = await must(dir, [
    'log',
    '-z',
    '--encoding=UTF-8',
    '--first-parent',
    '--reverse',
    // A range makes git walk the whole branch; of the newest few, those behind the base are left out here.
    ...(most === undefined ? [format, `${origin.base}..${tip}`] : [`--max-count=${most}`, format, tip]),
  ]);
  const found = new Map<number, CycleCommit>();
  const texts = log.split('\0');
  const base = texts.findIndex((text) => text.startsWith(`${origin.base}\n`));
  for (const text of texts.slice(base + 1)) {
    const trailers = trailersIn(text);
    const cycle = Number(trailers.get(CYCLE_TRAILER));
    // Two commits of one cycle would be a bug; the first is the one the journal may already name.
    if (!cycle || found.has(cycle)) continue;
    const [, seq, hash] = /^(\d{1,15}) ([0-9a-f]{64})$/.exec(trailers.get('Ralph-Journal') ?? '') ?? [];
    const [trials, looks] = (trailers.get('Ralph-Spent') ?? '').split(' ').map(Number);
    found.set(cycle, {
      commit: text.slice(0, text.indexOf('\n')),
      head: hash ? { seq: Number(seq), hash } : null,
      spent: { trials: trials || 0, looks: looks || 0 },
      said: Object.fromEntries(SAID.map((name) => [name, trailers.get(name) ?? ''])) as CycleCommit['said'],
    });
  }
  return found;
}

/** The trailers of a message. Git reads them by settings of the user (`trailer.*`, `core.commentChar`) that can hide each of them. */
function trailersIn(message: string): Map<string, string> {
  const [last = ''] = message
    .trimEnd()
    .split(/\n[ \t]*\n/)
    .slice(-1);
  const named = last.split('\n').map((line) => /^([A-Z][A-Za-z-]*): (.*)$/.exec(line) ?? []);
  return new Map(named.flatMap(([, name, value]) => (name === undefined ? [] : [[name, value] as const])));
}
