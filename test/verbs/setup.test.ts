import assert from 'node:assert/strict';
import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { PACKAGE_ROOT } from '../../src/base/roots.ts';
import { makeRepository } from '../../src/lab/template.ts';
import { until } from '../../src/lab/until.ts';

// A terminal of its own, by script(1) of util-linux.
const skip = spawnSync('script', ['--version']).status === 0 ? false : 'script (util-linux) is missing';
const RALPH = join(PACKAGE_ROOT, 'ralph.ts');
const env = { ...process.env, NO_COLOR: '1' };

const QUESTIONS = [
  'files that may change',
  'files that may never change',
  'command to measure',
  'metric that decides',
  'lower or higher is better',
  'command that scores',
  'command that must pass',
  'seconds that each command may take',
];

let dir: string;
let config: string;
before(async () => {
  dir = mkdtempSync(join(tmpdir(), 'ralph-setup-verb-'));
  config = join(dir, 'ralph', 'ralph.yaml');
  writeFileSync(join(dir, 'package.json'), '{"scripts": {"bench": "node bench.mjs"}}');
  writeFileSync(join(dir, 'bench.mjs'), "import { answer } from './code.mjs';\nconsole.log(answer);\n");
  writeFileSync(join(dir, 'code.mjs'), 'export const answer = 42;\n');
  await makeRepository(dir, ['-A']);
});
after(() => rmSync(dir, { recursive: true, force: true }));

function ralph(...args: string[]) {
  const done = spawnSync(process.execPath, [RALPH, ...args, '--dir', dir], {
    env,
    encoding: 'utf8',
    input: '',
    timeout: 120_000,
  });
  return { code: done.status, all: done.stdout + done.stderr, stdout: done.stdout };
}

/** Answers each question once it is asked; the exit code and all that was said. */
async function onTerminal(answers: readonly string[], questions: readonly string[] = QUESTIONS) {
  const command = `'${process.execPath}' '${RALPH}' setup --sandbox none --dir '${dir}'`;
  const child: ChildProcessWithoutNullStreams = spawn('script', ['-qec', command, '/dev/null'], { env });
  let said = '';
  child.stdout.on('data', (chunk) => {
    said += chunk;
  });
  let code: number | null | undefined;
  child.once('close', (exitCode) => {
    code = exitCode;
  });
  for (const [i, answer] of answers.entries()) {
    await until(`the question "${questions[i]}"`, () => said.includes(questions[i]));
    child.stdin.write(answer);
  }
  await until('setup ends', () => code !== undefined);
  return { code, said };
}

test('without a terminal nothing is asked and nothing is written', () => {
  const asked = ralph('setup', '--sandbox', 'none');
  assert.equal(asked.code, 2);
  assert.match(asked.all, /this is no terminal.*--yes/s);
  assert.match(ralph('setup', '--check').all, /ralph\.yaml/);
  assert.ok(!existsSync(config));
});

test('questions that are broken off write nothing', { skip }, async () => {
  for (const key of ['\u0004', '\u0003']) {
    const { code, said } = await onTerminal(['\r', key]);
    assert.equal(code, 130, said);
    assert.match(said, /the questions were broken off; nothing is written/);
    assert.ok(!existsSync(config), said);
  }
});

test('an answer that cannot be is asked for again', { skip }, async () => {
  const questions = [...QUESTIONS.slice(0, 5), 'expected lower or higher, got up', ...QUESTIONS.slice(5)];
  const answers = ['\r', '\r', '\r', '\r', 'up\r', '\r', '\r', '\r', '0\r', '\u0003'];
  const { code, said } = await onTerminal(answers, [...questions, 'expected a number above 0, got 0']);
  assert.equal(code, 130, said);
  assert.ok(!existsSync(config), said);
});

test('on a terminal an empty answer takes the proposal, and --check measures what was agreed', { skip }, async () => {
  const own = ['\r', '\r', 'node ./bench.mjs\r', 'seconds\r', '\r', '\r', 'node --check code.mjs\r', '30\r'];
  const { code, said } = await onTerminal(own);
  assert.equal(code, 0, said);
  const text = readFileSync(config, 'utf8');
  assert.match(text, /^ {2}run: node \.\/bench\.mjs$/m);
  assert.match(text, /^ {2}guard: node --check code\.mjs$/m);
  assert.match(text, /^ {4}- code\.mjs$/m);
  assert.match(text, /^ {2}budgetSeconds: 30$/m);
  for (const line of [
    /may change: +code\.mjs/,
    /read-only: +every other file/,
    /measures: +node \.\/bench\.mjs/,
    /metric: +seconds, lower is better/,
    /guard: +node --check code\.mjs/,
    /budget: +30 s a command/,
    /baseline: +seconds [\d.]+; the guard passed/,
    /note: the guard does not print how many tests ran/,
  ])
    assert.match(said, line);
  const checked = JSON.parse(ralph('setup', '--check', '--json').stdout);
  assert.deepEqual([checked.editable, checked.primary, checked.sandbox], [['code.mjs'], 'seconds', 'none']);
  assert.ok(checked.values.seconds > 0 && checked.trusted);
  assert.match(ralph('setup', '--yes').all, /is there already/);
});

test('--check names what is wrong with a contract and with what it measures', () => {
  const text = readFileSync(config, 'utf8');
  const checked = (from: RegExp, to: string) => {
    assert.match(text, from);
    writeFileSync(config, text.replace(from, to));
    const { code, all } = ralph('setup', '--check');
    assert.notEqual(code, 0, all);
    return all;
  };
  assert.match(checked(/budgetSeconds/, 'budgetSecond'), /did you mean "budgetSeconds"/);
  assert.match(checked(/- code\.mjs/, '- cod.mjs'), /no committed file is named by editable: cod\.mjs/);
  assert.match(checked(/run: node/, 'run: exit 5; node'), /cannot be measured: run: it ended with exit code 5/);
  assert.match(checked(/guard: node --check/, 'guard: exit 6; node'), /cannot be measured: guard: .*code 6/);
});

test('flags change what was proposed: a direction, a metric that is no longer exact, tests that must have run', () => {
  writeFileSync(
    join(dir, 'code.test.mjs'),
    "import { test } from 'node:test';\ntest('a', () => {});\ntest('b', () => {});\n",
  );
  const git = (...args: string[]) =>
    spawnSync('git', ['-C', dir, '-c', 'user.name=a', '-c', 'user.email=a@b', ...args]);
  git('add', 'code.test.mjs');
  git('commit', '-m', 'tests');
  const written = (...args: string[]) => {
    rmSync(join(dir, 'ralph'), { recursive: true });
    const { code, all } = ralph('setup', '--yes', '--sandbox', 'none', ...args);
    assert.equal(code, 0, all);
    return readFileSync(config, 'utf8');
  };
  assert.match(written('--better', 'higher'), /from: seconds\n {6}better: higher/);
  assert.match(written('--read-only', '*.test.mjs'), /readOnly:\n {4}- "\*\.test\.mjs"/);
  const tested = written('--guard', 'node --test code.test.mjs');
  assert.match(tested, /guardExpect: "?\^(#|ℹ) pass 2\(\?!\\{1,2}d\)"?/);
  writeFileSync(join(dir, 'package.json'), '{"scripts": {"build": "mkdir -p dist && cp code.mjs dist/bundle.js"}}');
  git('commit', '-am', 'a bundle');
  assert.match(written(), /primary: bytes[\s\S]*repeats: 1\n/);
  assert.match(written('--metric', 'seconds'), /primary: seconds[\s\S]*repeats:\n {4}least: 6/);
});
