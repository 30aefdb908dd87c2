import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, type TestContext, test } from 'node:test';
import { readFleetState } from '../../src/fleet/run/state.ts';
import type { EventOf } from '../../src/journal/events.ts';
import { verifyRun } from '../../src/journal/verify/verify.ts';
import { makeServerProject } from '../../src/lab/fleet/project.ts';
import { type Canonical, canonicalOf, differing } from '../../src/lab/playback/canonical.ts';
import { during, type Project, serve } from '../../src/lab/project.ts';
import { strategySource, writer } from '../loop/brains.ts';
import { noServer, realServer } from '../market/helpers/real-server.ts';

let project: Project;
const server = realServer(async (ready) => {
  project = await makeServerProject([ready.url('owner'), ready.url('admin')]);
});
after(() => project?.remove());

const SOURCES = [
  strategySource(
    "const before = now.ago('close', p.slow); if (now.close > before) now.target(1); else if (now.close < before) now.target(-1); void p.fast;",
  ),
  strategySource("void p; throw new Error('on purpose');"),
];

/** All that a run decided, was told and found, but for its name and its place in the ledger of its database. */
function storyOf(tag: string): Canonical[] {
  return project.events(tag).flatMap((event) => {
    const story = canonicalOf(event);
    return story === null ? [] : [{ ...story, tag: undefined, ledger: undefined }];
  });
}

async function startRun(t: TestContext, tag: 'alone' | 'fleet', user: 'owner' | 'admin') {
  const { baseUrl } = await serve(t, writer(SOURCES));
  const args = ['run', '--tag', tag, '--seed', '1', '--cycles', '2', '--config', `config/${tag}`];
  return project.ralph(args, { DATABASE_URL: server.url(user), RALPH_BASE_URL: baseUrl });
}

test('workers that are killed and a database that restarts change nothing of what a run finds', {
  skip: noServer,
}, async (t) => {
  const alone = await startRun(t, 'alone', 'admin');
  assert.equal(alone.exitCode, 0, String(alone.all));
  const workers = [0, 1].map(() =>
    project.ralph(['worker', '--processes', '1'], { DATABASE_URL: server.url('owner') }),
  );
  const runDir = join(project.dir, 'runs/fleet');
  const running = startRun(t, 'fleet', 'owner');
  // In the middle of the surrogates, when both have the candidate open.
  await during(running, () => readFleetState(runDir)?.kinds.some(({ kind }) => kind === 'surrogates') ?? false);
  workers[0].kill('SIGKILL');
  server.restart('fast');
  const run = await running;
  workers[1].kill('SIGINT');
  const [, left] = await Promise.all(workers);
  const said = `${run.all}\n${left.all}`;
  assert.equal(run.exitCode, 0, said);
  assert.equal(left.exitCode, 130, said);
  assert.deepEqual(
    storyOf('fleet').flatMap((event, k) => differing(event, storyOf('alone')[k])),
    [],
    said,
  );
  const finished = project.events('fleet').filter(({ type }) => type === 'trial.finished');
  const gates = (finished as EventOf<'trial.finished'>[]).map(({ gates }) => gates.map(({ stage }) => stage));
  assert.ok(gates[0].includes('selection'), gates[0].join(', '));
  assert.deepEqual(await verifyRun(runDir), { ok: true, cycles: 2, trials: 2, problems: [] });
  const [{ rows }] = await server.sql(
    'ralph',
    'select (select count(*)::int from ralph_fleet.answers) as answers, (select count(*)::int from ralph_fleet.runs) as runs',
  );
  assert.deepEqual(rows, [{ answers: 0, runs: 0 }]);
});
