import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { makeProject, type Project, serve } from '../../../src/lab/project.ts';
import { PLAIN, strategySource, writer } from '../brains.ts';

let project: Project;
before(async () => {
  project = await makeProject({ databaseStays: true });
});
after(() => project.remove());

test('another tag on the same data starts where the first one ended, with or without the first one’s folder', async (t) => {
  const server = await serve(t, writer([strategySource(PLAIN)]));
  const search = async (tag: string) => {
    const run = await project.ralph(['run', '--tag', tag, '--cycles', '1', '--config', 'config/test'], {
      RALPH_BASE_URL: server.baseUrl,
    });
    assert.equal(run.exitCode, 0, String(run.all));
    return project.events(tag).flatMap((event) => (event.type === 'trial.started' ? [event] : []));
  };
  const first = await search('first');
  assert.deepEqual([first[0].n, first[0].looks], [1, 0]);
  rmSync(join(project.dir, 'runs', 'first'), { recursive: true });
  const second = await search('second');
  assert.equal(second[0].n, first.length + 1);
  assert.ok(second[0].ledger !== undefined && second[0].ledger.seq > (first.at(-1)?.ledger?.seq ?? 0));
  const told = await project.ralph(['ledger', '--config', 'config/test', '--json']);
  const [row] = JSON.parse(told.stdout as unknown as string) as { symbol: string; trials: number; tags: string[] }[];
  assert.deepEqual([row.symbol, row.trials, row.tags], ['SIMUSD', first.length + second.length, ['first', 'second']]);
  const verified = await project.ralph(['verify', '--tag', 'second', '--json']);
  assert.equal(verified.exitCode, 0, String(verified.all));
});
