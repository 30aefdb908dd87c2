import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { commitsOfRun, readObjects } from '../../../src/journal/git/branch.ts';
import { openWorktree } from '../../../src/journal/git/git.ts';
import { until } from '../../../src/lab/until.ts';

const message = (cycle: number) => `DISCARD · sharpe 0.41 < 1.00 · ema-cross\n\n- why\n\nCycle: ${cycle}\nRun: t\n`;

function sh(dir: string, ...args: string[]): string {
  const env = {
    PATH: process.env.PATH,
    HOME: dir,
    GIT_AUTHOR_NAME: 'u',
    GIT_AUTHOR_EMAIL: 'u@x',
    GIT_COMMITTER_NAME: 'u',
    GIT_COMMITTER_EMAIL: 'u@x',
  };
  return execFileSync('git', args, { cwd: dir, encoding: 'utf8', env, stdio: ['ignore', 'pipe', 'pipe'] });
}

const folder = () => mkdtempSync(join(tmpdir(), 'ralph-git-'));

let template: string | undefined;
function project(): string {
  if (template === undefined) {
    template = folder();
    sh(template, 'init', '-q', '-b', 'main', '--template=');
    mkdirSync(join(template, 'strategies'));
    writeFileSync(join(template, 'a.txt'), 'one\n');
    sh(template, 'add', '.');
    sh(template, 'commit', '-q', '-m', 'first');
  }
  const dir = folder();
  cpSync(template, dir, { recursive: true });
  return dir;
}

const open = (dir: string, last?: string) =>
  openWorktree({ projectDir: dir, runDir: join(dir, 'runs', 't'), tag: 't', last });
/** The newest commits of the run's branch. */
const newest = (dir: string) => sh(dir, 'rev-list', '--max-count=2', 'autoresearch/t').trim().split('\n');

test('commits go to the run branch; a dirty checkout, its index, stash and untracked files stay as they were', async () => {
  const dir = project();
  writeFileSync(join(dir, 'a.txt'), 'stashed\n');
  sh(dir, 'stash');
  writeFileSync(join(dir, 'a.txt'), 'staged\n');
  sh(dir, 'add', 'a.txt');
  writeFileSync(join(dir, 'a.txt'), 'changed\n');
  writeFileSync(join(dir, 'untracked.txt'), 'mine\n');
  const state = () =>
    ['status --porcelain=v1', 'stash list', 'rev-parse HEAD', 'diff --cached'].map((of) => sh(dir, ...of.split(' ')));
  const before = state();
  const worktree = await open(dir);
  const first = await worktree.commit({ 'strategies/t/x.ts': 'export {};\n' }, message(1));
  const second = await worktree.commit({ 'strategies/t/x.ts': 'export {};\n' }, message(2));
  assert.deepEqual(state(), before);
  assert.equal(readFileSync(join(dir, 'a.txt'), 'utf8'), 'changed\n');
  assert.notEqual(first, second);
  assert.equal(await worktree.find(1), first);
  assert.equal(await worktree.find(2), second);
  assert.equal(await worktree.find(3), null);
  assert.equal(worktree.note, null);
  assert.match(sh(dir, 'log', '--format=%s', 'autoresearch/t'), /^DISCARD · sharpe/);
  const again = await open(dir);
  assert.equal(await again.find(2), second);
});

test('hooks and signing that are configured do not act on the commits of a run', async () => {
  const dir = project();
  mkdirSync(join(dir, '.git', 'hooks'));
  for (const hook of ['pre-commit', 'post-commit', 'prepare-commit-msg', 'post-checkout', 'commit-msg']) {
    writeFileSync(join(dir, '.git', 'hooks', hook), `#!/bin/sh\ntouch ${dir}/hooked\nexit 1\n`, { mode: 0o755 });
  }
  sh(dir, 'config', 'commit.gpgSign', 'true');
  sh(dir, 'config', 'user.signingKey', 'nobody');
  sh(dir, 'config', 'gpg.program', '/bin/false');
  const worktree = await open(dir);
  assert.match(await worktree.commit({ 'x.ts': '1' }, message(1)), /^[0-9a-f]{40}$/);
  assert.equal(existsSync(join(dir, 'hooked')), false);
});

test('a shallow clone, a repository without a commit, and a folder without a repository all work', async () => {
  const source = project();
  writeFileSync(join(source, 'a.txt'), 'two\n');
  sh(source, 'commit', '-q', '-am', 'second');
  const shallow = join(folder(), 'clone');
  sh(source, 'clone', '-q', '--depth', '1', `file://${source}`, shallow);
  const empty = folder();
  sh(empty, 'init', '-q');
  const bare = folder();
  for (const dir of [shallow, empty, bare]) {
    const worktree = await open(dir);
    const commit = await worktree.commit({ 'strategies/t/x.ts': '1\n' }, message(1));
    assert.equal(await (await open(dir)).find(1), commit);
    assert.equal(worktree.note === null, dir !== bare);
  }
  assert.equal(existsSync(join(bare, '.git')), false);
});

test('a run folder that was deleted leaves its branch, and a new run goes on from there without finding old cycles', async () => {
  const dir = project();
  const first = await open(dir);
  await first.commit({ 'x.ts': '1' }, message(1));
  rmSync(join(dir, 'runs'), { recursive: true });
  const second = await open(dir);
  assert.equal(await second.find(1), null);
  await second.commit({ 'x.ts': '2' }, message(1));
  assert.equal(sh(dir, 'rev-list', '--count', 'main..autoresearch/t').trim(), '2');
});

test('an index lock left by a killed git is removed, and a path through a symbolic link is refused', async () => {
  const dir = project();
  const outside = folder();
  symlinkSync(outside, join(dir, 'linked'));
  sh(dir, 'add', 'linked');
  sh(dir, 'commit', '-q', '-m', 'link');
  await open(dir);
  writeFileSync(join(dir, '.git', 'worktrees', 'worktree', 'index.lock'), '');
  const worktree = await open(dir);
  await assert.rejects(worktree.commit({ 'linked/x.ts': '1' }, message(1)), /outside of the run's worktree/);
  await assert.rejects(worktree.commit({ '../x.ts': '1' }, message(1)), /outside of the run's worktree/);
  assert.match(await worktree.commit({ 'x.ts': '1' }, message(1)), /^[0-9a-f]{40}$/);
});

test('a sparse checkout, and a project whose ignore rules match the files, take commits all the same', async () => {
  const dir = project();
  mkdirSync(join(dir, 'docs'));
  writeFileSync(join(dir, 'docs', 'b.txt'), 'b\n');
  writeFileSync(join(dir, '.gitignore'), 'strategies/\nruns/\n');
  sh(dir, 'add', '.');
  sh(dir, 'commit', '-q', '-m', 'docs');
  sh(dir, 'sparse-checkout', 'set', 'docs');
  const worktree = await open(dir);
  const commit = await worktree.commit({ 'strategies/t/x.ts': '1\n' }, message(1));
  assert.match(sh(dir, 'show', '--stat', '--format=', commit), /strategies\/t\/x\.ts/);
  assert.equal(sh(dir, 'ls-tree', '-r', '--name-only', commit).includes('a.txt'), true);
});

test('a line in the words of a commit that looks like the trailer of another cycle is not taken for it', async () => {
  const dir = project();
  const worktree = await open(dir);
  assert.equal(await worktree.find(1), null);
  const first = await worktree.commit({}, message(1).replace('- why', 'Cycle: 2'));
  assert.equal(await worktree.find(1), first);
  assert.equal(await worktree.find(2), null);
});

/** A run with two cycles on its branch, and a user with work of their own on main. */
async function twoCycles() {
  const dir = project();
  const run = await open(dir);
  const first = await run.commit({ 'strategies/t/x.ts': '1\n' }, message(1));
  const second = await run.commit({ 'strategies/t/x.ts': '2\n' }, message(2));
  const user = () => [sh(dir, 'rev-parse', 'HEAD', 'main'), sh(dir, 'symbolic-ref', 'HEAD'), sh(dir, 'ls-files')];
  return { dir, run, first, second, user, worktree: join(dir, 'runs', 't', 'worktree') };
}

const DISTURBED: Record<string, (dir: string, worktree: string) => void> = {
  'deleted worktree': (_dir, worktree) => rmSync(worktree, { recursive: true }),
  'worktree that became a plain folder': (_dir, worktree) => rmSync(join(worktree, '.git')),
  'worktree that was removed with git': (dir, worktree) => sh(dir, 'worktree', 'remove', '--force', worktree),
  'checkout of another branch inside': (_dir, worktree) => sh(worktree, 'checkout', '-q', '-B', 'mine'),
  'checkout of a commit inside': (_dir, worktree) => sh(worktree, 'checkout', '-q', 'HEAD~1'),
  'amended commit': (_dir, worktree) => sh(worktree, 'commit', '-q', '--amend', '--allow-empty', '-m', message(9)),
  'branch set back': (_dir, worktree) => sh(worktree, 'reset', '-q', '--hard', 'HEAD~1'),
  'deleted branch': (dir) => sh(dir, 'update-ref', '-d', 'refs/heads/autoresearch/t'),
};

test('whatever is done to the worktree and the branch, the next commit follows the last cycle’s and nothing of the user’s moves', async (t) => {
  const { dir, run: first, second, user, worktree } = await twoCycles();
  const before = user();
  let [run, last, cycle] = [first, second, 2];
  const goOn = async (files: Readonly<Record<string, string>>) => {
    cycle += 1;
    const made = await run.commit(files, message(cycle));
    assert.deepEqual(newest(dir), [made, last]);
    last = made;
  };
  for (const [name, disturb] of Object.entries(DISTURBED))
    await t.test(name, async () => {
      const tip = last;
      disturb(dir, worktree);
      await goOn({ 'strategies/t/x.ts': `${name}\n` });
      assert.equal(sh(dir, 'show', `${last}:strategies/t/x.ts`), `${name}\n`);
      if (name === 'checkout of another branch inside') assert.equal(sh(dir, 'rev-parse', 'mine').trim(), tip);
      // The same while no harness was at work.
      disturb(dir, worktree);
      run = await open(dir, last);
      assert.equal(await run.find(cycle), last);
      await goOn({});
      assert.deepEqual(user(), before);
    });
});

test('a run folder under another tag is refused, and the branch of the run that it was copied from stays where it is', async () => {
  const { dir, second } = await twoCycles();
  cpSync(join(dir, 'runs', 't'), join(dir, 'runs', 'u'), { recursive: true });
  await assert.rejects(
    openWorktree({ projectDir: dir, runDir: join(dir, 'runs', 'u'), tag: 'u', last: second }),
    /runs\/u holds the run of the branch autoresearch\/t, not of autoresearch\/u$/,
  );
  assert.equal(sh(dir, 'for-each-ref', '--format=%(objectname)', 'refs/heads/autoresearch').trim(), second);
});

test('a commit that a person put on the branch is kept under refs/ralph when the branch is put back', async () => {
  const { dir, run, worktree } = await twoCycles();
  writeFileSync(join(worktree, 'mine.txt'), 'mine\n');
  sh(worktree, 'add', '.');
  sh(worktree, 'commit', '-q', '-m', 'mine');
  const mine = sh(worktree, 'rev-parse', 'HEAD').trim();
  await run.commit({}, message(3));
  assert.match(sh(dir, 'for-each-ref', 'refs/ralph'), new RegExp(`^${mine}`));
});

test('a file that a commit does not have is missing, whatever its name, and those behind it are read', async () => {
  const dir = project();
  const found = await readObjects(dir, ['HEAD:no such file.txt', 'HEAD:a.txt']);
  assert.deepEqual(
    found.map((object) => object?.content.toString()),
    [undefined, 'one\n'],
  );
});

test('of two commits of one cycle the first counts: the journal may name it already', async () => {
  const dir = project();
  const first = await (await open(dir)).commit({}, message(1));
  const worktree = await open(dir);
  await worktree.commit({ 'x.ts': '2' }, message(1));
  assert.equal(await worktree.find(1), first);
  assert.equal(await (await open(dir)).find(1), first);
});

test('a file under .git is never written, not even through a worktree that holds a folder of that name', async () => {
  const worktree = await open(mkdtempSync(join(tmpdir(), 'ralph-bare-')));
  const hook = join('.git', 'hooks', 'post-commit');
  await assert.rejects(worktree.commit({ [hook]: '#!/bin/sh' }, message(1)), /outside of the run's worktree/);
});

test('a repository that was moved goes on in its new place; a copied one never writes into the one it was copied from', async () => {
  const { dir, first, second, user } = await twoCycles();
  const copied = `${dir}-copy`;
  cpSync(dir, copied, { recursive: true });
  const inCopy = await open(copied, second);
  const third = await inCopy.commit({}, message(3));
  assert.equal(sh(copied, 'rev-parse', 'autoresearch/t').trim(), third);
  assert.equal(sh(dir, 'rev-parse', 'autoresearch/t').trim(), second);
  const before = user();
  const moved = `${dir}-moved`;
  renameSync(dir, moved);
  const again = await open(moved, second);
  assert.equal(await again.find(1), first);
  const next = await again.commit({}, message(3));
  assert.deepEqual(newest(moved), [next, second]);
  renameSync(moved, dir);
  assert.deepEqual(user(), before);
});

test('GIT_DIR and its like in the environment lead no commit elsewhere', async (t) => {
  const { dir, run, second, user } = await twoCycles();
  const before = user();
  for (const [name, value] of Object.entries({
    GIT_DIR: join(dir, '.git'),
    GIT_WORK_TREE: dir,
    GIT_INDEX_FILE: join(dir, 'i'),
  })) {
    process.env[name] = value;
    t.after(() => delete process.env[name]);
  }
  const third = await run.commit({ 'strategies/t/x.ts': '3\n' }, message(3));
  for (const name of ['GIT_DIR', 'GIT_WORK_TREE', 'GIT_INDEX_FILE']) delete process.env[name];
  assert.deepEqual(newest(dir), [third, second]);
  assert.deepEqual(user(), before);
});

test('a second folder with the same tag, in another worktree of the user, gets a repository of its own', async () => {
  const { dir, run, second } = await twoCycles();
  const other = `${dir}-other`;
  sh(dir, 'worktree', 'add', '-q', '--detach', other);
  const there = await open(other);
  assert.match(there.note ?? '', /autoresearch\/t belongs to the run in .*runs\/t$/);
  await there.commit({}, message(1));
  assert.equal(sh(dir, 'rev-parse', 'autoresearch/t').trim(), second);
  await run.commit({}, message(3));
  assert.equal(sh(dir, 'for-each-ref', 'refs/ralph'), '');
});

const IN_MID_COMMIT: Readonly<Record<string, (dir: string, worktree: string) => void>> = {
  'worktree deleted': (_dir, worktree) => rmSync(worktree, { recursive: true }),
  'branch deleted': (dir) => sh(dir, 'update-ref', '-d', 'refs/heads/autoresearch/t'),
  'branch set back': (dir) => sh(dir, 'update-ref', 'refs/heads/autoresearch/t', 'autoresearch/t~1'),
};

for (const [name, disturb] of Object.entries(IN_MID_COMMIT))
  test(`${name} in the middle of a commit: it follows the last cycle’s all the same, and nothing of the user’s moves`, async () => {
    const { dir, second, user, worktree } = await twoCycles();
    const before = user();
    const script = `
    const { openWorktree } = await import(${JSON.stringify(join(import.meta.dirname, '../../../src/journal/git/git.ts'))});
    const run = await openWorktree({ projectDir: ${JSON.stringify(dir)}, runDir: ${JSON.stringify(join(dir, 'runs', 't'))}, tag: 't' });
    console.log(await run.commit({ 'x.ts': '3' }, 'third\\n\\nCycle: 3\\n'));
    await run.commit({ 'y.ts': '4' }, 'fourth\\n\\nCycle: 4\\n');`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'ignore'],
      env: { ...process.env, RALPH_FAILPOINT: 'journal.commit.staged=SIGSTOP' },
    });
    const said = text(child.stdout);
    await until('the commit is held', () => readFileSync(`/proc/${child.pid}/stat`, 'utf8').includes(') T '), 20);
    disturb(dir, worktree);
    child.kill('SIGCONT');
    const third = (await said).trim();
    assert.deepEqual(sh(dir, 'rev-list', '--max-count=3', 'autoresearch/t').trim().split('\n').slice(1), [
      third,
      second,
    ]);
    assert.equal(sh(dir, 'show', 'autoresearch/t:x.ts'), '3', 'the cycle after it keeps its files');
    assert.deepEqual(user(), before);
  });

test('a read-only .git is a plain error, and the run goes on where it stood once it can be written', async (t) => {
  const { dir, run, second, user } = await twoCycles();
  const before = user();
  try {
    execFileSync('mount', ['--bind', '-o', 'ro', join(dir, '.git'), join(dir, '.git')], { stdio: 'pipe' });
  } catch {
    t.skip('this user may not mount a folder read-only');
    return;
  }
  try {
    await assert.rejects(
      run.commit({ 'x.ts': '3' }, message(3)),
      /^RalphError: git hash-object failed: .*Read-only file system/,
    );
  } finally {
    execFileSync('umount', [join(dir, '.git')]);
  }
  assert.deepEqual(user(), before);
  await run.commit({ 'x.ts': '3' }, message(3));
  assert.equal(sh(dir, 'rev-parse', 'autoresearch/t~1').trim(), second);
});

test('what a person configures, replaces or names like the branch hides no commit of a run, and moves none', async () => {
  const hiding: Record<string, (dir: string) => void> = {
    'trailer.separators': (dir) => sh(dir, 'config', 'trailer.separators', '='),
    'trailer.cycle.key': (dir) => sh(dir, 'config', 'trailer.Cycle.key', 'Other'),
    'core.commentChar': (dir) => sh(dir, 'config', 'core.commentChar', 'C'),
    'i18n.logOutputEncoding': (dir) => sh(dir, 'config', 'i18n.logOutputEncoding', 'UTF-16'),
    'git replace': (dir) => sh(dir, 'replace', 'autoresearch/t', 'autoresearch/t~1'),
    'a tag of that name': (dir) => sh(dir, 'tag', 'autoresearch/t', 'main'),
  };
  for (const [name, hide] of Object.entries(hiding)) {
    const dir = project();
    const worktree = await open(dir);
    const first = await worktree.commit({}, message(1));
    const second = await worktree.commit({}, message(2));
    hide(dir);
    const again = await open(dir, second);
    assert.deepEqual([...again.commits.keys()], [1, 2], name);
    const third = await again.commit({}, message(3));
    const commits = [...(await commitsOfRun(join(dir, 'runs', 't'))).values()];
    assert.deepEqual(
      commits.map(({ commit }) => commit),
      [first, second, third],
      name,
    );
    assert.equal(sh(dir, 'for-each-ref', 'refs/ralph').trim(), '', name);
  }
});

test('locks that a power cut left on the branch and on HEAD are removed, and another branch in its way is named', async () => {
  const dir = project();
  const first = await (await open(dir)).commit({}, message(1));
  writeFileSync(join(dir, '.git', 'refs', 'heads', 'autoresearch', 't.lock'), '');
  writeFileSync(join(dir, '.git', 'worktrees', 'worktree', 'HEAD.lock'), '');
  const tip = await (await open(dir, first)).commit({}, message(2));
  assert.deepEqual(newest(dir), [tip, first]);
  sh(dir, 'update-ref', '-d', 'refs/heads/autoresearch/t');
  sh(dir, 'branch', 'autoresearch');
  await assert.rejects(open(dir, tip), {
    message: /'refs\/heads\/autoresearch' exists/,
    remedy: /git branch -m OLD NEW/,
  });
  sh(dir, 'branch', '-m', 'autoresearch', 'mine');
  await open(dir, tip);
  assert.deepEqual(newest(dir), [tip, first]);
});

test('a path with a line break, which git cannot print, is refused before anything is made', async () => {
  const dir = join(folder(), 'a\nb');
  await assert.rejects(open(dir), { name: 'RalphError', remedy: 'Give that folder another name.' });
  assert.equal(existsSync(dir), false);
});

test('a branch whose file a power cut left empty is put back', async () => {
  const dir = project();
  const tip = await (await open(dir)).commit({}, message(1));
  writeFileSync(join(dir, '.git', 'refs', 'heads', 'autoresearch', 't'), '');
  await open(dir, tip);
  assert.equal(sh(dir, 'rev-parse', 'refs/heads/autoresearch/t').trim(), tip);
});

test('a commit holds each file byte for byte, whatever the project’s attributes say, and a program stays one', async () => {
  const dir = project();
  const attributes = [
    '*.auto text=auto',
    '*.crlf text eol=crlf',
    '*.id ident',
    '*.utf working-tree-encoding=UTF-16',
    '*.f filter=f',
  ];
  writeFileSync(join(dir, '.gitattributes'), `${attributes.join('\n')}\n`);
  writeFileSync(join(dir, 'run.sh'), 'one\n', { mode: 0o755 });
  sh(dir, 'config', 'filter.f.clean', 'false');
  sh(dir, 'config', 'filter.f.required', 'true');
  sh(dir, 'add', '.');
  sh(dir, 'commit', '-q', '-m', 'attributes');
  const text = 'a\r\n$Id: 1$\r\n';
  const names = ['x.auto', 'x.crlf', 'x.id', 'x.utf', 'x.f', 'run.sh', 'new folder/ä "x".ts'];
  const commit = await (await open(dir)).commit(Object.fromEntries(names.map((name) => [name, text])), message(1));
  const found = await readObjects(
    dir,
    names.map((name) => `${commit}:${name}`),
  );
  assert.deepEqual(
    found.map((object) => object?.content.toString()),
    names.map(() => text),
  );
  assert.match(sh(dir, 'ls-tree', commit, 'run.sh'), /^100755 /);
});

test('a run folder of another user, which git does not read, is told as that', {
  skip: process.getuid?.() !== 0,
}, async () => {
  const dir = project();
  await (await open(dir)).commit({}, message(1));
  execFileSync('chown', ['-R', '65534', dir]);
  await assert.rejects(commitsOfRun(join(dir, 'runs', 't')), /belongs to another user/);
});
