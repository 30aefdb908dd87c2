import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { VERBS } from '../../src/verbs/help.ts';

const STEERING = ['pause', 'resume', 'step', 'stop'];

/** Runs `ralph.ts` with these words; answers exit code and both outputs. */
function ralph(...words: string[]): Promise<{ code: number; out: string; err: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, ['ralph.ts', ...words], (error, out, err) => {
      resolve({ code: error ? Number(error.code) : 0, out, err });
    });
  });
}

for (const [verb, { usage }] of Object.entries(VERBS)) {
  const options = [...new Set(usage.match(/--[a-z][a-z-]+/g))].filter((option) => option !== '--help');
  test(`the usage of ${verb} names only options that it reads`, { skip: options.length === 0 }, () => {
    const lab: Record<string, string> = {
      calibrate: 'src/lab/calibrate/verb.ts',
      bench: 'src/lab/bench/bench.ts',
      replay: 'src/lab/playback/verb.ts',
    };
    const place =
      verb === 'run'
        ? 'ralph.ts'
        : STEERING.includes(verb)
          ? 'src/loop/steer.ts'
          : (lab[verb] ?? [`src/verbs/${verb}.ts`, `src/lab/${verb}.ts`].find((file) => existsSync(file))!);
    const source = readFileSync(place, 'utf8');
    for (const option of options) {
      const name = option.replace(/^--(no-)?/, '');
      assert.match(source, new RegExp(`['\\s{]${name}'?: \\{ type: '(string|boolean)'`), `${verb} ${option}`);
    }
  });
}

test('asked for help, a verb says what it takes and does nothing else', async () => {
  for (const words of [
    ['help', 'run'],
    ['run', '--help'],
    ['data', 'ingest', '-h'],
  ]) {
    const { code, out } = await ralph(...words);
    assert.equal(code, 0);
    assert.match(out, new RegExp(`npm run ralph -- ${words.filter((word) => !/^(-|help)/.test(word)).join(' ')} `));
  }
});

test('a misspelt option or verb is refused with the nearest one and the usage', async () => {
  const option = await ralph('data', 'ingest', 'x', '--symbl', 'B');
  assert.equal(option.code, 2);
  assert.match(option.err, /'--symbl'; did you mean --symbol\?\n-> Usage: npm run ralph -- data ingest /);
  const verb = await ralph('data', 'lis');
  assert.equal(verb.code, 2);
  assert.match(verb.err, /did you mean "list"/);
});
