import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { sha256 } from '../../src/base/hash.ts';
import { verifyRun } from '../../src/journal/verify/verify.ts';
import { type Ended, type LightProject, makeLightProject, measurer } from '../../src/lab/failpoints/project.ts';
import type { Brain } from '../../src/lab/server/brain.ts';
import { type ModelServer, startModelServer } from '../../src/lab/server/serve.ts';
import { until } from '../../src/lab/until.ts';

// What the world does to a run is told in one line with a remedy, never as a stack.

let project: LightProject;
let model: ModelServer;
let env: Record<string, string>;
before(async () => {
  project = await makeLightProject();
  model = await startModelServer({ brain: measurer(), seed: 1, faults: { rate: 0 } });
  env = { RALPH_BASE_URL: model.baseUrl };
  assert.equal((await project.run('sound', { cycles: 1, env })).exitCode, 0);
});
after(async () => {
  await model.close();
  project.remove();
});

const journal = (tag: string) => join(project.dir, 'runs', tag, 'journal.jsonl');

/** It ended with that exit code, and said this and a remedy in a few lines. */
function plain({ exitCode, all }: Pick<Ended, 'exitCode' | 'all'>, said: RegExp, expected = 1): void {
  assert.equal(exitCode, expected, all);
  assert.match(all, said);
  assert.match(all, /^-> [A-Z]/m, all);
  assert.doesNotMatch(all, /^ {4}at |node:internal/m, all);
}

/** The same command with the journal of the sound run changed for as long as it takes. */
async function withJournal(change: (text: string) => string, check: () => Promise<void>): Promise<void> {
  const text = readFileSync(journal('sound'), 'utf8');
  writeFileSync(journal('sound'), change(text));
  try {
    await check();
  } finally {
    writeFileSync(journal('sound'), text);
  }
}

const again = () => project.run('sound', { cycles: 2, env });
const problems = async () => (await verifyRun(join(project.dir, 'runs', 'sound'))).problems;

describe('a journal that this version cannot take is refused at the start', () => {
  test('an event of a newer version is named with its line', async () => {
    const newer = (text: string) => {
      const last = text.trimEnd().split('\n').at(-1)!;
      const event = { seq: JSON.parse(last).seq + 1, at: 1, type: 'moon.landed', prev: sha256(last) };
      return `${text}${JSON.stringify(event)}\n`;
    };
    await withJournal(newer, async () => {
      plain(await again(), /journal\.jsonl:\d+: event \d+ is of a kind that this version does not know: moon\.landed/);
      const found = await problems();
      assert.equal(found.length, 1, JSON.stringify(found));
      assert.match(found[0].remedy, /version of Ralph that wrote it/);
    });
  });

  test('line ends in CRLF are one problem, and its remedy is right', async () => {
    await withJournal(
      (text) => text.replaceAll('\n', '\r\n'),
      async () => {
        plain(await again(), /the lines end in CRLF/);
        const found = await problems();
        assert.equal(found.length, 1, JSON.stringify(found));
        execFileSync('sh', ['-c', found[0].remedy.replace(/^[^:]*: /, '')]);
        assert.deepEqual(await problems(), []);
      },
    );
  });

  test('a lost journal is refused with what is missing; verify --repair makes it again, and the same command goes on', async () => {
    rmSync(journal('sound'));
    plain(await again(), /the journal ends at event 0: events 1 to \d+ are missing, with cycles 1/);
    const { stdout, all } = await project.verb(['verify', '--repair', '--tag', 'sound', '--json']);
    const { ok, cycles, rebuilt, lost } = JSON.parse(stdout);
    assert.deepEqual([ok, cycles, rebuilt[0]], [true, 1, 'journal.jsonl'], all);
    // What was written behind the last cycle's copy is in no file any more.
    assert.match(
      lost.join('\n'),
      /^\S+journal\.jsonl: events \d+ to \d+ are gone: nothing leads from event \d+ to what is left$/,
    );
    assert.equal((await again()).exitCode, 0);
    assert.deepEqual(await problems(), []);
    assert.equal(project.events('sound').filter(({ type }) => type === 'cycle.mirrored').length, 2);
  });

  test('a copy of a run folder under another tag is refused, with and without its journal, and no branch moves', async () => {
    cpSync(join(project.dir, 'runs', 'sound'), join(project.dir, 'runs', 'copy'), { recursive: true });
    const branches = () => execFileSync('git', ['for-each-ref', 'refs/heads'], { cwd: project.dir, encoding: 'utf8' });
    const before = branches();
    plain(await project.run('copy', { cycles: 3, env }), /runs\/copy holds the run "sound", not "copy"/);
    rmSync(journal('copy'));
    plain(await project.run('copy', { cycles: 3, env }), /holds the run of the branch autoresearch\/sound, not of /);
    assert.equal(branches(), before);
  });
});

test('a file system that is full or read-only is said at the start', async (t) => {
  const [runs, aside] = [join(project.dir, 'runs'), join(project.dir, 'runs.aside')];
  const system = (program: string, ...args: string[]) => execFileSync(program, args, { stdio: 'pipe' });
  renameSync(runs, aside);
  mkdirSync(runs);
  try {
    try {
      system('mount', '-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', runs);
    } catch {
      t.skip('this user may not mount a small file system');
      return;
    }
    try {
      const { bavail, bsize } = statfsSync(runs);
      writeFileSync(join(runs, 'filler'), Buffer.alloc(bavail * bsize));
      plain(await project.run('full', { cycles: 1, env }), /ENOSPC: no space left/);
      system('mount', '-o', 'remount,ro', runs);
      plain(await project.run('read-only', { cycles: 1, env }), /EROFS: read-only file system, mkdir/);
    } finally {
      system('umount', runs);
    }
  } finally {
    rmSync(runs, { recursive: true });
    renameSync(aside, runs);
  }
});

test('a folder that this user may not write is named', async (t) => {
  const denied = join(project.dir, 'runs', 'denied');
  mkdirSync(denied, { mode: 0o555 });
  const command = [process.execPath, 'ralph.ts', 'run', '--tag', 'denied', '--config', 'config/light'];
  // Root may write everywhere, so that its capabilities are taken from it.
  const root = process.getuid?.() === 0;
  const powerless = ['--inh-caps=-all', '--bounding-set=-all'];
  const child = spawn(root ? 'setpriv' : 'env', [...(root ? powerless : []), ...command], {
    cwd: project.dir,
    env: { PATH: process.env.PATH, ...env },
  });
  let all = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => {
      all += chunk;
    });
  const exitCode = await new Promise<number | undefined>((resolve) => {
    child.once('error', () => resolve(undefined));
    child.once('close', (code) => resolve(code ?? undefined));
  });
  if (exitCode === undefined) return t.skip('setpriv is not installed');
  plain({ exitCode, all }, /EACCES: permission denied, open '.*denied/);
});

/** Starts a run that goes on, and waits for its first cycle. */
async function started(tag: string) {
  const child = spawn(
    process.execPath,
    ['ralph.ts', 'run', '--tag', tag, '--cycles', '500', '--config', 'config/light'],
    {
      cwd: project.dir,
      env: { PATH: process.env.PATH, HOME: project.dir, ...env },
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  const run = { child, all: '', ended: new Promise<number | null>((resolve) => child.once('exit', resolve)) };
  child.stderr.on('data', (chunk) => {
    run.all += chunk;
  });
  const cycles = () =>
    existsSync(journal(tag)) ? project.events(tag).filter(({ type }) => type === 'cycle.mirrored').length : 0;
  await until('the first cycle is over', () => cycles() > 0);
  return { ...run, cycles, said: () => run.all };
}

test('a run whose folder is moved away ends and says where its commits are', async () => {
  const run = await started('moved');
  renameSync(join(project.dir, 'runs', 'moved'), join(project.dir, 'elsewhere'));
  plain(
    { exitCode: (await run.ended) ?? undefined, all: run.said() },
    /the run folder .*moved was deleted or moved while the run was at work/,
  );
});

test('a run goes on when its terminal is closed and program.md is deleted, and stops when it is asked to', async () => {
  const run = await started('hangup');
  const program = join(project.dir, 'prompts', 'program.md');
  const text = readFileSync(program);
  rmSync(program);
  try {
    run.child.kill('SIGHUP');
    await until('it says so', () => /SIGHUP: the terminal is gone and the run goes on/.test(run.said()));
    await until('it goes on with the last one', () => /program\.md is gone: cycle \d+ goes on/.test(run.said()));
    // Nobody reads what it says any more.
    run.child.stderr.destroy();
    const then = run.cycles();
    await until('two more cycles are over', () => run.cycles() > then + 1);
    writeFileSync(join(project.dir, 'runs', 'hangup', 'STOP'), '');
    assert.equal(await run.ended, 0);
  } finally {
    writeFileSync(program, text);
  }
});

test('no escape code of a hint, a program or a model reaches a terminal, a report or a page', async () => {
  const evil = '\x1b[2J\x1b]0;owned\x07\x9b31m\u202edlrow';
  const program = join(project.dir, 'prompts', 'program.md');
  const text = readFileSync(program, 'utf8');
  appendFileSync(program, `\nSearch ${evil} here.\n\`\`\`phases\ntuning: cycles 1-9: exploit\n\`\`\`\n`);
  mkdirSync(join(project.dir, 'prompts', 'hints'), { recursive: true });
  writeFileSync(join(project.dir, 'prompts', 'hints', 'a.md'), `Try ${evil} exits\n`);
  const calls = [
    {
      name: 'register_hypothesis',
      args: {
        family: 'evil-family',
        hypothesis: `Longer ${evil} texts score higher`,
        refuted_if: 'sharpe < 0.5 over 100 trades',
      },
    },
    { name: 'measure', args: { content: evil } },
    { name: 'finish', args: { summary: evil } },
  ];
  const brain: Brain = ({ messages }) => ({
    calls: [calls[Math.min(2, messages.filter(({ role }) => role === 'tool').length)]],
  });
  const server = await startModelServer({ brain, seed: 1, faults: { rate: 0 } });
  try {
    const first = await project.run('evil', { cycles: 1, env: { RALPH_BASE_URL: server.baseUrl } });
    assert.equal(first.exitCode, 0, first.all);
    assert.match(String(first.all), /^program\.md has a block of phases, which steers nothing any more/m);
    assert.ok(
      project.events('evil').some(({ type }) => type === 'trial.started'),
      'its trial ran',
    );
    writeFileSync(program, text);
    const second = await project.run('evil', { cycles: 2, env });
    assert.match(second.all, /^-Search .*here\.$/m, 'the edit of the program is shown');
    const verbs = [['tail', '--no-follow'], ['status'], ['results'], ['report'], ['hint', 'list'], ['hint', 'effects']];
    const said = await Promise.all(
      [...verbs, ['status', '--json'], ['results', '--json']].map(async ([...args]) => {
        const { all, exitCode } = await project.verb([...args, '--tag', 'evil']);
        assert.equal(exitCode, 0, all);
        return [args.join(' '), all];
      }),
    );
    const files = ['report.md', 'report.html', 'STATUS.md', 'results.tsv'].map((name) => [
      name,
      readFileSync(join(project.dir, 'runs', 'evil', name), 'utf8'),
    ]);
    const log = execFileSync('git', ['log', 'autoresearch/evil'], { cwd: project.dir, encoding: 'utf8' });
    for (const [where, shown] of [
      ['first start', first.all],
      ['second start', second.all],
      ['git log', log],
      ...said,
      ...files,
    ])
      assert.doesNotMatch(shown, /(?![\n\t])\p{Cc}|\u202e/u, where);
    assert.match(said.map(([, shown]) => shown).join(), /Try .*exits/, 'the hint is shown');
  } finally {
    writeFileSync(program, text);
    await server.close();
  }
});

test('no command inherits a key; the last words say how many results wait for W&B and how to send them', async () => {
  const log = join(project.dir, 'environments.log');
  const path = join(project.dir, 'config', 'light', 'ralph.yaml');
  const settings = readFileSync(path, 'utf8');
  const spy = join(project.dir, 'spy.mjs');
  writeFileSync(
    spy,
    `import { appendFileSync } from 'node:fs'; appendFileSync(${JSON.stringify(log)}, Object.keys(process.env).join() + '\\n'); console.log(1);`,
  );
  writeFileSync(path, settings.replace(/"[^"]*evaluate\.mjs"/, JSON.stringify(spy)));
  try {
    const secrets = {
      RALPH_API_KEY: 'a-key',
      DATABASE_URL: 'postgres://nowhere',
      WANDB_API_KEY: 'b-key',
      WANDB_BASE_URL: model.baseUrl,
    };
    const { exitCode, all } = await project.run('secret', { cycles: 1, env: { ...env, ...secrets } });
    assert.equal(exitCode, 0, all);
    assert.match(all, /^2 results wait for W&B; send them with: npm run ralph -- track sync --tag secret$/m);
    const names = readFileSync(log, 'utf8');
    assert.match(names, /PATH/);
    assert.doesNotMatch(names, /_KEY|DATABASE_URL/);
  } finally {
    writeFileSync(path, settings);
  }
});

test('a command that prints a hundred megabytes is at fault itself', async () => {
  const path = join(project.dir, 'config', 'light', 'ralph.yaml');
  const settings = readFileSync(path, 'utf8');
  const flood = join(project.dir, 'flood.mjs');
  writeFileSync(flood, "for (let i = 0; i < 100; i++) process.stdout.write('1'.repeat(1e6)); console.log('\\n1');");
  writeFileSync(path, settings.replace(/"[^"]*evaluate\.mjs"/, JSON.stringify(flood)));
  try {
    assert.equal((await project.run('flood', { cycles: 1, env })).exitCode, 0);
    const [finished] = project.events('flood').flatMap((event) => (event.type === 'trial.finished' ? [event] : []));
    assert.equal(finished.outcome, 'crash');
    assert.match(finished.gates[0].message ?? '', /^the command printed more than 1000000 characters/);
  } finally {
    writeFileSync(path, settings);
  }
});
