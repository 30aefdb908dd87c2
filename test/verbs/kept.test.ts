import assert from 'node:assert/strict';
import { once } from 'node:events';
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { simulate } from '../../src/backtest/engine.ts';
// Leads the strategy's import of ralph/strategy to the checkout.
import '../../src/lab/calibrate/search/spaces.ts';
import { configWith, makeProject, type Project, serve, simulatedBars } from '../../src/lab/project.ts';
import { until } from '../../src/lab/until.ts';
import { MINUTE } from '../../src/market/bars.ts';
import { readMarketConfig } from '../../src/market/config.ts';
import { readWindowsConfig } from '../../src/market/windows.ts';
import type { Tape } from '../../src/page/tape.ts';
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
  await once(receiver, 'listening');
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

test('the page shows the trades of a trial on bars of train alone, and warns where other machines can reach it', async () => {
  const page = project.ralph(['page', '--tag', 'one', '--listen', '0.0.0.0']);
  let said = '';
  page.all.on('data', (chunk) => (said += chunk));
  await until('the address is printed', () => /http:\S+/.test(said));
  assert.match(said, /Warning: 0\.0\.0\.0 can be reached from other machines/);
  const address = /http:\S+/.exec(said)![0];
  const get = async (query: string) => {
    const response = await fetch(`${address}tape/${query}`);
    return { status: response.status, body: (await response.json()) as Tape & { error?: string } };
  };
  const { train } = readWindowsConfig(join(project.dir, 'config/test/windows.yaml'));
  const { status, body: newest } = await get('0001-1');
  assert.equal(status, 200, String(newest.error));
  const [trade] = newest.trades;
  assert.ok(newest.from <= trade.entryAt && trade.exitAt < newest.to, 'the newest trade is in sight');
  assert.ok(newest.fills.some(({ at, price }) => at === trade.exitAt && price === trade.exitPrice));
  const wide = (await get(`0001-1?from=0&to=${8.64e15}`)).body;
  assert.deepEqual([wide.from, wide.to], [train.from, train.to], 'what lies outside of train is not shown');
  assert.ok(wide.times.every((time) => time * 1000 < train.to) && wide.times.length <= 400);
  // The candles of the simulated bars, made here another way.
  const bars = simulatedBars();
  const inDay = [...bars.time.keys()].filter((i) => bars.time[i] >= train.from && bars.time[i] < train.to);
  assert.equal(
    Math.max(...wide.high),
    inDay.reduce((most, i) => Math.max(most, bars.high[i]), 0),
  );
  assert.equal(wide.close.at(-1), bars.close[inDay.at(-1) ?? -1]);
  assert.equal((await get('0009-1')).status, 404);
  page.kill('SIGINT');
  assert.equal((await page).exitCode, 0);
});

test('an exported trial is reproduced in another checkout from its folder alone, and a changed one is not', async (t) => {
  const folder = join(project.dir, 'exported');
  const run = await project.ralph(['export', '0001-1', folder, '--tag', 'one', '--json']);
  assert.equal(run.exitCode, 0, String(run.all));
  const { files } = JSON.parse(String(run.stdout)) as { files: string[] };
  for (const name of ['LICENSE', 'README.md', 'candidate/candidate-1.ts', 'config/gates.yaml', 'run/journal.jsonl'])
    assert.ok(files.includes(name), name);
  const [head, ...days] = lines(join(folder, 'daily-returns.csv'));
  assert.equal(head, 'date,candidate-1');
  assert.deepEqual([days.length, days[0].slice(0, 11)], [190, '2021-01-11,']);
  const trial = JSON.parse(readFileSync(join(folder, 'trial.json'), 'utf8'));
  assert.equal(lines(join(folder, 'trades.csv')).length - 1, trial.metrics.trades);

  const other = await makeProject({ databaseStays: true });
  t.after(() => other.remove());
  const received = join(other.dir, 'received');
  cpSync(folder, received, { recursive: true });
  rmSync(join(project.dir, 'exported'), { recursive: true });
  const check = async () => {
    const { exitCode, stdout } = await other.ralph(['reproduce', '--from', received, '--json']);
    return { exitCode, ...JSON.parse(String(stdout)) };
  };
  const checked = await check();
  assert.deepEqual([checked.exitCode, checked.same, checked.changed], [0, true, []], JSON.stringify(checked));
  const gates = join(received, 'config/gates.yaml');
  writeFileSync(gates, readFileSync(gates, 'utf8').replace(/^( {2}maxDrawdown: ).*$/m, '$10.0001'));
  const stricter = await check();
  assert.deepEqual(
    [stricter.exitCode, stricter.same, stricter.changed],
    [1, false, ['gates']],
    JSON.stringify(stricter),
  );
});

test('a trial that the gates of today judge otherwise is not exported', async () => {
  const config = configWith(project, 'strict', 'gates.yaml', (gates) =>
    gates.replace(/^( {2}maxDrawdown: ).*$/m, '$10.0001'),
  );
  const run = await project.ralph(['export', '0001-1', join(project.dir, 'refused'), '--tag', 'one', ...config]);
  assert.equal(run.exitCode, 1);
  assert.match(String(run.all), /0001-1 is not what it was: \w+ then, \w+ now\n-> Changed since then: gates/);
  assert.deepEqual(readdirSync(join(project.dir, 'refused')), []);
});

test('export writes into an empty folder only, and reproduce --from takes nothing else', async () => {
  const full = await project.ralph(['export', '0001-1', project.dir, '--tag', 'one']);
  assert.deepEqual([full.exitCode, /is not empty/.test(String(full.all))], [2, true]);
  const none = await project.ralph(['reproduce', '--from', join(project.dir, 'config')]);
  assert.deepEqual([none.exitCode, /holds no exported trial/.test(String(none.all))], [2, true]);
});

function lines(path: string): string[] {
  return readFileSync(path, 'utf8').trimEnd().split('\n');
}

test('an exported folder of a stranger starts no program and writes nowhere but in the project', async () => {
  const folder = join(project.dir, 'strange');
  cpSync(join(project.dir, 'config/test'), join(folder, 'config'), { recursive: true });
  writeFileSync(join(folder, 'trial.json'), '{"trial":"0001-1"}');
  const asked = () => project.ralph(['reproduce', '--from', folder]);
  const [ralph, market] = ['ralph', 'market'].map((name) => join(folder, 'config', `${name}.yaml`));
  const [settings, costs] = [ralph, market].map((path) => readFileSync(path, 'utf8'));
  writeFileSync(market, costs.replace(/^dataDir: .*$/m, 'dataDir: ../elsewhere'));
  const outside = await asked();
  assert.deepEqual([outside.exitCode, /lies outside of this project/.test(String(outside.all))], [2, true]);
  const task = { command: ['touch'], file: 'a', goal: 'b', better: 'higher', keepAt: 1, timeoutSeconds: 1 };
  writeFileSync(ralph, settings.replace(/^task:.*$/m, `task: ${JSON.stringify(task)}`));
  const program = await asked();
  assert.deepEqual([program.exitCode, /starts a program of its own/.test(String(program.all))], [2, true]);
});
