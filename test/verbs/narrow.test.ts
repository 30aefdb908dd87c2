import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { makeRun } from '../page/made-run.ts';

const WIDTH = 80;
const RALPH = join(import.meta.dirname, '../../ralph.ts');
const run = makeRun(60, 'a-night-with-a-long-name');
run.journal.close();
const runs = dirname(run.dir);
after(() => rmSync(dirname(runs), { recursive: true, force: true }));

const VERBS = [
  ['status'],
  ['results'],
  ['tail', '--no-follow'],
  ['hint', 'effects'],
  ['report'],
  ['compare', 'a-night-with-a-long-name', 'a-night-with-a-long-name'],
];

for (const verb of VERBS)
  test(`${verb[0]} ${verb[1] ?? ''} keeps within ${WIDTH} columns, and says no NaN`, () => {
    const tag = verb[0] === 'compare' ? [] : ['--tag', 'a-night-with-a-long-name'];
    const text = execFileSync(process.execPath, [RALPH, ...verb, ...tag, '--runs', runs], {
      encoding: 'utf8',
      timeout: 60_000,
      env: { ...process.env, COLUMNS: String(WIDTH) },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    assert.match(text, /\S/);
    for (const line of text.split('\n')) assert.ok([...line].length <= WIDTH, line);
    assert.doesNotMatch(text, /NaN|undefined/);
  });
