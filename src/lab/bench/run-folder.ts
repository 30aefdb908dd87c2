import { execFileSync } from 'node:child_process';
import { hash } from 'node:crypto';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GENESIS, sha256 } from '../../base/hash.ts';
import { cycleFolder, sealsOf, textsFromJournal } from '../../journal/cycle-files.ts';
import { type RalphEvent, type RunEvent, SCHEMA_VERSION } from '../../journal/events.ts';
import { keepOrigin, trailersOf } from '../../journal/git/branch.ts';
import { openObjects } from '../../journal/objects.ts';
import { writeProjections } from '../../journal/projections/projections.ts';
import { writePart } from '../../journal/sealed/part.ts';
import { cycleAt } from '../../journal/state/run-state.ts';
import { cycleEvents, startOfRun } from '../story.ts';

const AUTHOR = 'Ralph <ralph@localhost> 1700000000 +0000';
const BRANCH = 'autoresearch/t';

/** The name that git gives an object. */
function nameOf(type: string, content: string | Buffer): string {
  return hash('sha1', Buffer.concat([Buffer.from(`${type} ${Buffer.byteLength(content)}\0`), Buffer.from(content)]));
}

/** The name of a tree with these entries, in order. */
function treeOf(entries: readonly (readonly [mode: string, name: string, object: string])[]): string {
  const parts = entries.flatMap(([mode, name, object]) => [
    Buffer.from(`${mode} ${name}\0`),
    Buffer.from(object, 'hex'),
  ]);
  return nameOf('tree', Buffer.concat(parts));
}

interface Build {
  /** Bytes from which the journal is sealed. */
  readonly partBytes?: number;
  /** Whether the run has a repository of its own, within its folder. */
  readonly own?: boolean;
  /** Time of the first event, epoch ms. */
  readonly start?: number;
  /** May change what a cycle's files and commit say before they are sealed: hashes then find nothing. */
  lie?(cycle: number, what: string, text: string): string;
}

/**
 * A finished run of that many cycles as the loop leaves it, in a project of its own; the run folder. Commits go through one `git fast-import`
 * and nothing is synced, so that 10,000 cycles take seconds.
 */
export function buildRunFolder(
  cycles: number,
  { partBytes = 4 * 1024 * 1024, own = false, start = 1.7e12, lie = (_, __, text) => text }: Build = {},
): string {
  const project = mkdtempSync(join(tmpdir(), 'ralph-bench-'));
  const dir = join(project, 'runs', 't');
  const path = join(dir, 'journal.jsonl');
  const worktree = join(dir, 'worktree');
  mkdirSync(join(dir, 'objects'), { recursive: true });
  if (own) mkdirSync(worktree);
  const git = (args: string[], input?: string) =>
    execFileSync('git', args, { cwd: own ? worktree : project, input, encoding: 'utf8' }).trim();
  git(['init', '-q', '--template=', '-b', own ? BRANCH : 'main']);
  const identity = ['-c', 'user.name=Ralph', '-c', 'user.email=ralph@localhost'];
  git([...identity, 'commit', '-q', '--allow-empty', '-m', 'a project']);
  const base = git(['rev-parse', 'HEAD']);
  const objects = { ...openObjects(dir), put: (text: string | NodeJS.ArrayBufferView) => stored(dir, String(text)) };
  const events: RunEvent[] = [];
  const stream: string[] = [];
  let head = GENESIS;
  let live: string[] = [];
  let [first, size, part, parent] = [0, 0, 0, base];
  const add = (event: RalphEvent) => {
    const full = {
      seq: head.seq + 1,
      at: start + head.seq * 500,
      v: SCHEMA_VERSION,
      ...event,
      prev: head.hash,
    } as RunEvent;
    const text = JSON.stringify(full);
    head = { seq: full.seq, hash: sha256(text) };
    live.push(`${text}\n`);
    size += text.length + 1;
    events.push(full);
  };
  add(startOfRun);
  for (let cycle = 1; cycle <= cycles; cycle++) {
    const folder = cycleFolder(dir, cycle);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'system.md'), 'brief ');
    writeFileSync(join(folder, 'brief.md'), String(cycle));
    writeFileSync(join(folder, 'transcript.jsonl'), `{"cycle":${cycle}}\n`);
    for (const event of cycleEvents(cycle, (text) => objects.put(text))) {
      if (event.type !== 'cycle.committed') add(event);
      else {
        const state = cycleAt(events, cycle)!;
        const texts = textsFromJournal(events, state, objects);
        for (const [name, text] of Object.entries(texts)) writeFileSync(join(folder, name), lie(cycle, name, text));
        const trailers = trailersOf('t', state, head, { trials: cycle, looks: 0 });
        const message = lie(cycle, 'message', `DISCARD\n\nwhy\n\n${trailers}`);
        const files = { 'a.ts': lie(cycle, 'a.ts', `code ${cycle}`), 'a.yaml': `yaml ${cycle}` };
        parent = importCommit(stream, parent, message, files);
        add({ ...event, commit: parent, upTo: head.seq, files: sealsOf(folder) });
      }
    }
    if (size < partBytes) continue;
    part += 1;
    const seal = writePart(path, part, Buffer.from(live.join('')), events.slice(first), head);
    [live, size, first] = [[], 0, events.length];
    add({ type: 'journal.sealed', ...seal });
  }
  writeFileSync(path, live.join(''));
  git(['fast-import', '--quiet'], stream.join(''));
  keepOrigin(dir, { branch: BRANCH, base, note: own ? 'the project is no git checkout' : null });
  git(own ? ['reset', '--quiet', '--hard', BRANCH] : ['worktree', 'add', '--quiet', worktree, BRANCH]);
  writeProjections(dir, events, { whole: true });
  return dir;
}

function stored(dir: string, text: string): string {
  const name = sha256(text);
  writeFileSync(join(dir, 'objects', name), text);
  return name;
}

/** Adds a commit to the stream and answers the name that git will give it. */
function importCommit(
  stream: string[],
  parent: string,
  message: string,
  files: Readonly<Record<string, string>>,
): string {
  const blobs = Object.entries(files);
  const tree = treeOf([
    [
      '40000',
      'strategies',
      treeOf([['40000', 't', treeOf(blobs.map(([name, text]) => ['100644', name, nameOf('blob', text)]))]]),
    ],
  ]);
  stream.push(
    `commit refs/heads/${BRANCH}\nauthor ${AUTHOR}\ncommitter ${AUTHOR}\ndata ${Buffer.byteLength(message)}\n${message}`,
    ...(stream.length === 0 ? [`from ${parent}\n`] : []),
    ...blobs.map(([name, text]) => `M 100644 inline strategies/t/${name}\ndata ${Buffer.byteLength(text)}\n${text}\n`),
    '\n',
  );
  return nameOf('commit', `tree ${tree}\nparent ${parent}\nauthor ${AUTHOR}\ncommitter ${AUTHOR}\n\n${message}`);
}
