import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { PACKAGE_ROOT } from '../../src/base/roots.ts';
import type { EventOf } from '../../src/journal/events.ts';
import { simulateTogether } from '../../src/lab/calibrate/markets/together.ts';
import {
  configWith,
  MARKET_START,
  makeProject,
  type Project,
  serve,
  takeCanariesAsSent,
} from '../../src/lab/project.ts';
import type { Brain } from '../../src/lab/server/brain.ts';
import { barsBetween, DAY } from '../../src/market/bars.ts';
import { openDatabase } from '../../src/market/database.ts';
import { storeBars } from '../../src/market/store/store-bars.ts';
import { writer } from './brains.ts';

const COINS = ['SIMA', 'SIMB', 'SIMC'];
let project: Project;
let config: string[];
before(async () => {
  project = await makeProject();
  const market = readFileSync(join(project.dir, 'config/test/market.yaml'), 'utf8');
  const costs = /^ {2}SIMUSD:\n((?: {4}.*\n)+)/m.exec(market)![1];
  const symbols = COINS.map((symbol) => `  ${symbol}:\n${costs}`).join('');
  const set = `universes:\n  coins: { members: [SIMA, SIMB, { symbol: SIMC, from: ${isoDay(60)} }] }\n`;
  config = configWith(project, 'set', 'market.yaml', (text) => `${text}${symbols}${set}`);
  takeCanariesAsSent(project, 'config/set');
  const series = simulateTogether({
    seed: 'set',
    symbols: COINS,
    start: MARKET_START,
    minutes: 260 * 1440,
    annualVolatility: 0.7,
  });
  const database = await openDatabase({ dataDir: join(project.dir, '.data/demo') });
  for (const symbol of COINS) {
    // One dies in the middle of train.
    const last = MARKET_START + (symbol === 'SIMB' ? 120 : 260) * DAY;
    const bars = barsBetween(series[symbol], MARKET_START, last);
    await storeBars(database, symbol, bars, 'test', { aggregates: false });
  }
  await database.close();
});
after(() => project?.remove());

/** Writes a ranking of the set, in another direction in each session. */
function ranker(): Brain {
  const source = readFileSync(join(PACKAGE_ROOT, 'strategies/universe/rank-momentum.ts'), 'utf8').replace(
    'universe-rank-momentum',
    'test-family',
  );
  const write = writer([source, source.replace('s.speed > 0', 's.speed < 0').replace('? s.speed', '? -s.speed')]);
  return async (seen) => {
    const turn = await write(seen);
    const calls = turn.calls?.map((call) =>
      call.name === 'write_candidate'
        ? {
            ...call,
            args: { ...call.args, yaml: `strategy: ${call.args.name}.ts\nuniverse: coins\nparams: { days: 3 }\n` },
          }
        : call,
    );
    return { ...turn, calls };
  };
}

test('a run searches a set with a member that comes late and one that dies, and all is there again afterwards', async (t) => {
  const { baseUrl } = await serve(t, ranker());
  const run = await project.ralph(['run', '--tag', 'set', '--seed', '1', '--cycles', '2', ...config], {
    RALPH_BASE_URL: baseUrl,
  });
  const said = String(run.all);
  assert.equal(run.exitCode, 0, said);
  assert.match(said, /SIMB, a member of a set, has no bars in selection fold 1, holdout: it stays a member/);
  const finished = project.events('set').filter(({ type }) => type === 'trial.finished') as EventOf<'trial.finished'>[];
  assert.equal(finished.length, 2, said);
  for (const { trial, symbols, gates } of finished) {
    assert.ok(
      gates.some(({ stage }) => stage === 'train'),
      `${trial}: ${gates.map(({ message }) => message).join('; ')}`,
    );
    assert.deepEqual(symbols?.map(({ symbol }) => symbol).sort(), COINS);
  }
  const verify = await project.ralph(['verify', '--tag', 'set']);
  assert.match(String(verify.all), /ok: 2 cycles, 2 trials/);
  const again = await project.ralph(['reproduce', '0001-1', '--tag', 'set', ...config]);
  assert.match(String(again.all), /^0001-1: the same$/m);
  assert.match(String(again.all), /holdout 2021-08-20 to 2021-09-18 has no bars/);
  const report = await project.ralph(['report', '--tag', 'set']);
  for (const symbol of COINS) assert.match(String(report.all), new RegExp(`\\b${symbol}\\b`));
});

function isoDay(offset: number): string {
  return new Date(MARKET_START + offset * DAY).toISOString().slice(0, 10);
}
