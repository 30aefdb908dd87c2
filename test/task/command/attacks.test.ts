import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { hasBubblewrap } from '../../../src/agent/external/sandbox.ts';
import { makeRepository } from '../../../src/lab/template.ts';
import { type Contract, contractSchema } from '../../../src/task/command/contract/contract.ts';
import { evaluate, measureBaseline } from '../../../src/task/command/evaluate.ts';
import { type Bench, openBench } from '../../../src/task/command/run/bench.ts';
import { projectTools } from '../../../src/task/command/tools.ts';
import type { Cycle } from '../../../src/task/task.ts';

// What a candidate may try. The files: code.mjs may be changed; work.mjs loads it, score.mjs checks what it wrote and says the number.

const skip = hasBubblewrap() ? false : 'bubblewrap (bwrap) is missing or may not make namespaces here';
const FILES = {
  'code.mjs': 'export const answer = () => 1;\n',
  'work.mjs':
    "import { answer } from './code.mjs';\nimport { writeFileSync } from 'node:fs';\nwriteFileSync('out/answer.txt', String(await answer()));\n",
  'score.mjs':
    "import { readFileSync } from 'node:fs';\nconsole.log('value=' + Number(readFileSync('out/answer.txt', 'utf8')));\n",
  'secret.txt': 'the answers\n',
  'test.mjs':
    "import { answer } from './code.mjs';\nif ((await answer()) > 100) throw new Error('too much');\nconsole.log('1 test passed');\n",
};
const { signal } = new AbortController();

let dir: string;
before(async () => {
  dir = mkdtempSync(join(tmpdir(), 'ralph-attack-'));
  mkdirSync(join(dir, 'repository'));
  for (const [name, text] of Object.entries(FILES)) writeFileSync(join(dir, 'repository', name), text);
  for (const folder of ['more/folder', 'ralph']) mkdirSync(join(dir, 'repository', folder), { recursive: true });
  writeFileSync(join(dir, 'repository', 'more/folder/file.mjs'), '');
  writeFileSync(join(dir, 'repository', 'ralph/ralph.yaml'), 'task: command\n');
  symlinkSync(tmpdir(), join(dir, 'repository', 'more/away'));
  symlinkSync('../secret.txt', join(dir, 'repository', 'more/answers'));
  await makeRepository(join(dir, 'repository'), ['-A']);
});
after(() => rmSync(dir, { recursive: true, force: true }));

function contractWith(changes: object = {}): Contract {
  return contractSchema.parse({
    goal: 'a high value',
    editable: ['code.mjs', 'more/**'],
    hidden: ['secret.txt'],
    run: 'node work.mjs',
    score: 'node score.mjs',
    guard: 'node test.mjs',
    guardExpect: '1 test passed',
    writes: ['out'],
    metrics: { value: { from: 'line', better: 'higher' } },
    primary: 'value',
    repeats: 1,
    budgetSeconds: 20,
    limits: { diskMb: 20, processes: 60 },
    ...changes,
  });
}

const benches = new Map<string, Promise<Bench>>();
function benchFor(contract: Contract): Promise<Bench> {
  const key = contract.sandbox;
  const repository = join(dir, 'repository');
  const commit = execFileSync('git', ['rev-parse', 'HEAD'], { cwd: repository, encoding: 'utf8' }).trim();
  const place = { repository, prefix: '' };
  mkdirSync(join(dir, key), { recursive: true });
  const made = benches.get(key) ?? openBench({ place, commit, contract, dir: join(dir, key), signal, say: () => {} });
  benches.set(key, made);
  return made;
}

async function trial(code: string, changes: object = {}, kills = new Map<string, number>()) {
  const contract = contractWith(changes);
  const submission = {
    candidate: 'a',
    family: 'a',
    hypothesis: '',
    params: {},
    fingerprint: code,
    files: { 'code.mjs': code },
  };
  const objects = { get: () => Buffer.from('') };
  const world = { bench: await benchFor(contract), contract, signal, events: [], objects, kills };
  const { outcome, gates, metrics } = await evaluate(submission, { ...world, trial: '0001-1', n: 1 });
  return { outcome, value: metrics.value, said: gates.map(({ gate, message }) => `${gate}: ${message}`).join('\n') };
}

const within = (body: string, rest = '5') =>
  `import fs from 'node:fs';\nimport net from 'node:net';\nimport child from 'node:child_process';\nexport const answer = async () => {\n${body}\nreturn ${rest};\n};\n`;

test('an honest change is measured and kept', { skip }, async () => {
  const honest = await trial('export const answer = () => 2;\n');
  assert.deepEqual([honest.outcome, honest.value], ['keep', 2], honest.said);
});

test('a metric line that the measured code prints counts for nothing, and is named', { skip }, async () => {
  const fake = await trial(within("console.log('value=99');"));
  assert.deepEqual([fake.outcome, fake.value], ['keep', 5]);
  assert.match(fake.said, /project.ignored: 1 printed line/);
});

test('what a run printed is in its result, both outputs, short and without escape codes', { skip }, async () => {
  const told = await trial(
    within(
      "console.log('\\u001b[31mred\\u001b[0m line\\n'.repeat(300_000));\nconsole.log('the end');\nconsole.error('a warning');",
    ),
  );
  assert.equal(told.outcome, 'keep', told.said);
  const [line] = /project.output: it printed: .*/.exec(told.said) ?? [''];
  assert.match(line, /a warning \| … .*( red line){10} the end$/);
  assert.ok(line.length < 500, `${line.length} characters`);
  const both = await trial(within("console.log('what it was');\nconsole.error('why');\nprocess.exit(3);"));
  assert.match(both.said, /exit code 3; it said: why \| what it was$/);
});

test('an error is told without the frames of the runtime', { skip }, async () => {
  const { outcome, said } = await trial(within("throw new Error('of the change');"));
  assert.equal(outcome, 'crash');
  assert.match(said, /Error: of the change at answer .*code\.mjs:5/);
  const asserted = await trial(within("(await import('node:assert')).default.ok(false, 'of the runtime');"));
  assert.match(asserted.said, /it said: AssertionError.*: of the runtime/);
  for (const told of [said, asserted.said]) assert.doesNotMatch(told, /node:internal|Node\.js v/);
});

test('editing the scorer, the tests or git while running fails: everything but `writes` is read-only', {
  skip,
}, async () => {
  for (const path of ['score.mjs', 'test.mjs', 'code.mjs', 'new.txt']) {
    const edited = await trial(within(`fs.writeFileSync('${path}', "console.log('value=99')");`));
    assert.equal(edited.outcome, 'crash');
    assert.match(edited.said, /EROFS|read-only file system/i);
  }
  const git = await trial(
    within(
      "const { status, stderr } = child.spawnSync('git', ['log'], { encoding: 'utf8' });\nif (status !== 0) throw new Error(stderr);",
    ),
  );
  assert.equal(git.outcome, 'crash');
  assert.match(git.said, /not a git repository|git: not found/);
  const hook = await trial(within("fs.mkdirSync('.git');"));
  assert.equal(hook.outcome, 'crash');
  assert.match(hook.said, /EROFS|read-only file system/i);
});

test('a result file of its own is not what the scorer writes', { skip }, async () => {
  const faked = await trial(
    within("fs.writeFileSync('out/result.json', '{\"value\": 99}');\nif (process.env.RALPH_RESULT) return 98;"),
    { metrics: { value: { from: { json: 'value', file: 'result.json' }, better: 'higher' } } },
  );
  assert.equal(faked.outcome, 'crash');
  assert.match(faked.said, /metric value: .*result\.json/);
});

test('a link out of the folder leads nowhere', { skip }, async () => {
  const linked = await trial(within(`fs.symlinkSync('/etc/hostname', 'out/big.txt');`), {
    metrics: { value: { from: { bytes: 'out/big.txt' }, better: 'higher' } },
  });
  assert.equal(linked.outcome, 'crash');
  assert.match(linked.said, /leaves its folder|no such file/);
});

test('neither keys nor home folder nor the hidden answers nor the network are there', { skip }, async () => {
  process.env.RALPH_TEST_SECRET = 'held';
  const marker = join(homedir(), `.ralph-attack-${process.pid}`);
  writeFileSync(marker, 'private');
  try {
    const body = `
      const seen = [...Object.keys(process.env)].filter((name) => !/^(PATH|HOME|TMPDIR|LANG|PWD|SHLVL|OLDPWD|_|RALPH_SEED)$/.test(name));
      const files = ['${marker}', '/etc/shadow', '/proc/1/environ'].filter((path) => { try { return fs.readFileSync(path, 'utf8').includes('held') || path !== '/proc/1/environ'; } catch { return false; } });
      if (fs.readFileSync('secret.txt', 'utf8') !== '') files.push('secret.txt');
      const online = await new Promise((done) => net.connect(80, '1.1.1.1').on('error', () => done([])).on('connect', () => done(['online'])));
      if (seen.length + files.length + online.length > 0) throw new Error('seen: ' + [...seen, ...files, ...online].join(' '));`;
    const kept = await trial(within(body));
    assert.deepEqual([kept.outcome, kept.value], ['keep', 5], kept.said);
  } finally {
    rmSync(marker);
    delete process.env.RALPH_TEST_SECRET;
  }
});

test('a daemon that holds the output ends with the run, in and out of the sandbox', { skip }, async () => {
  const mark = `sleep 977${process.pid % 1000}`;
  const daemon = within(
    `child.spawn('setsid', '${mark}'.split(' '), { detached: true, stdio: ['ignore', 1, 2] }).unref();`,
  );
  for (const sandbox of ['bubblewrap', 'none']) {
    const found = await trial(daemon, { sandbox, hidden: [], budgetSeconds: 15 });
    assert.deepEqual([found.outcome, found.value], ['keep', 5], found.said);
    const left = execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' });
    assert.ok(!left.split('\n').some((line) => line.trim() === mark), sandbox);
  }
});

test('what the machine did is no verdict: a best that fails, and a command killed from outside, three times at most', {
  skip,
}, async () => {
  const onlyNew = { run: 'grep -q "() => 2" code.mjs && node work.mjs' };
  await assert.rejects(
    trial(FILES['code.mjs'].replace('1', '2'), onlyNew),
    /the best so far failed this time: run: it/,
  );
  const kills = new Map<string, number>();
  const killed = () => trial('export const answer = () => 3;\n', { run: 'kill -9 $$' }, kills);
  for (const count of [1, 2])
    await assert.rejects(killed, { class: 'out_of_memory', message: new RegExp(`from outside, ${count} of 3 times`) });
  const { outcome, said } = await killed();
  assert.equal(outcome, 'crash', said);
});

test('a contract that carries what is not there or writes over a file of the repository is refused', async () => {
  const opened = (changes: object) =>
    openBench({
      place: { repository: join(dir, 'repository'), prefix: '' },
      commit: 'HEAD',
      signal,
      say: () => {},
      contract: contractWith(changes),
      dir: mkdtempSync(join(dir, 'refused-')),
    });
  await assert.rejects(opened({ carry: ['node_modules'] }), /carries node_modules, which is not in/);
  await assert.rejects(opened({ writes: ['more'] }), /"writes" names more\/\w+/);
  await assert.rejects(opened({ setup: 'echo no such package >&2; exit 3' }), /exit code 3\s+no such package/);
});

test('what readOnly names by itself is taken out of the editable files', async () => {
  const contract = contractWith({ editable: ['*.mjs'], readOnly: ['**', 'work.mjs', 's*.mjs', 'test.mjs'] });
  const place = { repository: join(dir, 'repository'), prefix: '' };
  mkdirSync(join(dir, 'fixed'));
  const bench = await openBench({ place, commit: 'HEAD', contract, dir: join(dir, 'fixed'), signal, say: () => {} });
  assert.deepEqual(bench.editable, ['code.mjs']);
  assert.deepEqual(
    ['code.mjs', 'work.mjs', 'score.mjs', 'new.mjs', 'some.mjs'].map((path) => bench.mayEdit(path)),
    [true, false, false, true, false],
  );
  assert.ok(bench.readOnly.has('work.mjs') && !bench.readOnly.has('code.mjs'));
});

test('a draft cannot leave the tree, hide what is installed, change the settings or be what no disk can hold', async () => {
  const contract = contractWith({
    editable: ['**'],
    sandbox: 'none',
    hidden: [],
    setup: 'mkdir lib && touch lib/a.mjs',
  });
  const place = { repository: join(dir, 'repository'), prefix: '' };
  mkdirSync(join(dir, 'all'));
  const bench = await openBench({ place, commit: 'HEAD', contract, dir: join(dir, 'all'), signal, say: () => {} });
  const files = new Map<string, string>();
  const cycle = {
    events: [],
    runDir: dir,
    directive: { kind: 'new' },
    readFile: (name: string) => files.get(name),
    writeFile: (name: string, text: string) => files.set(name, text),
  } as unknown as Cycle;
  const tools = new Map(projectTools(() => bench).map((tool) => [tool.name, tool]));
  const said = async (path: string, tool = 'write_file') =>
    JSON.stringify(await tools.get(tool)?.run({ path, content: 'x' }, cycle, signal));
  for (const path of ['more/away/x.mjs', 'more/away', 'more/folder', 'code.mjs/x', 'lib/b.mjs', 'out/x', '../x'])
    assert.match(await said(path), /is not among the files|is read-only/, path);
  for (const path of ['ralph/ralph.yaml', 'ralph', 'more/../ralph/hint.md'])
    assert.match(await said(path), /is not among the files/, path);
  assert.match(await said('new/a.mjs'), /Wrote/);
  for (const path of ['new', 'new/a.mjs/b']) assert.match(await said(path), /a file and a folder at once/, path);
  assert.match(await said('x'.repeat(300)), /at most 200 bytes/);
  for (const path of ['more/answers', 'more/away'])
    assert.match(await said(path, 'read_file'), /no readable file/, path);
  assert.match(await said('secret.txt', 'read_file'), /the answers/);
});

test('sleeping past the budget, filling disk or memory and too many processes are crashes that say so', {
  skip,
}, async () => {
  const asleep = await trial(within('await new Promise((done) => setTimeout(done, 60_000));'), { budgetSeconds: 2 });
  assert.match(asleep.said, /run: it did not end within 2 s/);
  const filled = await trial(within("for (let i = 0; ; i++) fs.writeFileSync('out/' + i, Buffer.alloc(2 ** 20));"));
  assert.match(filled.said, /wrote more than 20 MB to the disk/);
  // It ends at once: only a last look sees it.
  const deep = await trial(
    within(
      "process.chdir('out');\nfor (let i = 0; i < 600; i++) { fs.mkdirSync('123456789'); process.chdir('123456789'); }",
    ),
  );
  assert.match(deep.said, /run: it wrote folders that cannot be looked into/);
  const forked = await trial(
    within(
      "for (let i = 0; i < 100; i++) child.spawn('sleep', ['60']);\nawait new Promise((done) => setTimeout(done, 60_000));",
    ),
  );
  assert.match(forked.said, /processes; 60 are allowed/);
  const hold = 'const all = Buffer.alloc(2 ** 27, 1); setTimeout(() => all, 60_000);';
  const greedy = await trial(
    within(
      `for (let i = 0; i < 4; i++) child.spawn(process.execPath, ['-e', '${hold}']);\nawait new Promise((done) => setTimeout(done, 60_000));`,
    ),
    { limits: { memoryMb: 400 } },
  );
  assert.match(greedy.said, /more than 400 MB of memory/);
  const outcomes = [asleep, filled, deep, forked, greedy].map(({ outcome }) => outcome);
  assert.deepEqual(outcomes, ['crash', 'crash', 'crash', 'crash', 'crash']);
});

test('a candidate that ends the tests early has not passed them', { skip }, async () => {
  const early = await trial(
    "if (process.argv[1].endsWith('test.mjs')) process.exit(0);\nexport const answer = () => 7;\n",
  );
  assert.equal(early.outcome, 'discard');
  assert.match(early.said, /project.guard: the guard ended well without printing what matches 1 test passed/);
});

test('without a sandbox a changed read-only file is a crash, and the change is undone', async () => {
  const edited = await trial(within("fs.writeFileSync('score.mjs', 'console.log(\"value=99\")');"), {
    sandbox: 'none',
    hidden: [],
  });
  assert.equal(edited.outcome, 'crash');
  assert.match(edited.said, /project.readOnly: the run changed read-only files: score.mjs/);
  const contract = contractWith({ sandbox: 'none', hidden: [] });
  const { samples } = await measureBaseline({}, { bench: await benchFor(contract), contract, signal });
  assert.equal(samples[0].value, 1);
  assert.equal(readFileSync(join(dir, 'repository', 'score.mjs'), 'utf8'), FILES['score.mjs']);
  assert.ok(!existsSync(join(dir, 'repository', 'out')));
});
