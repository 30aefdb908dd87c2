import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { gunzipSync } from 'node:zlib';

/** What journal, folders, branch and ledger say against one another, and against what they said before. */
export interface Findings {
  /** What was there once, or should be, and is not. */
  readonly lost: readonly string[];
  /** What is there twice. */
  readonly doubled: readonly string[];
  /** Branches and checkouts of the user that changed. */
  readonly moved: readonly string[];
}

/** A line of a journal, as far as the checker reads it. */
interface Entry {
  readonly type: string;
  readonly seq: number;
  readonly prev: string;
  readonly cycle?: number;
  readonly trial?: string;
  readonly commit?: string;
  readonly outcome?: string;
  readonly files?: Readonly<Record<string, string>>;
}

/** A piece of what a checker remembers. */
export interface Memo {
  /** The user's branches before the run. */
  readonly user?: string;
  /** Commit by cycle, and outcome by trial. */
  readonly commits?: Readonly<Record<string, string>>;
  readonly results?: Readonly<Record<string, string>>;
}

export interface Checker {
  /** Remembers what the journal says by now: none of it may be gone later. */
  note(): void;
  check(): Findings;
}

/**
 * Checks a run without a line of the code that wrote it or that verifies it: it reads the files, git and the ledger itself.
 * Opened before the run starts, it remembers the user's branches. It gives `keep` what it learns; with these `memos` a later one goes on from it.
 */
export function openChecker(
  projectDir: string,
  tag: string,
  ledgerFile: string | null,
  { memos = [], keep = () => {} }: { readonly memos?: readonly Memo[]; readonly keep?: (memo: Memo) => void } = {},
): Checker {
  const runDir = join(projectDir, 'runs', tag);
  const own = `refs/heads/autoresearch/${tag}`;
  const git = (...args: string[]) => execFileSync('git', args, { cwd: projectDir, encoding: 'utf8' }).trim();
  const user = () =>
    [
      git('symbolic-ref', 'HEAD'),
      git('status', '--porcelain', '--untracked-files=no'),
      ...git('for-each-ref', '--format=%(refname) %(objectname)', 'refs/heads')
        .split('\n')
        .filter((line) => !line.startsWith(`${own} `)),
    ].join('\n');
  let before = memos.find((memo) => memo.user !== undefined)?.user;
  if (before === undefined) {
    before = user();
    keep({ user: before });
  }
  const commits: Record<string, string> = Object.assign({}, ...memos.map((memo) => memo.commits));
  const results: Record<string, string> = Object.assign({}, ...memos.map((memo) => memo.results));
  return {
    note() {
      const seen = { commits: {} as Record<string, string>, results: {} as Record<string, string> };
      for (const { type, cycle = 0, commit = '', trial = '', outcome = '' } of entriesOf(runDir)) {
        if (type === 'cycle.committed' && !(cycle in commits)) seen.commits[cycle] = commit;
        if (type === 'trial.finished' && !(trial in results)) seen.results[trial] = outcome;
      }
      Object.assign(commits, seen.commits);
      Object.assign(results, seen.results);
      keep(seen);
    },
    check() {
      const entries = entriesOf(runDir);
      const found = { lost: chainProblems(runDir), doubled: [] as string[], moved: [] as string[] };
      const of = (type: string) => entries.filter((entry) => entry.type === type);
      const once = <Key>(type: string, key: (entry: Entry) => Key): Map<Key, Entry> => {
        const map = new Map<Key, Entry>();
        for (const entry of of(type)) {
          if (map.has(key(entry))) found.doubled.push(`${type} of ${key(entry)} stands twice in the journal`);
          map.set(key(entry), entry);
        }
        return map;
      };
      const started = once('trial.started', ({ trial }) => trial);
      const finished = once('trial.finished', ({ trial }) => trial);
      const committed = once('cycle.committed', ({ cycle }) => cycle);
      once('cycle.started', ({ cycle }) => cycle);
      once('verdict.given', ({ cycle }) => cycle);
      once('selection.looked', ({ trial }) => trial);
      const judged = new Set(of('verdict.given').map(({ cycle }) => cycle));
      for (const [trial, { cycle }] of started)
        if (judged.has(cycle) && !finished.has(trial)) found.lost.push(`trial ${trial} was charged and has no result`);
      for (const [cycle, commit] of Object.entries(commits))
        if (committed.get(Number(cycle))?.commit !== commit)
          found.lost.push(`cycle ${cycle} was commit ${commit} before`);
      for (const [trial, outcome] of Object.entries(results))
        if (finished.get(trial)?.outcome !== outcome) found.lost.push(`trial ${trial} was ${outcome} before`);
      [...committed.keys()].forEach((cycle, i) => {
        if (cycle !== i + 1) found.lost.push(`cycle ${i + 1} is not committed where ${cycle} is`);
      });
      folders(runDir, committed.values(), found.lost);
      branch(git, own, committed, found);
      if (ledgerFile !== null) ledger(ledgerFile, tag, new Set(started.keys()), found);
      if (user() !== before) found.moved.push(`the user's branches were\n${before}\nand are\n${user()}`);
      return found;
    },
  };
}

function linesOf(runDir: string): string[] {
  if (!existsSync(join(runDir, 'journal.jsonl'))) return [];
  const live = readFileSync(join(runDir, 'journal.jsonl'), 'utf8').split('\n').slice(0, -1);
  const parts = readdirSync(runDir)
    .filter((name) => /^journal\.\d+\.jsonl\.gz$/.test(name))
    .sort()
    .map((name) =>
      gunzipSync(readFileSync(join(runDir, name)))
        .toString('utf8')
        .split('\n')
        .slice(0, -1),
    );
  // A kill between the writing of a part and the new journal leaves both.
  return [...parts.filter(([first]) => first !== live[0]).flat(), ...live];
}

function entriesOf(runDir: string): Entry[] {
  return linesOf(runDir).map((line) => JSON.parse(line) as Entry);
}

function chainProblems(runDir: string): string[] {
  let before = '0'.repeat(64);
  return linesOf(runDir).flatMap((line, i) => {
    const { seq, prev } = JSON.parse(line) as Entry;
    const sound = seq === i + 1 && prev === before;
    before = createHash('sha256').update(line).digest('hex');
    return sound ? [] : [`line ${i + 1} of the journal does not follow the one before it`];
  });
}

/** Every file that the journal sealed is there with its hash. */
function folders(runDir: string, committed: Iterable<Entry>, lost: string[]): void {
  for (const { cycle, files } of committed)
    for (const [name, sha256] of Object.entries(files ?? {})) {
      const path = join(runDir, 'cycles', String(cycle).padStart(4, '0'), name);
      const same = existsSync(path) && createHash('sha256').update(readFileSync(path)).digest('hex') === sha256;
      if (!same) lost.push(`${path} is not what was sealed`);
    }
}

/** One commit a cycle on the run's branch, in order, each as the journal names it. */
function branch(
  git: (...args: string[]) => string,
  own: string,
  committed: ReadonlyMap<number | undefined, Entry>,
  found: { lost: string[]; doubled: string[] },
): void {
  const log = git(
    'log',
    '--first-parent',
    '--reverse',
    '--format=%H %(trailers:key=Cycle,valueonly,separator=%x20)',
    own,
  );
  const onBranch = new Map<number, string>();
  for (const line of log.split('\n')) {
    const [commit, cycle] = line.split(' ');
    if (!cycle) continue;
    if (onBranch.has(Number(cycle))) found.doubled.push(`cycle ${cycle} has two commits on the branch`);
    onBranch.set(Number(cycle), commit);
  }
  for (const [cycle, { commit }] of committed)
    if (onBranch.get(cycle ?? 0) !== commit)
      found.lost.push(`the branch does not hold commit ${commit} of cycle ${cycle}`);
  // The last one may be a commit that the journal was killed before naming.
  if (onBranch.size > committed.size + 1)
    found.doubled.push(`the branch has ${onBranch.size} cycles, the journal ${committed.size}`);
}

/** Each trial of the journal is charged once in the ledger, and no other; the last one may wait for its line in the journal. */
function ledger(
  file: string,
  tag: string,
  trials: ReadonlySet<string | undefined>,
  found: { lost: string[]; doubled: string[] },
): void {
  const database = new DatabaseSync(file, { readOnly: true });
  const rows = database.prepare('select text from ledger order by seq').all();
  database.close();
  const charged = rows
    .map(({ text }) => JSON.parse(String(text)).entry as { type: string; tag?: string; trial?: string })
    .filter((entry) => entry.type === 'trial' && entry.tag === tag)
    .map(({ trial }) => trial);
  const known = new Set(charged);
  if (known.size < charged.length)
    found.doubled.push(`${charged.length - known.size} trials are charged twice in the ledger`);
  for (const trial of trials) if (!known.has(trial)) found.lost.push(`trial ${trial} is not in the ledger`);
  const extra = [...known].filter((trial) => !trials.has(trial));
  if (extra.length > 1) found.doubled.push(`the ledger has trials that the journal has not: ${extra.join(' ')}`);
}
