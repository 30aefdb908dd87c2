import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { compileCandidate } from '../../../src/backtest/compile/compile.ts';
import type { SimulationRequest } from '../../../src/backtest/contract.ts';
import { NEUTRAL } from '../../../src/backtest/market.ts';
import { type Fleet, openFleet } from '../../../src/fleet/run/open.ts';
import { readFleetState } from '../../../src/fleet/run/state.ts';
import { openServer } from '../../../src/fleet/server/connect.ts';
import { openWake } from '../../../src/fleet/server/serving.ts';
import { serve } from '../../../src/fleet/worker/serve.ts';
import { canaryMarket, canaryWindows } from '../../../src/gates/canaries/market.ts';
import { CHAMPION } from '../../../src/gates/canaries/strategies.ts';
import { engineVersion } from '../../../src/gates/engine-version.ts';
import { type Bench, boxWorkbench } from '../../../src/gates/workbench/box-workbench.ts';
import type { Workbench } from '../../../src/gates/workbench/workbench.ts';
import { openLine } from '../../../src/lab/soak/world/line.ts';
import { until } from '../../../src/lab/until.ts';
import type { MarketConfig } from '../../../src/market/config.ts';
import { queueThere } from '../../../src/verbs/meeting.ts';
import { noServer, realServer } from '../../market/helpers/real-server.ts';

const folder = mkdtempSync(join(tmpdir(), 'ralph-fleet-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const sizing = { mode: 'fraction', fraction: 1 } as const;
const frozen = canaryWindows(folder);
let bench: Bench;
let fleet: Fleet;
let checked: string;
const database = realServer(async (ready) => {
  const compiled = await compileCandidate(CHAMPION.files);
  assert.ok(compiled.ok);
  const { code, config } = compiled;
  const market = canaryMarket({ sizing } as MarketConfig);
  bench = { code, symbols: config.symbols, frozen, market, limits: { seconds: 60, heapMb: 256 } };
  fleet = await openFleet({ url: ready.url('owner'), tag: 'test', runDir: folder, frozen });
  [{ checked }] = (await ready.sql('ralph', 'select checked from ralph_fleet.runs'))[0].rows;
});
after(() => fleet?.close());

/** A worker in this process; it ends with the test, or when it is told to. */
async function startWorker(name: string) {
  const stop = new AbortController();
  const wake = openWake();
  const onSent = () => wake.now();
  const server = await openServer({ url: database.url('owner'), role: 'worker', onSent, connections: 3 });
  const own = { engine: engineVersion(), checked, version: name, processes: 1, dir: join(folder, name) };
  const served = serve(server, wake, { ...own, signal: stop.signal });
  return async () => {
    stop.abort();
    await served;
    await server.close();
  };
}
const readdirIfThere = (path: string) => (existsSync(path) ? readdirSync(path) : []);
const hosts = () => readFleetState(folder)?.hosts ?? [];

/** Every question that the gates put, answered. */
async function answers(workbench: Workbench): Promise<unknown> {
  const request = (more: Partial<SimulationRequest> = {}): SimulationRequest => ({
    params: { look: 24 },
    scenario: NEUTRAL,
    detail: 'summary',
    ...more,
  });
  const surrogate = (index: number) => ({ index, holdMinutes: 60, drift: false });
  const looks = [12, 24, 36, 48, 60];
  return [
    await workbench.audit({ look: 24 }, 2),
    // Asked together, as the neighbours are.
    await Promise.all(looks.map((look) => workbench.simulate('train', [request({ params: { look } })]))),
    await workbench.simulate({ fold: 0 }, [request({ detail: 'full' })]),
    await workbench.surrogates(looks.map((_, index) => request({ surrogate: surrogate(index) }))),
    await workbench.allowed([{ look: 24 }, { look: 30 }]),
    await workbench.spread(looks.map((look) => async (simulate) => simulate([request({ params: { look } })]))),
  ];
}

test('workers answer what a process of this host answers, to the last bit, on windows that came through the database', {
  skip: noServer,
}, async () => {
  const here = boxWorkbench(bench);
  const expected = await answers(here);
  await here.close();
  const closers = await Promise.all(['first', 'second'].map(startWorker));
  await until('two workers', () => hosts().length === 2);
  const there = fleet.workbench(bench);
  const found = await answers(there);
  await there.close();
  assert.deepEqual(found, expected);
  await until('all kinds of jobs', () => readFleetState(folder)?.kinds.length === 5);
  assert.ok(hosts().every(({ failed, late }) => failed + late === 0));
  for (const close of closers) await close();
  // A quick worker may have taken all of them.
  const fetched = ['first', 'second'].flatMap((name) => readdirIfThere(join(folder, name)));
  assert.ok(fetched.length > 0 && fetched.every((name) => /^CANARY-[0-9a-f]{16}\.bars$/.test(name)), fetched.join());
});

test('a worker that is stopped gives its job back at once, and the next one answers it; a stopped trial is withdrawn', {
  skip: noServer,
}, async () => {
  const market = { ...bench.market, cash: 20_000 };
  const there = fleet.workbench({ ...bench, market });
  const long = Array.from(
    { length: 400 },
    () => ({ params: { look: 24 }, scenario: NEUTRAL, detail: 'summary' }) as const,
  );
  const first = await startWorker('third');
  const answer = there.simulate('train', long);
  await until('the job is taken', async () => {
    const [{ rows }] = await database.sql('ralph', "select 1 from ralph_queue.job where state = 'active'");
    return rows.length > 0;
  });
  await first();
  const [{ rows }] = await database.sql(
    'ralph',
    "select state::text, retry_count from ralph_queue.job where state < 'completed'",
  );
  assert.deepEqual(rows, [{ state: 'created', retry_count: 0 }]);
  await there.close();
  assert.deepEqual(await answer, { ok: false, kind: 'timeout', message: 'the evaluation was stopped' });
  const [left] = await database.sql('ralph', "select 1 from ralph_queue.job where state < 'completed'");
  assert.deepEqual(left.rows, []);
});

test('a worker that starts while the database is away asks again until it is back, or until it is stopped', {
  skip: noServer,
}, async (t) => {
  const line = await openLine(() => database.port());
  t.after(line.close);
  line.cut();
  const asking = { url: `postgresql://ralph:ralph@127.0.0.1:${line.port}/ralph`, connections: 2 };
  const stop = new AbortController();
  const [stopped, found] = [queueThere(asking, stop.signal), queueThere(asking, new AbortController().signal)];
  stop.abort();
  assert.equal(await stopped, null);
  await line.join();
  const server = await found;
  assert.equal((await server?.pool.query('select 1 as one'))?.rows[0].one, 1);
  await server?.close();
});
