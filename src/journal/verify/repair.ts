import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { attempt } from '../../base/attempt.ts';
import { messageOf } from '../../base/errors.ts';
import { namesIn, writeFileAtomic } from '../../base/files.ts';
import { type Head, sha256 } from '../../base/hash.ts';
import { cycleFolder, restoreCycle } from '../cycle-files.ts';
import type { EventOf, RunEvent } from '../events.ts';
import { type CycleCommit, commitsOf, committedPath, keepOrigin, originOf, readObjects } from '../git/branch.ts';
import { git } from '../git/command.ts';
import { openWorktree } from '../git/git.ts';
import { readJournal } from '../journal.ts';
import { lockRun } from '../lock.ts';
import { type Objects, openObjects } from '../objects.ts';
import { parseHistory, writeProjections } from '../projections/projections.ts';
import { stateOf } from '../state/run-state.ts';
import { keepAside, provenJournal, writeJournal } from './proof.ts';
import { hashOf, readable } from './read.ts';

/** Files that were made again, relative to the run folder, and what cannot be. */
export interface Repair {
  readonly rebuilt: readonly string[];
  readonly lost: readonly string[];
}

/**
 * Makes again what can be proven: the journal as far as its lines lead to a head that a commit names, then objects, cycle files, hints,
 * tables, worktree and branch. Replaced files stay beside theirs as `.aside-1`. Throws RalphError while a run is at work there.
 */
export async function repairRun(runDir: string, projectDir: string): Promise<Repair> {
  const lock = lockRun(runDir);
  try {
    const rebuilt: string[] = [];
    const lost: string[] = [];
    const tag = basename(runDir);
    const journal = join(runDir, 'journal.jsonl');
    const commits = await commitsThere(runDir, projectDir);
    const heads = [...commits.values()].flatMap(({ head }) => head ?? []).reverse();
    const { lines, head, seen } = provenJournal(runDir, heads);
    if (lines.length > 0) rebuilt.push(...writeJournal(runDir, lines));
    else lost.push(`${journal}: no line of it can be proven`);
    lost.push(...behind(runDir, head, seen));
    for (const [cycle, { commit, head: then, said }] of commits) {
      if (!then || then.seq <= head.seq) continue;
      const what = said ? `${said.Verdict} -> ${said.Route}, trials ${said.Trials}` : 'without trailers';
      const copy = join(cycleFolder(runDir, cycle), 'events.jsonl');
      lost.push(`${copy}: the events of cycle ${cycle} are gone; its commit ${commit.slice(0, 10)} says ${what}`);
    }
    const events = lines.length > 0 ? readJournal(journal) : [];
    rebuilt.push(...(await rebuildFiles({ runDir, projectDir, tag }, events, lost)));
    return { rebuilt: rebuilt.map((path) => relative(runDir, path)), lost };
  } finally {
    lock.release();
  }
}

/** What lines, or the table that was made from them, say was in the journal behind its proven end. */
function behind(runDir: string, { seq, hash }: Head, seen: number): string[] {
  const table = join(runDir, 'history.json');
  const made = parseHistory(readable(table) ?? '')?.head;
  const last = Math.max(seen, made?.seq ?? 0);
  if (last > seq) {
    const events = last > seq + 1 ? `events ${seq + 1} to ${last} are` : `event ${last} is`;
    return [`${join(runDir, 'journal.jsonl')}: ${events} gone: nothing leads from event ${seq} to what is left`];
  }
  if (made?.seq !== seq || made.hash === hash) return [];
  keepAside(table);
  return [`${table}: was made from another event ${seq} than the journal now ends with: one of the two was altered`];
}

/** The commits of the run's branch, also of a deleted one that the journal names; none where they cannot be read. */
async function commitsThere(runDir: string, projectDir: string): Promise<ReadonlyMap<number, CycleCommit>> {
  try {
    const origin = originOf(runDir);
    if (!origin) return new Map();
    const repository = origin.note === null ? projectDir : join(runDir, 'worktree');
    const events = attempt(() => readJournal(join(runDir, 'journal.jsonl'))) ?? [];
    const last = events.findLast((event) => event.type === 'cycle.committed')?.commit ?? origin.base;
    const known = await git(repository, ['cat-file', '-e', `${last}^{commit}`]);
    return await commitsOf(repository, origin, known.ok ? last : origin.base);
  } catch {
    // Said by verify in the end.
    return new Map();
  }
}

/** Where a run and its commits are. */
interface Place {
  readonly runDir: string;
  readonly projectDir: string;
  readonly tag: string;
}

/** What the journal, the objects and the commits give besides the journal itself. */
async function rebuildFiles(run: Place, events: readonly RunEvent[], lost: string[]): Promise<string[]> {
  const { runDir, projectDir, tag } = run;
  if (events.length === 0) return [];
  const committed = events.flatMap((event) => (event.type === 'cycle.committed' ? [event] : []));
  const rebuilt: string[] = [];
  try {
    rebuilt.push(...(await rebuildOrigin(run, committed[0])));
    // Puts a branch back that was moved or deleted, and makes a lost worktree anew.
    await openWorktree({ projectDir, runDir, tag, last: committed.at(-1)?.commit });
  } catch (error) {
    lost.push(`autoresearch/${tag}: ${messageOf(error)}`);
  }
  const objects = openObjects(runDir);
  rebuilt.push(...(await rebuildObjects(run, events)));
  for (const event of committed) {
    const folder = cycleFolder(runDir, event.cycle);
    rebuilt.push(...rebuildNamed(folder, event.files ?? {}, objects));
    try {
      rebuilt.push(...restoreCycle(runDir, events, event, objects).map((name) => join(folder, name)));
    } catch (error) {
      lost.push(`${folder}: ${messageOf(error)}`);
    }
  }
  for (const event of events) {
    if (event.type !== 'hint.taken') continue;
    const path = join(runDir, 'hints', `${event.hint}.md`);
    if (hashOf(path) === event.sha256 || sha256(event.text) !== event.sha256) continue;
    rebuilt.push(replaced(path, event.text));
  }
  const tables = ['results.tsv', 'history.json', 'STATUS.md'].map((name) => join(runDir, name));
  const before = tables.map(hashOf);
  for (const path of tables) if (hashOf(path) === null) keepAside(path);
  writeProjections(runDir, events, { whole: true });
  return [...rebuilt, ...tables.filter((path, i) => hashOf(path) !== before[i])];
}

/** `worktree.json` from the first commit that the journal names: the branch began before it. */
async function rebuildOrigin(
  { runDir, projectDir, tag }: Place,
  first?: EventOf<'cycle.committed'>,
): Promise<string[]> {
  const path = join(runDir, 'worktree.json');
  if (!first) return [];
  // What is not what was written is made again.
  if (attempt(() => originOf(runDir))) return [];
  const own = existsSync(join(runDir, 'worktree', '.git', 'HEAD'));
  const { ok, out } = await git(own ? join(runDir, 'worktree') : projectDir, ['rev-parse', `${first.commit}^`]);
  if (!ok) return [];
  keepAside(path);
  const note = own ? 'the project was no git checkout' : null;
  keepOrigin(runDir, { branch: `autoresearch/${tag}`, base: out, note });
  return [path];
}

/** Objects that are missing or damaged, from the files of the cycles and of the commits that have their content. */
async function rebuildObjects({ runDir, projectDir, tag }: Place, events: readonly RunEvent[]): Promise<string[]> {
  const rebuilt: string[] = [];
  const dir = existsSync(join(runDir, 'worktree')) ? join(runDir, 'worktree') : projectDir;
  const { byCycle, first } = stateOf(events);
  for (const event of events) {
    if (event.type !== 'trial.started') continue;
    for (const [name, object] of Object.entries(event.files)) {
      const path = join(runDir, 'objects', object);
      if (hashOf(path) === object) continue;
      const commit = byCycle.get(event.cycle)?.committed?.commit;
      const folder = cycleFolder(runDir, event.cycle);
      const drafts = namesIn(folder).map((each) => join(folder, each));
      const draft = drafts.find((each) => hashOf(each) === object);
      const there = committedPath(first?.task === 'project', tag, 'keep', name);
      const bytes = draft ? readFileSync(draft) : await contentOf(dir, `${commit}:${there}`);
      if (bytes && sha256(bytes) === object) rebuilt.push(replaced(path, bytes));
    }
  }
  return rebuilt;
}

/** The content of `COMMIT:PATH`; undefined where it is not there or cannot be read. */
async function contentOf(dir: string, name: string): Promise<Buffer | undefined> {
  const [object] = await readObjects(dir, [name]).catch(() => []);
  return object?.content;
}

/** Sealed files of a cycle whose content is an object, such as the system text. */
function rebuildNamed(folder: string, files: Readonly<Record<string, string>>, objects: Objects): string[] {
  return Object.entries(files).flatMap(([name, sealed]) => {
    const path = join(folder, name);
    if (hashOf(path) === sealed) return [];
    return attempt(() => [replaced(path, objects.get(sealed))]) ?? [];
  });
}

/** Replaces a file durably; what lay there is kept aside. */
function replaced(path: string, data: string | Buffer): string {
  mkdirSync(dirname(path), { recursive: true });
  keepAside(path);
  writeFileAtomic(path, data);
  return resolve(path);
}
