import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { readIslandState } from '../../src/fleet/island/state.ts';
import { readFleetState } from '../../src/fleet/run/state.ts';
import type { EventOf } from '../../src/journal/events.ts';
import { verifyRun } from '../../src/journal/verify/verify.ts';
import { makeServerProject } from '../../src/lab/fleet/project.ts';
import { type Canonical, canonicalOf, differing } from '../../src/lab/playback/canonical.ts';
import { during, type Project, serve } from '../../src/lab/project.ts';
import { PLAIN, steadyWriter, strategySource } from '../loop/brains.ts';
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
  strategySource(PLAIN),
];
const KEY = 'the-key-of-the-islands-alone';

/** All that a run decided, was told and found, but for its name and its place in the ledger of its database. */
function storyOf(tag: string): Canonical[] {
  return project.events(tag).flatMap((event) => {
    const story = canonicalOf(event);
    return story === null ? [] : [{ ...story, tag: undefined, ledger: undefined }];
  });
}

/** All twelve cycles, with as many losses as chance brings; else as few as show each kind once. */
const FULL = process.env.RALPH_FLEET === 'full';
const CYCLES = FULL ? 12 : 3;

type Process = ReturnType<Project['ralph']>;

function start(tag: 'alone' | 'fleet', env: Record<string, string>): Process {
  const args = ['run', '--tag', tag, '--seed', '1', '--cycles', String(CYCLES), '--config', `config/${tag}`];
  return project.ralph(args, env);
}

/** Processes of a kind, of which some are lost and replaced. */
function fleetOf(count: number, one: () => Process) {
  const living = Array.from({ length: count }, one);
  const gone: Process[] = [];
  return {
    lose(k: number, signal: 'SIGKILL' | 'SIGINT') {
      living[k].kill(signal);
      gone.push(...living.splice(k, 1, one()));
    },
    async end() {
      for (const each of living) each.kill('SIGINT');
      const ended = await Promise.all(living);
      for (const each of ended) assert.equal(each.exitCode, 130, String(each.all));
      return [...(await Promise.all(gone)), ...ended].map(({ all }) => all).join('\n');
    },
  };
}

test('workers and islands that are killed and a database that restarts change nothing of what a run finds', {
  skip: noServer,
}, async (t) => {
  const own = await serve(t, steadyWriter(SOURCES));
  const alone = await start('alone', { DATABASE_URL: server.url('admin'), RALPH_BASE_URL: own.baseUrl });
  assert.equal(alone.exitCode, 0, String(alone.all));

  const { baseUrl } = await serve(t, steadyWriter(SOURCES));
  const env = { DATABASE_URL: server.url('owner') };
  const workers = fleetOf(FULL ? 3 : 2, () => project.ralph(['worker', '--processes', '1'], env));
  const islands = fleetOf(2, () =>
    project.ralph(['island', '--config', 'config/test'], { ...env, RALPH_BASE_URL: baseUrl, RALPH_API_KEY: KEY }),
  );
  const runDir = join(project.dir, 'runs/fleet');
  const running = start('fleet', env);
  const held = (cycle: number) => () =>
    readIslandState(runDir)?.held.some(({ number, name }) => number >= cycle && name !== null) ?? false;
  // In the middle of the surrogates, when workers have the candidate open.
  await during(running, () => readFleetState(runDir)?.kinds.some(({ kind }) => kind === 'surrogates') ?? false);
  workers.lose(0, 'SIGKILL');
  server.restart('fast');
  await during(running, held(2));
  islands.lose(0, 'SIGINT');
  islands.lose(1, 'SIGINT');
  const run = await running;
  const said = `${run.all}\n${await islands.end()}\n${await workers.end()}`;
  assert.equal(run.exitCode, 0, said);
  assert.deepEqual(
    storyOf('fleet').flatMap((event, k) => differing(event, storyOf('alone')[k])),
    [],
    said,
  );
  const finished = project.events('fleet').filter(({ type }) => type === 'trial.finished');
  const gates = (finished as EventOf<'trial.finished'>[]).map(({ gates }) => gates.map(({ stage }) => stage));
  assert.ok(gates[0].includes('selection'), gates[0].join(', '));
  assert.deepEqual(await verifyRun(runDir), { ok: true, cycles: CYCLES, trials: CYCLES, problems: [] });
  const [{ rows }] = await server.sql(
    'ralph',
    `select (select count(*)::int from ralph_fleet.answers) as answers, (select count(*)::int from ralph_fleet.runs) as runs,
       (select count(*)::int from ralph_fleet.letters) as letters, (select count(*)::int from ralph_fleet.islands) as islands`,
  );
  assert.deepEqual(rows, [{ answers: 0, runs: 0, letters: 0, islands: 0 }]);
});
