import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { after, before, test } from 'node:test';
import { type Bars, DAY, MINUTE } from '../../../src/market/bars.ts';
import { openDatabase } from '../../../src/market/database.ts';
import { storeBars } from '../../../src/market/store/store-bars.ts';
import { walk } from './support.ts';

const ROOT = join(import.meta.dirname, '../../..');
const START = Date.UTC(2014, 0, 1);
let folder: string;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ralph-verb-'));
  const db = await openDatabase({ dataDir: join(folder, 'data') });
  try {
    await storeBars(db, 'BTCUSD', hourly(330 * 24), 'test');
  } finally {
    await db.close();
  }
  // The harness names its data by a path relative to where it is started.
  const symbols = `symbols:\n  BTCUSD: { kind: spot, makerBps: 5, takerBps: 10, slippageBps: 1, tick: 0.01, lot: 0.00000001 }\n`;
  const dataDir = relative(ROOT, join(folder, 'data'));
  writeFileSync(
    join(folder, 'market.yaml'),
    `dataDir: ${dataDir}\ncash: 1000000\nsizing: { mode: fraction, fraction: 1 }\n${symbols}`,
  );
  const range = (from: number, to: number) => `{ from: ${day(from)}, to: ${day(to)} }`;
  writeFileSync(
    join(folder, 'windows.yaml'),
    `train: ${range(20, 210)}\nselection: [${range(215, 245)}, ${range(245, 275)}]\nholdout: ${range(280, 320)}\nembargoDays: 5\nwarmupDays: 10\n`,
  );
});
after(() => rmSync(folder, { recursive: true, force: true }));

/** A bar an hour: minutes without a trade are absent, so that this is a thin market and not a coarse one. */
function hourly(length: number): Bars {
  const bars = walk(length, 3);
  return { ...bars, time: bars.time.map((_, i) => START + i * 60 * MINUTE) };
}

function day(index: number): string {
  return new Date(START + index * DAY).toISOString().slice(0, 10);
}

const HOLD = join(ROOT, 'strategies', 'library', 'buy-and-hold.yaml');

function start(window: string, yaml = HOLD) {
  return spawnSync(process.execPath, ['ralph.ts', 'backtest', yaml, '--window', window, '--config', folder, '--json'], {
    cwd: ROOT,
    env: { ...process.env, DATABASE_URL: undefined },
  });
}

function backtest(window: string, yaml = HOLD) {
  const { status, stdout, stderr } = start(window, yaml);
  assert.equal(status, 0, stderr.toString());
  return { value: JSON.parse(stdout.toString()), stderr: stderr.toString() };
}

test('train and the folds come from the database and are frozen', () => {
  const train = backtest('train').value;
  assert.equal(train.bars, 190 * 24);
  assert.ok(train.fills.length >= 1);
  assert.match(train.equityFingerprint, /^[0-9a-f]{64}$/);
  const folds = backtest('selection');
  assert.equal(folds.value.bars, 60 * 24);
  assert.equal(folds.value.report.folds.length, 2);
  assert.match(folds.stderr, /for your eyes/);
  assert.ok(readdirSync(join(folder, 'data', 'windows')).length >= 4);
});

test('a set is played whatever the others are; one that is not there, or has no member then, is refused', () => {
  const market = readFileSync(join(folder, 'market.yaml'), 'utf8');
  const sets = `universes:
  coins: { members: [BTCUSD] }
  later: { members: [{ symbol: BTCUSD, from: 2018-01-01 }] }
  liquid: { top: 1, days: 90, of: [DEADUSD] }
`;
  const dead = market.replace(
    'symbols:\n',
    'symbols:\n  DEADUSD: { kind: spot, tick: 0.01, lot: 0.00000001, makerBps: 5, takerBps: 10, slippageBps: 1 }\n',
  );
  writeFileSync(join(folder, 'market.yaml'), dead + sets);
  writeFileSync(
    join(folder, 'all.ts'),
    `import { defineStrategy } from 'ralph/strategy';
export default defineStrategy({ universe: true, family: 'all', hypothesis: 'none', timeframe: '1d', params: {}, warmup: 1,
  decide(now) { for (const each of now.symbols) each.target(1); } });
`,
  );
  const of = (set: string) => {
    const yaml = join(folder, `${set}.yaml`);
    writeFileSync(yaml, `strategy: all.ts\nuniverse: ${set}\n`);
    return yaml;
  };
  const { value } = backtest('train', of('coins'));
  assert.ok(value.fills.length > 0);
  assert.deepEqual(
    value.coverage.map(({ symbol, bars, share }: Record<string, unknown>) => [symbol, bars, Number(share).toFixed(3)]),
    [['BTCUSD', 190 * 24, (1 / 60).toFixed(3)]],
  );
  const refused = (set: string) => start('train', of(set)).stderr.toString();
  assert.match(refused('coin'), /market.yaml has no set coin; it has coins, later, liquid/);
  assert.match(refused('later'), /later has no member from 2014-01-21 to 2014-07-30/);
  writeFileSync(join(folder, 'market.yaml'), market);
});
