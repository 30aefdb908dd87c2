import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { simulate } from '../../src/backtest/engine.ts';
// Leads the strategy's import of ralph/strategy to the checkout.
import '../../src/lab/calibrate/spaces.ts';
import { makeProject, type Project, serve, simulatedBars } from '../../src/lab/project.ts';
import { until } from '../../src/lab/until.ts';
import { MINUTE } from '../../src/market/bars.ts';
import { readMarketConfig } from '../../src/market/config.ts';
import { readWindowsConfig } from '../../src/market/windows.ts';
import { type Signal, signalOf } from '../../src/task/trading/signals/signal.ts';
import { PLAIN, strategySource, writer } from '../loop/brains.ts';

const PATIENT = ['--max-age', '999999999'];

let project: Project;
before(async () => {
  project = await makeProject({ databaseStays: true });
});
after(() => project.remove());

async function signals(...args: string[]) {
  const run = await project.ralph(['signals', '--tag', 'one', '--json', ...args]);
  return { exitCode: run.exitCode, value: JSON.parse(String(run.stdout)), said: String(run.all) };
}

test('the signal of a trial is where its backtest stands, carried on to the newest bar of the database', async (t) => {
  const server = await serve(t, writer([strategySource(PLAIN)]));
  const args = ['run', '--tag', 'one', '--cycles', '1', '--config', 'config/test'];
  const run = await project.ralph(args, { RALPH_BASE_URL: server.baseUrl });
  assert.equal(run.exitCode, 0, String(run.all));
  const { exitCode, value, said } = await signals('0001-1', '--capital', '5000', ...PATIENT);
  assert.equal(exitCode, 0, said);
  const [signal] = value as Signal[];
  // Another way to the same place: no database, no window file, no evaluation process.
  const market = readMarketConfig(join(project.dir, 'config/test/market.yaml'));
  const { train, warmupMs } = readWindowsConfig(join(project.dir, 'config/test/windows.yaml'));
  const bars = simulatedBars();
  const source = join(project.dir, 'runs/one/cycles/0001/candidate-1.ts');
  const { default: strategy } = await import(source);
  assert.ok(bars.time[0] <= train.from - warmupMs);
  const [event] = project.events('one').filter(({ type }) => type === 'trial.started');
  const result = simulate(
    strategy,
    [{ symbol: 'SIMUSD', bars, range: { from: train.from, to: bars.time[bars.length - 1] + MINUTE } }],
    {
      params: event.type === 'trial.started' ? event.params : {},
      scenario: { name: 'base', costMultiplier: 1, delayBars: 0, missEvery: 0 },
      detail: 'full',
    },
    market,
  );
  assert.ok(result.fillCount > 10);
  const trial = { trial: '0001-1', candidate: 'candidate-1', family: 'test-family', outcome: signal.outcome };
  const expected = signalOf({ trial, result, market, capital: 5000, interval: MINUTE, now: 0, changed: [] });
  assert.deepEqual({ ...signal, ageMinutes: 0 }, { ...expected, ageMinutes: 0 });
});

test('bars that are too old are an error and no signal; a trial that is not there is named', async () => {
  const stale = await signals('0001-1');
  assert.equal(stale.exitCode, 1);
  assert.match(stale.value.error, /no signal of 0001-1: the newest bar of SIMUSD ended at 2021-09-18T00:00:00.000Z/);
  assert.match(stale.value.expected, /at most 2 h old/);
  assert.match(stale.value.remedy, /data ingest/);
  const none = await signals('0009-1', ...PATIENT);
  assert.deepEqual([none.exitCode, /no trial "0009-1"/.test(none.value.error)], [2, true]);
  const discarded = await signals(...PATIENT);
  assert.deepEqual(
    [discarded.exitCode, discarded.value],
    [0, []],
    'what was discarded is no signal unless it is named',
  );
});

test('--follow delivers what its receiver refused at the next look, and says nothing twice', async (t) => {
  const received: Signal[][] = [];
  let asked = 0;
  const receiver = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    asked += 1;
    if (asked > 1) received.push(JSON.parse(Buffer.concat(chunks).toString()));
    response.writeHead(asked > 1 ? 204 : 503).end();
  }).listen(0, '127.0.0.1');
  t.after(() => receiver.close());
  const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`;
  const args = ['signals', '0001-1', '--tag', 'one', '--follow', '--every', '1', '--post', url, ...PATIENT];
  const follow = project.ralph(args);
  let said = '';
  follow.all.on('data', (chunk) => (said += chunk));
  await until('the second delivery is taken', () => received.length === 1);
  follow.kill('SIGINT');
  await follow;
  assert.equal(received[0][0].trial, '0001-1');
  assert.match(said, /did not reach their receiver: HTTP 503; looking again every 1 s/);
  assert.equal(said.split('0001-1 candidate-1').length, 2, said);
});
