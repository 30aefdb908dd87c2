import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { SCHEMA_VERSION } from '../../../src/journal/events.ts';
import { rowsOf } from '../../../src/journal/projections/rows.ts';
import { verifyRun } from '../../../src/journal/verify/verify.ts';
import { makeProject, type Project, serve } from '../../../src/lab/project.ts';
import { PLAIN, strategySource, writer } from '../brains.ts';

const FIXTURES = join(import.meta.dirname, '../../fixtures');

let project: Project;
before(async () => {
  project = await makeProject({ databaseStays: true });
});
after(() => project.remove());

test('there is a run folder of this version and of each before it', () => {
  const versions = Array.from({ length: SCHEMA_VERSION }, (_, i) => `run-v${i + 1}.tar.gz`);
  assert.deepEqual(readdirSync(FIXTURES).sort(), versions);
});

/** Run folders that each version of the journal's schema left: two cycles in a repository of their own, `runs/old`. */
for (const name of readdirSync(FIXTURES))
  test(`${name}: a run of that version is read, verified, continued and verified again`, async (t) => {
    const dir = join(project.dir, 'runs', 'old');
    rmSync(dir, { recursive: true, force: true });
    mkdirSync(dir, { recursive: true });
    execFileSync('tar', ['xzf', join(FIXTURES, name), '-C', join(dir, '..')]);
    assert.deepEqual(await verifyRun(dir), { ok: true, cycles: 2, trials: 2, problems: [] });
    assert.equal(rowsOf(project.events('old')).length, 2);
    const server = await serve(t, writer([strategySource(PLAIN)]));
    const run = await project.ralph(['run', '--tag', 'old', '--cycles', '3', '--config', 'config/test'], {
      RALPH_BASE_URL: server.baseUrl,
    });
    assert.equal(run.exitCode, 0, String(run.all));
    const { ok, cycles, problems } = await verifyRun(dir);
    assert.deepEqual([ok, cycles], [true, 3], JSON.stringify(problems));
  });
