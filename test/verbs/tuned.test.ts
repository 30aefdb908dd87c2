import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { EventOf } from '../../src/journal/events.ts';
import { verifyRun } from '../../src/journal/verify/verify.ts';
import { configWith, makeProject, type Project, serve } from '../../src/lab/project.ts';
import type { Brain } from '../../src/lab/server/brain.ts';
import { DAY } from '../../src/market/bars.ts';
import { strategySource, writer } from '../loop/brains.ts';

const TUNED = strategySource(
  'if (now.fast > now.slow && now.position <= 0) now.target(1); if (now.fast < now.slow && now.position > 0) now.flat();',
)
  .replace('{ defineStrategy, ema }', '{ defineStrategy, ema, range }')
  .replace('{ fast: 10, slow: 50 }', '{ fast: range(3, 20), slow: range(20, 120, { log: true }) }')
  .replace('warmup', 'where: (p) => p.fast < p.slow,\n  warmup');

/** The scripted writer names parameters in its YAML; what is tuned has none. */
function brain(): Brain {
  const inner = writer([TUNED]);
  return async (turn) => {
    const said = await inner(turn);
    if (!('calls' in said) || !said.calls) return said;
    const calls = said.calls.map(({ name, args }) => ({
      name,
      args: typeof args.yaml === 'string' ? { ...args, yaml: args.yaml.replace(/params:.*\n/, '') } : args,
    }));
    return { ...said, calls };
  };
}

let project: Project;
let config: string[];
before(async () => {
  project = await makeProject({ databaseStays: true });
  const few = (gates: string) =>
    gates
      .replace('evaluations: 64', 'evaluations: 8')
      .replace('nullEvaluations: 8', 'nullEvaluations: 3')
      // It misses the exposure by less than its whole, which is patched.
      .replace(/minExposure: 0.005$/m, 'minExposure: 0.9')
      .replace(/^ {2}minSharpe: 0.5$/m, '  minSharpe: -9')
      .replace(/^ {2}minProfitFactor: .*$/m, '  minProfitFactor: 0.1')
      .replace('patchMargin: 0.3', 'patchMargin: 1')
      .replace('patchGates: 2', 'patchGates: 20');
  config = configWith(project, 'tuned', 'gates.yaml', few);
  // Eight days earlier than elsewhere: bars lie behind them.
  const earlier = (date: string) => new Date(Date.parse(date) - 8 * DAY).toISOString().slice(0, 10);
  edit('windows.yaml', (windows) =>
    windows.replace(/\d{4}-\d\d-\d\d/g, (date) => (date === '2021-01-11' ? date : earlier(date))),
  );
  edit('ralph.yaml', (ralph) => `${ralph}\nforward: { everyHours: 1, controls: 1 }\n`);
});
after(() => project.remove());

function edit(name: string, change: (text: string) => string): void {
  const path = join(project.dir, 'config/tuned', name);
  writeFileSync(path, change(readFileSync(path, 'utf8')));
}

/** Starts the run of one cycle, or goes on with it. */
const run = (tag: string, baseUrl: string, env: Record<string, string> = {}) =>
  project.ralph(['run', '--tag', tag, '--cycles', '1', ...config], { RALPH_BASE_URL: baseUrl, ...env });

/** The run's one trial: charged once, the `n`th on these data, and finished once. */
function trialOf(
  tag: string,
  n: number,
): EventOf<'trial.finished'> & { tuned: NonNullable<EventOf<'trial.finished'>['tuned']> } {
  const events = project.events(tag);
  const [started, ...others] = events.filter(({ type }) => type === 'trial.started');
  assert.ok(started.type === 'trial.started' && others.length === 0 && started.n === n);
  assert.deepEqual(started.params, {});
  const [finished, ...more] = events.filter(({ type }) => type === 'trial.finished');
  assert.ok(finished?.type === 'trial.finished' && finished.tuned && more.length === 0, JSON.stringify(finished));
  return { ...finished, tuned: finished.tuned };
}

test('a tuned trial is one trial, and verify, signals and export hold for it', async (t) => {
  const server = await serve(t, brain());
  const ended = await run('one', server.baseUrl);
  assert.equal(ended.exitCode, 0, String(ended.all));
  const finished = trialOf('one', 1);
  assert.equal(finished.tuned.path.length, 4);
  const report = JSON.parse(readFileSync(join(project.dir, 'runs/one/objects', finished.tuned.report), 'utf8'));
  assert.equal(report.surface.length, 8);
  // The run itself has looked at the days behind its windows. Train came out as the tuning had left it, or there were no record.
  assert.match(String(ended.all), /forward: 1 trial, 7 new days/);
  const forward = await project.ralph(['forward', '--tag', 'one', '--controls', '1', '--json']);
  const [row] = JSON.parse(String(forward.stdout)).trials;
  assert.deepEqual([row.problem, row.from, row.days, row.added], [null, '2021-09-10', 7, 0], String(forward.all));
  // An export evaluates the trial once more and is refused where it comes out otherwise.
  for (const args of [
    ['verify', '--tag', 'one', '--json'],
    ['signals', '0001-1', '--tag', 'one', '--json', '--max-age', '999999999'],
    ['export', '0001-1', join(project.dir, 'exported'), '--tag', 'one', '--json'],
  ]) {
    const done = await project.ralph(args);
    assert.equal(done.exitCode, 0, `${args[0]}: ${String(done.all)}`);
  }
});

for (const [name, signal, left, n] of [
  ['kill -9', 'SIGKILL', 'SIGKILL', 2],
  ['Ctrl-C', 'SIGINT', 130, 3],
] as const) {
  test(`${name} before the third part is tuned: the same command goes on, and the one trial comes out the same`, async (t) => {
    const server = await serve(t, brain());
    const tag = signal.toLowerCase();
    const ended = await run(tag, server.baseUrl, { RALPH_FAILPOINT: `gates.tuning.part:3=${signal}` });
    assert.equal(ended.signal ?? ended.exitCode, left, String(ended.all));
    const again = await run(tag, server.baseUrl);
    assert.equal(again.exitCode, 0, String(again.all));
    const [one, same] = [trialOf('one', 1), trialOf(tag, n)];
    assert.deepEqual([same.tuned, same.returnsSha256], [one.tuned, one.returnsSha256]);
    assert.deepEqual(await verifyRun(join(project.dir, 'runs', tag)), { ok: true, cycles: 1, trials: 1, problems: [] });
  });
}

test('a patch of a tuned trial is shown where its gate is decided and how it answers to the parameters, and that counts in N once', async (t) => {
  const server = await serve(t, brain());
  const again = await project.ralph(['run', '--tag', 'one', '--cycles', '2', ...config], {
    RALPH_BASE_URL: server.baseUrl,
  });
  assert.equal(again.exitCode, 0, String(again.all));
  const events = project.events('one');
  const patch = events.findLast((event) => event.type === 'cycle.started');
  assert.ok(patch?.type === 'cycle.started');
  assert.deepEqual([patch.directive, patch.gate, patch.shown?.trial], ['patch', 'train.exposure', '0001-1']);
  const curves = patch.shown!.curves;
  assert.ok(curves >= 1 && curves <= 8, String(curves));
  const brief = readFileSync(join(project.dir, 'runs/one/cycles/0002/brief.md'), 'utf8');
  assert.match(brief, /train\.exposure is decided by the conditions of the entries\.\nline \d+: /);
  assert.match(brief, new RegExp(`adds ${curves} to N\\):\\n- fast 3 to \\d+: `));
  // Three runs of this file have charged a trial each, and this cycle what it tried.
  const own = events.filter((event) => event.type === 'trial.started').length - 1;
  const status = await project.ralph(['status', '--tag', 'one', '--json']);
  assert.equal(JSON.parse(String(status.stdout)).n, 3 + own + curves);
  assert.deepEqual((await verifyRun(join(project.dir, 'runs/one'))).problems, []);
});
