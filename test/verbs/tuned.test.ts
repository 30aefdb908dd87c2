import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { configWith, makeProject, serve } from '../../src/lab/project.ts';
import type { Brain } from '../../src/lab/server/brain.ts';
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

test('a tuned trial is one trial, and verify, signals and export hold for it', async (t) => {
  const project = await makeProject({ databaseStays: true });
  t.after(() => project.remove());
  const few = (gates: string) =>
    gates.replace('evaluations: 64', 'evaluations: 8').replace('nullEvaluations: 8', 'nullEvaluations: 3');
  const config = configWith(project, 'tuned', 'gates.yaml', few);
  const server = await serve(t, brain());
  const run = await project.ralph(['run', '--tag', 'one', '--cycles', '1', ...config], {
    RALPH_BASE_URL: server.baseUrl,
  });
  assert.equal(run.exitCode, 0, String(run.all));
  const events = project.events('one');
  const [started, ...others] = events.filter(({ type }) => type === 'trial.started');
  assert.ok(started.type === 'trial.started' && others.length === 0 && started.n === 1);
  assert.deepEqual(started.params, {});
  const finished = events.find(({ type }) => type === 'trial.finished');
  assert.ok(finished?.type === 'trial.finished' && finished.tuned, JSON.stringify(finished));
  assert.equal(finished.tuned.path.length, 4);
  const report = JSON.parse(readFileSync(join(project.dir, 'runs/one/objects', finished.tuned.report), 'utf8'));
  assert.equal(report.surface.length, 8);
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
