import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { EventOf } from '../../src/journal/events.ts';
import { verifyRun } from '../../src/journal/verify/verify.ts';
import { configWith, during, makeProject, type Project, serve } from '../../src/lab/project.ts';
import { PLAIN, strategySource, writer } from './brains.ts';

let project: Project;
before(async () => {
  project = await makeProject({ databaseStays: true });
});
after(() => project.remove());

const CONFIG = ['--config', 'config/test'];
const plain = () => writer([strategySource(PLAIN)]);

const verified = (tag: string) => verifyRun(join(project.dir, 'runs', tag));

test('candidates that attack or hang the box end as crash verdicts with a readable reason, and the loop goes on', async (t) => {
  const hostile = [
    strategySource('void fs; void p; now.flat();', "import fs from 'node:fs';\n"),
    strategySource('for (;;) { if (now.close < 0 && p.fast < 0) break; }'),
    strategySource('const hoard: number[][] = []; for (;;) { hoard.push(new Array(1e6).fill(now.close + p.fast)); }'),
    strategySource(PLAIN),
  ];
  const server = await serve(t, writer(hostile));
  // What has no end is to end within the test's patience.
  const short = configWith(project, 'short', 'gates.yaml', (gates) =>
    gates.replace(/^ {2}seconds: \d+$/m, '  seconds: 10'),
  );
  const run = await project.ralph(['run', '--tag', 'hostile', '--cycles', '4', ...short], {
    RALPH_BASE_URL: server.baseUrl,
  });
  assert.equal(run.exitCode, 0, String(run.all));
  const verdicts = project
    .events('hostile')
    .filter(({ type }) => type === 'verdict.given') as EventOf<'verdict.given'>[];
  assert.deepEqual(
    verdicts.map(({ outcome }) => outcome),
    ['crash', 'crash', 'crash', 'discard'],
  );
  assert.match(verdicts[0].reasons[0].message, /node:fs/);
  assert.match(verdicts[1].reasons[0].message, /time|second/i);
  assert.match(verdicts[2].reasons[0].message, /memory|heap/i);
  assert.deepEqual(await verified('hostile'), { ok: true, cycles: 4, trials: 4, problems: [] });
});

for (const [name, point] of [
  ['in the middle of a session', 'journal.hypothesis.registered.after:2'],
  ['while a charged trial is evaluated', 'loop.evaluate.before:2'],
  ['after the commit, before the journal knows', 'loop.commit.after:2'],
] as const) {
  test(`kill -9 ${name}: the same command goes on, no trial lost, doubled or scored twice`, async (t) => {
    const tag = `kill-${point.replaceAll(/[^a-z0-9]/g, '-')}`;
    const server = await serve(t, plain());
    const args = ['run', '--tag', tag, '--cycles', '2', ...CONFIG];
    const killed = await project.ralph(args, { RALPH_BASE_URL: server.baseUrl, RALPH_FAILPOINT: point });
    assert.equal(killed.signal, 'SIGKILL', String(killed.all));
    const scored = project.events(tag).filter(({ type }) => type === 'trial.finished');
    const again = await project.ralph(args, { RALPH_BASE_URL: server.baseUrl });
    assert.equal(again.exitCode, 0, String(again.all));
    const events = project.events(tag);
    assert.deepEqual(events.filter(({ type }) => type === 'trial.finished').slice(0, scored.length), scored);
    const started = events.flatMap((event) => (event.type === 'trial.started' ? [event.trial] : []));
    const finished = events.flatMap((event) => (event.type === 'trial.finished' ? [event.trial] : []));
    assert.deepEqual(finished.toSorted(), started.toSorted());
    assert.equal(new Set(started).size, started.length);
    const { problems, cycles } = await verified(tag);
    assert.deepEqual([problems, cycles], [[], 2]);
  });
}

test('a hint dropped while a cycle runs is in the next brief and answered in the journal', async (t) => {
  const inbox = join(project.dir, 'prompts', 'hints');
  mkdirSync(inbox, { recursive: true });
  let dropped = false;
  const model = plain();
  const server = await serve(t, (request) => {
    if (!dropped) writeFileSync(join(inbox, 'try-volume.md'), 'Try a volume filter.\n');
    dropped = true;
    return model(request);
  });
  await project.ralph(['run', '--tag', 'hinted', '--cycles', '2', ...CONFIG], { RALPH_BASE_URL: server.baseUrl });
  const events = project.events('hinted');
  const taken = events.find((event) => event.type === 'hint.taken');
  assert.ok(taken?.type === 'hint.taken' && taken.cycle === 2 && taken.text.includes('volume filter'));
  const answered = events.find((event) => event.type === 'hint.answered');
  assert.ok(answered?.type === 'hint.answered' && answered.hint === taken.hint && answered.accepted);
});

test('STOP and SIGINT end a run at the next step, PAUSE holds it, STEP lets one cycle through, and starting again goes on', async (t) => {
  const server = await serve(t, plain());
  const args = ['run', '--tag', 'steered', '--cycles', '2', ...CONFIG];
  const env = { RALPH_BASE_URL: server.baseUrl };
  const interrupted = await project.ralph(args, { ...env, RALPH_FAILPOINT: 'journal.trial.started.after=SIGINT' });
  assert.equal(interrupted.exitCode, 130, String(interrupted.all));
  await project.ralph(['pause', '--tag', 'steered']);
  const held = project.ralph(args, env);
  let said = '';
  held.stderr.on('data', (chunk) => (said += chunk));
  await during(held, () => said.includes('paused:'));
  const count = (type: string) => project.events('steered').filter((event) => event.type === type).length;
  const cycles = count('cycle.mirrored');
  await project.ralph(['step', '--tag', 'steered']);
  await during(held, () => count('cycle.mirrored') > cycles);
  const trials = count('trial.started');
  await project.ralph(['stop', '--tag', 'steered']);
  const stopped = await held;
  assert.equal(stopped.exitCode, 0, String(stopped.all));
  assert.equal(count('trial.started'), trials);
  await project.ralph(['resume', '--tag', 'steered']);
  const finished = await project.ralph(args, env);
  assert.equal(finished.exitCode, 0, String(finished.all));
  assert.deepEqual(await verified('steered'), { ok: true, cycles: 2, trials: 2, problems: [] });
});

test('Ctrl-C in a terminal reaches every process of the run: the trial under way ends by its own merits', async (t) => {
  const server = await serve(t, plain());
  const args = ['run', '--tag', 'ctrl-c', '--cycles', '2', ...CONFIG];
  const env = { RALPH_BASE_URL: server.baseUrl };
  const point = 'journal.trial.started.after=^C';
  const interrupted = await project.ralph(args, { ...env, RALPH_FAILPOINT: point }, { detached: true });
  assert.equal(interrupted.exitCode, 130, String(interrupted.all));
  const trials = project.events('ctrl-c').filter((event) => event.type === 'trial.finished');
  assert.deepEqual(
    trials.map((trial) => trial.type === 'trial.finished' && trial.outcome !== 'crash'),
    [true],
  );
  const finished = await project.ralph(args, env);
  assert.equal(finished.exitCode, 0, String(finished.all));
  assert.deepEqual(await verified('ctrl-c'), { ok: true, cycles: 2, trials: 2, problems: [] });
});

test('prune takes a frozen window that nothing names and none of those that a run needs', async () => {
  const windows = join(project.dir, '.data', 'demo', 'windows');
  const needed = readdirSync(windows).sort();
  const old = 'SIMUSD-train-2001-01-01-2002-01-01-w10.bars';
  writeFileSync(join(windows, old), 'x');
  const { removed } = JSON.parse(String((await project.ralph(['prune', '--json', ...CONFIG])).stdout));
  const gone = removed.map(({ path }: { path: string }) => path).filter((path: string) => path.startsWith(windows));
  assert.deepEqual(gone, [join(windows, old)]);
  assert.deepEqual(readdirSync(windows).sort(), needed);
  assert.deepEqual(await verified('ctrl-c'), { ok: true, cycles: 2, trials: 2, problems: [] });
  const again = await project.ralph(['reproduce', '0001-1', '--tag', 'ctrl-c', '--json', ...CONFIG]);
  assert.equal(again.exitCode, 0, String(again.all));
});

test('without a model server: one clear message that says what was tried and what to do, exit 1', async () => {
  const run = await project.ralph(['run', '--tag', 'alone', '--cycles', '1', ...CONFIG], {
    RALPH_BASE_URL: 'http://127.0.0.1:9/v1',
  });
  assert.equal(run.exitCode, 1);
  assert.match(String(run.all), /127\.0\.0\.1:9/);
  assert.match(String(run.all), /vllm\/serve\.sh/);
  assert.match(String(run.all), /npm run ralph -- demo/);
});
