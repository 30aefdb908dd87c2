import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeLightProject, measurer } from '../../../src/lab/failpoints/project.ts';
import { startModelServer } from '../../../src/lab/server/serve.ts';
import { openChecker } from '../../../src/lab/soak/checker.ts';

test('the checker of a soak finds what is lost, doubled or moved, and nothing in a sound run', async (t) => {
  const project = await makeLightProject();
  t.after(() => project.remove());
  const model = await startModelServer({ brain: measurer(), seed: 1, faults: { rate: 0 } });
  t.after(() => model.close());
  const checker = openChecker(project.dir, 'a', null);
  const { exitCode, all } = await project.run('a', { cycles: 2, env: { RALPH_BASE_URL: model.baseUrl } });
  assert.equal(exitCode, 0, all);
  checker.note();
  const sound = { lost: [], doubled: [], moved: [] };
  assert.deepEqual(checker.check(), sound);

  const damage = (path: string, change: (text: string) => string) => {
    const file = join(project.dir, 'runs', 'a', path);
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, change(text));
    const found = checker.check();
    writeFileSync(file, text);
    return found;
  };
  const line = (text: string, type: string) => text.split('\n').find((each) => each.includes(`"type":"${type}"`))!;
  const cut = damage('journal.jsonl', (text) =>
    text.slice(0, text.lastIndexOf('\n', text.lastIndexOf('"trial.started"')) + 1),
  );
  assert.match(cut.lost.join('\n'), /cycle 2 was commit .* before/);
  assert.match(cut.lost.join('\n'), /trial 0002-1 was \w+ before/);
  const twice = damage('journal.jsonl', (text) => `${text}${line(text, 'trial.started')}\n`);
  assert.match(twice.doubled.join('\n'), /trial\.started of 0001-1 stands twice/);
  const edited = damage('journal.jsonl', (text) => text.replace('"verdict.given"', '"verdict.givem"'));
  assert.match(edited.lost.join('\n'), /does not follow the one before it/);
  assert.match(damage('cycles/0001/brief.md', (text) => `${text} `).lost.join(), /brief\.md is not what was sealed/);

  const git = (...args: string[]) => execFileSync('git', args, { cwd: project.dir, encoding: 'utf8' }).trim();
  const tip = git('rev-parse', 'autoresearch/a');
  git('update-ref', 'refs/heads/autoresearch/a', `${tip}~1`);
  assert.match(checker.check().lost.join(), /the branch does not hold commit .* of cycle 2/);
  git('update-ref', 'refs/heads/autoresearch/a', tip);
  git('update-ref', 'refs/heads/main', tip);
  assert.equal(checker.check().moved.length, 1);
});
