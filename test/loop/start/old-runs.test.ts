import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { makeProject, type Project, serve } from '../../../src/lab/project.ts';
import { PLAIN, strategySource, writer } from '../brains.ts';

const FIXTURES = join(import.meta.dirname, '../../fixtures');

let project: Project;
before(async () => {
  project = await makeProject({ databaseStays: true });
});
after(() => project.remove());

/** Run folders that each version of the journal's schema left: two cycles in a repository of their own, `runs/old`. */
for (const name of readdirSync(FIXTURES).filter((each) => /^run-v\d+\.tar\.gz$/.test(each)))
  test(`${name}: a run of that version is read, verified, continued and verified again`, async (t) => {
    mkdirSync(join(project.dir, 'runs'), { recursive: true });
    execFileSync('tar', ['xzf', join(FIXTURES, name), '-C', join(project.dir, 'runs')]);
    const ralph = async (...args: string[]) => {
      const { exitCode, stdout, all } = await project.ralph([...args, '--tag', 'old', '--json']);
      assert.equal(exitCode, 0, String(all));
      return JSON.parse(String(stdout));
    };
    assert.deepEqual(await ralph('verify'), { ok: true, cycles: 2, trials: 2, problems: [] });
    assert.equal((await ralph('results')).length, 2);
    const server = await serve(t, writer([strategySource(PLAIN)]));
    const run = await project.ralph(['run', '--tag', 'old', '--cycles', '3', '--config', 'config/test'], {
      RALPH_BASE_URL: server.baseUrl,
    });
    assert.equal(run.exitCode, 0, String(run.all));
    const { ok, cycles, problems } = await ralph('verify');
    assert.deepEqual([ok, cycles], [true, 3], JSON.stringify(problems));
  });
