import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { during, fillDemoMarket, makeProject, type Project } from '../../src/lab/project.ts';

/** A seed whose first trials are all discarded early: a keep is a minute of surrogates, and they have tests of their own. */
const SEED = ['--seed', '3'];

let project: Project;
let rows: Record<string, unknown>[];

before(async () => {
  project = await makeProject({ market: false });
  await fillDemoMarket(project.dir, async (args) => {
    const { exitCode, all } = await project.ralph(args);
    assert.equal(exitCode, 0, String(all));
  });
  const demo = await project.ralph(['demo', '--cycles', '3', '--faults', '0.2', ...SEED, '--json']);
  assert.equal(demo.exitCode, 0, String(demo.all));
  rows = JSON.parse(String(demo.stdout));
});
after(() => project.remove());

const json = async (...args: string[]) => {
  const run = await project.ralph([...args, '--json']);
  return { exitCode: run.exitCode, value: JSON.parse(String(run.stdout)), said: String(run.all) };
};

test('the demo ends with a row for every trial, a clean journal and one commit a cycle', async () => {
  const keys = 'cycle trial tag family candidate outcome route reasons metrics tokens seconds commit'.split(' ');
  assert.ok(rows.length >= 3);
  for (const row of rows) assert.deepEqual(Object.keys(row).sort(), [...keys].sort());
  const { value } = await json('verify', '--tag', 'demo');
  assert.deepEqual(
    { ok: value.ok, cycles: value.cycles, problems: value.problems },
    { ok: true, cycles: 3, problems: [] },
  );
  assert.deepEqual((await json('results', '--tag', 'demo')).value, rows);
});

test('a tag that exists is resumed: the same command adds nothing, a larger number goes on', async () => {
  const same = await json('demo', '--cycles', '3', ...SEED);
  assert.deepEqual(same.value, rows);
  const more = await json('demo', '--cycles', '4', ...SEED);
  assert.deepEqual(more.value.slice(0, rows.length), rows);
  assert.ok(more.value.length > rows.length);
});

test('the first and the last trial are reproduced from the journal alone, with the same fingerprint and verdict', async () => {
  const trials = rows.filter((row) => row.trial !== null);
  for (const { trial } of [trials[0], trials[trials.length - 1]]) {
    const { exitCode, value } = await json('reproduce', String(trial), '--tag', 'demo');
    assert.deepEqual(
      { exitCode, same: value.same, changed: value.changed },
      { exitCode: 0, same: true, changed: [] },
      JSON.stringify(value),
    );
  }
});

test('kill -9 of the demo takes its run along, and the same command goes on', async () => {
  const args = ['demo', '--tag', 'shot', '--cycles', '2', ...SEED];
  const shot = project.ralph(args);
  await during(shot, () => project.events('shot').some(({ type }) => type === 'trial.started'));
  shot.kill('SIGKILL');
  await shot;
  const again = await project.ralph(args);
  assert.equal(again.exitCode, 0, String(again.all));
  const { value } = await json('verify', '--tag', 'shot');
  assert.deepEqual(
    { ok: value.ok, cycles: value.cycles, problems: value.problems },
    { ok: true, cycles: 2, problems: [] },
  );
});

test('promote refuses a trial that was not kept, and opens nothing', async () => {
  const discarded = rows.find(({ outcome }) => outcome !== 'keep');
  const run = await project.ralph(['promote', String(discarded?.trial), '--tag', 'demo']);
  assert.equal(run.exitCode, 2);
  assert.match(String(run.all), /not a kept trial/);
  assert.ok(!project.events('demo').some(({ type }) => type === 'holdout.opened'));
});

test('a misspelt command or flag is exit 2 with what to do', async () => {
  const verb = await project.ralph(['demmo']);
  assert.equal(verb.exitCode, 2);
  assert.match(String(verb.all), /did you mean "demo"/);
  const flag = await project.ralph(['run', '--cylces', '3']);
  assert.equal(flag.exitCode, 2);
  const number = await project.ralph(['run', '--cycles', 'ten']);
  assert.equal(number.exitCode, 2);
  assert.match(String(number.all), /whole number from 0; got "ten"/);
});
