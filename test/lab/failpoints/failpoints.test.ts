import assert from 'node:assert/strict';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { verifyRun } from '../../../src/journal/verify/verify.ts';
import { type Kill, killAndCheck, killSenderAndCheck } from '../../../src/lab/failpoints/matrix.ts';
import { type LightProject, makeLightProject, measurer } from '../../../src/lab/failpoints/project.ts';
import { during } from '../../../src/lab/project.ts';
import { startModelServer } from '../../../src/lab/server/serve.ts';
import { startWandbServer, type WandbServer } from '../../../src/lab/wandb/server.ts';

// A few rows of the matrix; scripts/soak.ts --matrix kills at every point with every signal.
const at = (point: string, hit = 1, signal: Kill['signal'] = 'SIGKILL'): Kill => ({ point, hit, signal });
const cut = (point: string, hit = 1): Kill => ({ ...at(point, hit), powerCut: true });
const KEY = 'k'.repeat(40);

const ROWS: readonly (readonly Kill[])[] = [
  [at('search.hint.copy.after')],
  [at('journal.trial.finished.after', 2), at('loop.verdict.after')],
  [at('loop.commit.after'), at('journal.run.resumed.before'), at('journal.cycle.committed.before')],
  [cut('journal.session.ended.after')],
  [at('loop.session.before', 1, 'SIGTERM')],
  [at('journal.trial.finished.after', 2, 'SIGINT')],
];

let project: LightProject;
let wandb: WandbServer;
let server: Awaited<ReturnType<typeof startModelServer>>;
before(async () => {
  project = await makeLightProject();
  wandb = await startWandbServer({ key: KEY });
  server = await startModelServer({ brain: measurer(), seed: 1, faults: { rate: 0 } });
});
after(async () => {
  await wandb.close();
  await server.close();
  project.remove();
});

for (const [number, kills] of ROWS.entries()) {
  const name = kills
    .map(({ point, hit, signal, powerCut }) => `${powerCut ? 'power cut' : signal} at ${point}:${hit}`)
    .join(', then ');
  test(`${name}: the same command goes on and nothing is lost, doubled or changed`, async () => {
    const row = await killAndCheck(project, `row-${number}`, kills, server.baseUrl, { server: wandb, key: KEY });
    assert.deepEqual(row.problems, []);
  });
}

test('the sender killed between sending and noting sends nothing twice and leaves nothing behind', async () => {
  const kill = at('tracking.delivered.before', 2);
  const row = await killSenderAndCheck(project, 'sender', kill, server.baseUrl, { server: wandb, key: KEY });
  assert.deepEqual(row.problems, []);
});

test('two tags run side by side in one project; a second harness on the same tag is refused', async () => {
  const env = { RALPH_BASE_URL: server.baseUrl };
  // The first is held until the refusal has come: it must not be over before the other has so much as started.
  const pause = join(project.dir, 'runs', 'side-1', 'PAUSE');
  mkdirSync(dirname(pause), { recursive: true });
  writeFileSync(pause, '');
  const [one, two] = [project.run('side-1', { cycles: 2, env }), project.run('side-2', { cycles: 2, env })];
  await during(one, () => existsSync(join(project.dir, 'runs', 'side-1', 'lock')));
  const refused = await project.run('side-1', { cycles: 2, env });
  rmSync(pause);
  assert.equal(refused.exitCode, 1);
  assert.match(refused.all, /is in use by process \d+/);
  assert.deepEqual([(await one).exitCode, (await two).exitCode], [0, 0]);
  for (const tag of ['side-1', 'side-2']) {
    assert.deepEqual(await verifyRun(join(project.dir, 'runs', tag)), { ok: true, cycles: 2, trials: 2, problems: [] });
  }
});
