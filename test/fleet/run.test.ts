import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { seededRandom } from '../../src/base/random.ts';
import { readFleetState } from '../../src/fleet/run/state.ts';
import type { EventOf } from '../../src/journal/events.ts';
import { verifyRun } from '../../src/journal/verify/verify.ts';
import { differences, FOLLOWING, hourFast, makeServerProject, trialsOf } from '../../src/lab/fleet/project.ts';
import { during, type Project, serve } from '../../src/lab/project.ts';
import { PLAIN, steadyWriter, strategySource } from '../loop/brains.ts';
import { noServer, realServer } from '../market/helpers/real-server.ts';

let project: Project;
const server = realServer(async (ready) => {
  project = await makeServerProject([ready.url('owner'), ready.url('admin')]);
});
after(() => project?.remove());

const SOURCES = [FOLLOWING, strategySource("void p; throw new Error('on purpose');"), strategySource(PLAIN)];
const KEY = 'the-key-of-the-islands-alone';

/** `RALPH_FLEET=full`: twelve cycles, and a worker lost in almost each; else as few as show each kind of loss once. */
const FULL = process.env.RALPH_FLEET === 'full';
const CYCLES = FULL ? 12 : 3;
const WORKERS = FULL ? 3 : 2;

type Process = ReturnType<Project['ralph']>;

function start(tag: string, env: Record<string, string>, cycles = CYCLES): Process {
  const args = ['run', '--tag', tag, '--seed', '1', '--cycles', String(cycles), '--config', `config/${tag}`];
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
      // One that has only just been started has no handler yet.
      for (const { exitCode, signal, all } of ended) assert.ok(exitCode === 130 || signal === 'SIGINT', String(all));
      return [...(await Promise.all(gone)), ...ended].map(({ all }) => all).join('\n');
    },
  };
}

test('workers and islands that are killed, with clocks an hour off, and a database that restarts change nothing of what a run finds', {
  skip: noServer,
}, async (t) => {
  const own = await serve(t, steadyWriter(SOURCES));
  const alone = await start('alone', { DATABASE_URL: server.url('admin'), RALPH_BASE_URL: own.baseUrl });
  assert.equal(alone.exitCode, 0, String(alone.all));

  const { baseUrl } = await serve(t, steadyWriter(SOURCES));
  const env = { DATABASE_URL: server.url('owner') };
  // Those clocks are an hour fast.
  const wrong = { ...env, ...hourFast(project.dir) };
  const workers = fleetOf(WORKERS, () => project.ralph(['worker', '--processes', '1'], wrong));
  const islands = fleetOf(2, () =>
    project.ralph(['island', '--config', 'config/test'], { ...wrong, RALPH_BASE_URL: baseUrl, RALPH_API_KEY: KEY }),
  );
  const runDir = join(project.dir, 'runs/fleet');
  const running = start('fleet', env);
  const begun = (cycle: number) =>
    during(running, () =>
      project.events('fleet').some((event) => event.type === 'cycle.started' && event.cycle >= cycle),
    );
  // In the middle of the surrogates, when workers have the candidate open.
  await during(running, () => readFleetState(runDir)?.kinds.some(({ kind }) => kind === 'surrogates') ?? false);
  workers.lose(0, 'SIGKILL');
  server.restart('fast');
  await begun(2);
  islands.lose(0, 'SIGINT');
  islands.lose(1, 'SIGINT');
  const random = seededRandom('losses');
  for (let cycle = 4; cycle <= CYCLES; cycle++) {
    await begun(cycle);
    workers.lose(Math.floor(random() * WORKERS), 'SIGKILL');
    if (cycle % 5 === 0) islands.lose(Math.floor(random() * 2), 'SIGKILL');
  }
  const run = await running;
  const said = `${run.all}\n${await islands.end()}\n${await workers.end()}`;
  assert.equal(run.exitCode, 0, said);
  if (FULL) t.diagnostic(said);
  assert.deepEqual(differences(project), [], said);
  const finished = project.events('fleet').filter(({ type }) => type === 'trial.finished');
  const gates = (finished as EventOf<'trial.finished'>[]).map(({ gates }) => gates.map(({ stage }) => stage));
  assert.ok(gates[0].includes('selection'), gates[0].join(', '));
  assert.deepEqual(await verifyRun(runDir), { ok: true, cycles: CYCLES, trials: CYCLES, problems: [] });
  const transcripts = globSync('cycles/*/transcript.jsonl', { cwd: runDir }).map((file) =>
    readFileSync(join(runDir, file), 'utf8'),
  );
  assert.equal(transcripts.length, CYCLES);
  assert.ok(!transcripts.join('').includes(KEY), 'the key of an island stays there');
  const [{ rows }] = await server.sql(
    'ralph',
    `select (select count(*)::int from ralph_fleet.answers) as answers, (select count(*)::int from ralph_fleet.runs) as runs,
       (select count(*)::int from ralph_fleet.letters) as letters`,
  );
  assert.deepEqual(rows, [{ answers: 0, runs: 0, letters: 0 }]);
});

test('with two sessions at once, and a worker and an island lost, the same candidates are tried and found the same, each once', {
  skip: noServer,
}, async (t) => {
  const cycles = FULL ? 12 : 4;
  const sources = Array.from({ length: cycles }, (_, k) => (k % 3 === 1 ? FOLLOWING : strategySource(PLAIN)));
  const { baseUrl } = await serve(t, steadyWriter(sources));
  const alone = start('alone-two', { DATABASE_URL: server.url('admin'), RALPH_BASE_URL: baseUrl }, cycles);
  const env = { DATABASE_URL: server.url('owner') };
  const workers = fleetOf(2, () => project.ralph(['worker', '--processes', '1'], env));
  const islands = fleetOf(2, () =>
    project.ralph(['island', '--config', 'config/test'], { ...env, RALPH_BASE_URL: baseUrl }),
  );
  const runDir = join(project.dir, 'runs/fleet-two');
  const running = start('fleet-two', env, cycles);
  const events = () => project.events('fleet-two');
  // Both sessions are under way, and a worker has a candidate open.
  await during(running, () => readFleetState(runDir)?.kinds.some(({ kind }) => kind === 'train') ?? false);
  workers.lose(0, 'SIGKILL');
  islands.lose(0, FULL ? 'SIGKILL' : 'SIGINT');
  for (let cycle = 5; cycle <= cycles; cycle += 3) {
    await during(running, () => events().filter(({ type }) => type === 'verdict.given').length >= cycle - 2);
    workers.lose(cycle % 2, 'SIGKILL');
    islands.lose((cycle >> 1) % 2, 'SIGKILL');
  }
  const [run, single] = await Promise.all([running, alone]);
  const said = `${run.all}\n${await islands.end()}\n${await workers.end()}`;
  assert.deepEqual([run.exitCode, single.exitCode], [0, 0], `${single.all}\n${said}`);
  const [found, expected] = [trialsOf(project, 'fleet-two'), trialsOf(project, 'alone-two')];
  assert.equal(expected.size, cycles);
  assert.deepEqual([...found].toSorted(byName), [...expected].toSorted(byName), said);
  const started = events().flatMap((event) => (event.type === 'trial.started' ? [event.n] : []));
  assert.deepEqual(
    started,
    started.map((_, k) => started[0] + k),
    'each trial raises N by one',
  );
  const finished = events().filter(({ type }) => type === 'trial.finished');
  assert.deepEqual([started.length, finished.length], [cycles, cycles]);
  assert.deepEqual(await verifyRun(runDir), { ok: true, cycles, trials: cycles, problems: [] });
});

function byName([a]: [string, unknown], [b]: [string, unknown]): number {
  return a < b ? -1 : 1;
}
