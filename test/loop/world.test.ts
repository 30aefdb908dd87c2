import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { verifyRun } from '../../src/journal/verify/verify.ts';
import { during, makeProject, type Project, serve } from '../../src/lab/project.ts';
import { freeze } from '../../src/lab/soak/world/freeze.ts';
import { openLine, withPort } from '../../src/lab/soak/world/line.ts';
import { processesOf, type Role } from '../../src/lab/soak/world/processes.ts';
import { until } from '../../src/lab/until.ts';
import { openDatabase } from '../../src/market/database.ts';
import { KEEPER_FILE } from '../../src/market/embedded/lease.ts';
import { PLAIN, strategySource, writer } from './brains.ts';

// The world fails a run in ways that no candidate can: none of it may be charged to one.

let project: Project;
before(async () => {
  project = await makeProject();
  const path = join(project.dir, 'config', 'test', 'ralph.yaml');
  const settings = readFileSync(path, 'utf8')
    .replace(/^faultBackoff:.*$/m, 'faultBackoff: { firstSeconds: 0.1, mostSeconds: 0.5 }')
    .replace(/ faults: \d+/, ' faults: 8')
    .replace(/^task:/m, 'publishSeconds: 0.5\ntask:');
  // A sleep is to last longer than a model may be silent and a trial may take.
  writeFileSync(path, settings.replace(/idleSeconds: \d+/, 'idleSeconds: 10'));
  const gates = join(project.dir, 'config', 'test', 'gates.yaml');
  writeFileSync(gates, readFileSync(gates, 'utf8').replace(/^ {2}seconds: \d+$/m, '  seconds: 10'));
});
after(() => project.remove());

const CONFIG = ['--config', 'config/test'];
const plain = () => writer([strategySource(PLAIN)]);
const database = () => join(project.dir, '.data', 'demo');

const faultsOf = (tag: string, kind: string) =>
  project.events(tag).flatMap((event) => (event.type === 'fault.occurred' && event.class === kind ? [event] : []));

/** Ends a run through its STOP file, and checks that it ends well and that nothing was charged to a candidate. */
async function endWell(run: Promise<{ exitCode?: number; all?: unknown }>, tag: string, kind: string) {
  writeFileSync(join(project.dir, 'runs', tag, 'STOP'), '');
  const ended = await run;
  assert.equal(ended.exitCode, 0, String(ended.all));
  const events = project.events(tag);
  const bad = events.filter((event) => event.type === 'trial.finished' && event.outcome === 'crash');
  assert.deepEqual(bad, []);
  const charged = events.filter(({ type }) => type === 'trial.started').length;
  assert.equal(events.filter(({ type }) => type === 'trial.finished').length, charged);
  const status = JSON.parse(String((await project.ralph(['status', '--tag', tag, '--json'])).stdout));
  assert.ok(status.faults[kind] > 0, JSON.stringify(status.faults));
  assert.deepEqual((await verifyRun(join(project.dir, 'runs', tag))).problems, []);
}

for (const role of ['evaluation', 'agent'] as const satisfies readonly Role[]) {
  test(`an ${role} process that the kernel takes is a fault, and its cycle goes on`, async (t) => {
    const server = await serve(t, plain());
    const tag = `taken-${role}`;
    const run = project.ralph(['run', '--tag', tag, '--cycles', '500', ...CONFIG], { RALPH_BASE_URL: server.baseUrl });
    const busy = () => {
      const last = project.events(tag).at(-1)?.type;
      return role === 'agent' ? last === 'hypothesis.registered' || last === 'cycle.started' : last === 'trial.started';
    };
    await during(run, () => {
      if (busy())
        for (const { pid } of processesOf(run.pid, null).filter((each) => each.role === role))
          process.kill(pid, 'SIGKILL');
      return faultsOf(tag, 'out_of_memory').length > 0;
    });
    const [fault] = faultsOf(tag, 'out_of_memory');
    assert.match(fault.detail, /killed from outside|SIGKILL/);
    const verdicts = () => project.events(tag).filter(({ type, seq }) => type === 'verdict.given' && seq > fault.seq);
    await during(run, () => verdicts().length > 0);
    await endWell(run, tag, 'out_of_memory');
  });
}

test('a machine that sleeps through an evaluation and a silent model blames neither', async (t) => {
  const tag = 'slept';
  const answer = plain();
  let pid = 0;
  let asked = 0;
  let woken = 0;
  const sleepFor = (ms: number) => {
    const goOn = freeze(pid);
    setTimeout(() => {
      woken += 1;
      goOn();
    }, ms);
  };
  const server = await serve(t, (request) => {
    asked += 1;
    // In the middle of a request: longer than the model may be silent.
    if (asked === 3) sleepFor(13_000);
    return answer(request);
  });
  const run = project.ralph(['run', '--tag', tag, '--cycles', '500', ...CONFIG], { RALPH_BASE_URL: server.baseUrl });
  pid = run.pid!;
  await during(run, () => woken === 1 && faultsOf(tag, 'asleep').length > 0);
  // In the middle of a trial: longer than an evaluation may take.
  await during(run, () => project.events(tag).at(-1)?.type === 'trial.started');
  sleepFor(13_000);
  await during(run, () => woken === 2 && faultsOf(tag, 'asleep').length > 1);
  const verdicts = project.events(tag).filter(({ type }) => type === 'verdict.given').length;
  await during(run, () => project.events(tag).filter(({ type }) => type === 'verdict.given').length > verdicts);
  const sessions = project.events(tag).flatMap((event) => (event.type === 'session.ended' ? [event] : []));
  assert.deepEqual(
    sessions.flatMap(({ classes, reason }) =>
      classes.STREAM_ERROR || reason !== 'finished' ? [{ classes, reason }] : [],
    ),
    [],
  );
  await endWell(run, tag, 'asleep');
});

test('a clock that is set forward by a day and back again ends nothing and is told', async (t) => {
  const server = await serve(t, plain());
  const shift = join(project.dir, 'clock-shift');
  const clock = join(import.meta.dirname, '../../src/lab/soak/world/clock.mjs');
  const run = project.ralph(['run', '--tag', 'clock', '--cycles', '500', ...CONFIG], {
    RALPH_BASE_URL: server.baseUrl,
    NODE_OPTIONS: `--import=${clock}`,
    RALPH_SOAK_CLOCK: shift,
  });
  await during(run, () => project.events('clock').some(({ type }) => type === 'trial.started'));
  // The budget of hours is twelve.
  writeFileSync(shift, String(26 * 3_600_000));
  await during(run, () => faultsOf('clock', 'clock').length === 1);
  const cycles = () => project.events('clock').filter(({ type }) => type === 'cycle.mirrored').length;
  const [then] = [cycles()];
  await during(run, () => cycles() > then);
  rmSync(shift);
  await during(run, () => faultsOf('clock', 'clock').length === 2);
  const [forward, back] = faultsOf('clock', 'clock');
  assert.match(forward.detail, /went forward by 93600 s/);
  assert.match(back.detail, /went back by 93600 s/);
  assert.ok(back.at < forward.at, 'the journal says what the clock said');
  await endWell(run, 'clock', 'clock');
});

test('a database that goes away holds the next charge until it comes back, and the table is complete in the end', async (t) => {
  const server = await serve(t, plain());
  const own = await openDatabase({ dataDir: database() });
  t.after(() => own.close());
  const line = await openLine(() => Number(new URL(own.url).port));
  t.after(() => line.close());
  const env = { RALPH_BASE_URL: server.baseUrl, DATABASE_URL: withPort(own.url, line.port) };
  const run = project.ralph(['run', '--tag', 'cut', '--cycles', '500', ...CONFIG], env);
  const inTable = async () => {
    const { rows } = await own.pool.query("select trial from ralph.trials where tag = 'cut' order by trial");
    return rows.map(({ trial }) => trial);
  };
  const cycles = () => project.events('cut').filter(({ type }) => type === 'cycle.mirrored').length;
  await during(run, () => cycles() > 0);
  line.cut();
  // Charging and publishing wait side by side, each with a count of its own.
  const attempts = (which: number) => faultsOf('cut', 'database_down').filter(({ attempt }) => attempt === which);
  await during(run, () => attempts(2).length > 0);
  assert.ok(attempts(2)[0].retryInMs > attempts(1)[0].retryInMs, 'it waits longer each time');
  // N is counted in this database: a trial that cannot be charged there does not run.
  const then = cycles();
  await line.join();
  await during(run, () => cycles() > then);
  // While the run goes on.
  const known = (await inTable()).length;
  await until('the table has grown', async () => (await inTable()).length > known, 100);
  await endWell(run, 'cut', 'database_down');
  const trials = project.events('cut').flatMap((event) => (event.type === 'trial.finished' ? [event.trial] : []));
  assert.deepEqual(await inTable(), trials.sort());

  // A start needs its data: it waits until its fault budget is spent, and says so.
  line.cut();
  const refused = await project.ralph(['run', '--tag', 'cut', '--cycles', '500', ...CONFIG], env);
  assert.equal(refused.exitCode, 3, String(refused.all));
  assert.match(String(refused.all), /fault budget spent: 8 faults in a row, the last one database_down/);
  const waiting = project.ralph(['run', '--tag', 'cut', '--cycles', '500', ...CONFIG], env);
  const faults = faultsOf('cut', 'database_down').length;
  await during(waiting, () => faultsOf('cut', 'database_down').length > faults);
  await line.join();
  const count = cycles();
  await during(waiting, () => cycles() > count);
  await endWell(waiting, 'cut', 'database_down');
});

test('the embedded database killed with -9 in the middle of a run comes back by itself with every row', async (t) => {
  const server = await serve(t, plain());
  const own = await openDatabase({ dataDir: database() });
  const run = project.ralph(['run', '--tag', 'killed', '--cycles', '4', ...CONFIG], { RALPH_BASE_URL: server.baseUrl });
  await during(run, () => project.events('killed').some(({ type }) => type === 'trial.finished'));
  const keeper = JSON.parse(readFileSync(join(database(), 'db', KEEPER_FILE), 'utf8')) as { pid: number };
  process.kill(keeper.pid, 'SIGKILL');
  const ended = await run;
  assert.equal(ended.exitCode, 0, String(ended.all));
  await own.close().catch(() => {});
  const again = await openDatabase({ dataDir: database() });
  t.after(() => again.close());
  const { rows } = await again.pool.query("select trial from ralph.trials where tag = 'killed' order by trial");
  const trials = project.events('killed').flatMap((event) => (event.type === 'trial.finished' ? [event.trial] : []));
  assert.deepEqual(
    rows.map(({ trial }) => trial),
    trials.sort(),
  );
});
