import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { parseConfig } from '../../../../src/base/config.ts';
import { contractSchema } from '../../../../src/task/command/contract/contract.ts';
import { detect } from '../../../../src/task/command/setup/detect.ts';

function found(files: Record<string, string>) {
  const folder = mkdtempSync(join(tmpdir(), 'ralph-detect-'));
  try {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
    return detect(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const CASES: readonly [kind: string, run: RegExp, files: Record<string, string>][] = [
  [
    'Node',
    /^node bench\.mjs$/,
    { 'package.json': '{"scripts":{"bench":"node bench.mjs"}}', 'a.mjs': '', 'bench.mjs': '' },
  ],
  ['web bundle', /^vite build/, { 'package.json': '{"scripts":{"build":"vite build --outDir dist"}}', 'src/a.ts': '' }],
  [
    'Python ML (torch)',
    /^python3 train\.py$/,
    { 'train.py': 'import torch\nprint(f"val_loss={1}")\n', 'score.py': '' },
  ],
  ['Rust (cargo bench)', /^cargo bench/, { 'Cargo.toml': '' }],
  ['Go (go test -bench)', /^out\/bench\.test .*-test\.bench/, { 'go.mod': '' }],
  ['Java (Maven)', /^java /, { 'pom.xml': '' }],
  ['Java (Gradle)', /^java /, { 'build.gradle.kts': '' }],
  ['Java', /^java -cp out\/classes Work$/, { 'Work.java': '', 'Sieve.java': '', 'Check.java': '' }],
  ['Flutter', /^flutter build/, { 'pubspec.yaml': '' }],
  ['Makefile', /^make -s -C out\/tree bench$/, { Makefile: 'build:\n\tcc a.c\nbench: build\n\t./a.out\n' }],
];

test('each kind of project is known by its files, and what is proposed is a whole contract', () => {
  for (const [kind, run, files] of CASES) {
    const proposal = found(files);
    assert.equal(proposal?.kind, kind);
    const contract = contractSchema.parse(proposal?.contract);
    assert.match(contract.run, run);
    assert.ok(Object.keys(contract.metrics).includes(contract.primary));
  }
  const c = found({ Makefile: 'bench: prog\n\t./prog\nprog: a.c\n\tcc -o prog a.c\n', 'a.c': '' });
  assert.match(c?.contract.build ?? '', /make -C out\/tree prog$/, 'what is timed is not the compiler');
  const python = found({ 'train.py': "loss = 1\nprint(f'val_loss={loss}')\n", 'model.py': '' });
  assert.deepEqual([python?.contract.primary, python?.contract.editable], ['val_loss', ['model.py']]);
  const learner = found({ 'experiment.py': 'from sklearn.svm import SVC\nprint(f"accuracy={1}")\n', 'test_it.py': '' });
  const { run, metrics } = contractSchema.parse(learner?.contract);
  assert.deepEqual([learner?.kind, run], ['Python ML (sklearn)', 'python3 experiment.py']);
  assert.equal(metrics.accuracy.better, 'higher');
  assert.equal(found({ 'plot.py': 'import matplotlib\n' }), null);
  const main = (name: string) => `package org.a;\npublic class ${name} { public static void main(String[] args) {} }\n`;
  const maven = found({
    'pom.xml': '',
    'src/main/java/org/a/App.java': main('App'),
    'src/main/java/org/a/Admin.java': main('Admin'),
  });
  assert.equal(maven?.contract.run, 'java -cp target/classes org.a.App');
  assert.match(found({ 'pom.xml': '' })?.notes.at(-1) ?? '', /no class with a main/);
  assert.equal(found({ 'notes.txt': '' }), null);
});

test('a page is measured by Lighthouse where the project has it and the machine a browser; else what is missing is said', (t) => {
  const path = process.env.PATH;
  const bin = mkdtempSync(join(tmpdir(), 'ralph-bin-'));
  t.after(() => {
    process.env.PATH = path;
    rmSync(bin, { recursive: true });
  });
  process.env.PATH = bin;
  const program = (name: string) => writeFileSync(join(bin, name), '#!/bin/sh\n', { mode: 0o755 });
  const manifest = (devDependencies: object) =>
    found({
      'package.json': JSON.stringify({ scripts: { build: 'vite build --outDir dist' }, devDependencies }),
      'src/a.ts': '',
    });
  const told = (proposal: ReturnType<typeof found>) =>
    proposal?.notes.findLast((note) => /Lighthouse/.test(note)) ?? '';
  assert.equal(told(manifest({})), '', 'nothing points to it');
  assert.match(told(manifest({ lighthouse: '13' })), /a Chromium .*, python3/);
  for (const name of ['chromium', 'python3']) program(name);
  const without = manifest({});
  assert.equal(without?.contract.primary, 'bytes');
  assert.match(told(without), /npm install --save-dev lighthouse/);
  const { kind, contract } = manifest({ lighthouse: '13' })!;
  assert.deepEqual([kind, contract.primary], ['web page (Lighthouse)', 'performance']);
  const { score, metrics } = contractSchema.parse(contract);
  assert.ok(score.includes(`CHROME_PATH=${join(bin, 'chromium')} node_modules/.bin/lighthouse`));
  assert.equal(metrics.performance.better, 'higher');
});

test('what measures is not proposed for change', () => {
  const [, , files] = CASES[0];
  assert.deepEqual(found(files)?.contract.editable, ['a.mjs']);
  const named = found({ 'package.json': '{"scripts":{"bench":"node ./b.mjs"}}', 'a.mjs': '', 'b.mjs': '' });
  assert.deepEqual(named?.contract.readOnly, ['**', 'b.mjs']);
  const below = found({
    'package.json':
      '{"scripts":{"bench":"node --stack-size=900 src/speed.mjs","build":"esbuild src/a.mjs","test":"node --test"}}',
    'src/a.mjs': '',
    'src/speed.mjs': '',
    'src/deep/a.test.mjs': '',
  });
  assert.deepEqual(below?.contract.readOnly, ['**', 'src/speed.mjs', 'src/**/*.{test,spec}.*']);
  const java = found({ 'Work.java': '', 'Sieve.java': '', 'Check.java': '' });
  assert.deepEqual(java?.contract.editable, ['Sieve.java']);
});

test('a contract says what is wrong with it and what would be right', () => {
  const good = {
    goal: 'a',
    editable: ['a'],
    run: 'a',
    metrics: { loss: { from: 'line', better: 'lower' } },
    primary: 'loss',
  };
  const refused = (changes: object) => () => parseConfig(JSON.stringify({ ...good, ...changes }), contractSchema, 'x');
  parseConfig(JSON.stringify(good), contractSchema, 'x');
  assert.throws(refused({ editable: ['../a'] }), /editable\.0: must lie inside the project/);
  assert.throws(refused({ editable: ['.git/config'] }), /must lie inside the project/);
  assert.throws(refused({ primary: 'lost' }), /primary: must be one of the metrics: loss/);
  assert.throws(refused({ budgetSecond: 3 }), /unknown key "budgetSecond" \(did you mean "budgetSeconds"\?\)/);
  assert.throws(refused({ metrics: { loss: { from: { pattern: 'x' }, better: 'lower' } } }), /must capture the number/);
  assert.throws(refused({ guardExpect: 'ok' }), /needs a guard/);
  assert.throws(refused({ hidden: ['labels.csv'] }), /needs the sandbox and a score command/);
  assert.throws(refused({ repeats: { least: 2, most: 4 } }), /repeats/);
});
