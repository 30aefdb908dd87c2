import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import { simulate } from '../../../src/backtest/engine.ts';
import type { RalphError } from '../../../src/base/errors.ts';
import { DAY, MINUTE, rowsOf } from '../../../src/market/bars.ts';
import { readWindowFile, writeWindowFile } from '../../../src/market/window-file.ts';
import type { UniverseNow } from '../../../src/strategy/universe.ts';
import { csvOf, equityOf, returnsOf, tradesOf, writeSeries } from '../../../src/verbs/backtest/series.ts';
import { readSignals } from '../../../src/verbs/backtest/signals/file.ts';
import {
  aboutSignals,
  namesSignals,
  playSignals,
  readSignalsConfig,
  verdictOn,
} from '../../../src/verbs/backtest/signals/play.ts';
import { countsOf, scheduleOf } from '../../../src/verbs/backtest/signals/strategy.ts';
import { NEUTRAL, unitMarket } from '../../backtest/support.ts';
import { walk } from '../../backtest/universe/walk.ts';
import { shippedGates } from '../../gates/support.ts';

const ROOT = join(import.meta.dirname, '../../..');
const dir = mkdtempSync(join(tmpdir(), 'ralph-signals-'));
after(() => rmSync(dir, { recursive: true, force: true }));
const START = Date.UTC(2020, 0, 1);
const bars = { AAA: walk(1, 3 * 1440), BBB: walk(2, 3 * 1440) };
const range = { from: START + DAY, to: START + 3 * DAY };
const files = Object.entries(bars).map(([symbol, own]) => {
  const path = join(dir, `${symbol}.bars`);
  writeWindowFile(path, own, { symbol, range, warmupMs: DAY, provenance: 'test' });
  return path;
});
const market = {
  ...unitMarket({ kind: 'perpetual', takerBps: 5, slippageBps: 2 }, 1000, ['AAA', 'BBB']),
  sizing: { mode: 'fraction', fraction: 1 },
} as const;

const TRADES = 'time,symbol,weight\n2020-01-02T10:00:00Z,AAA,1\n2020-01-02T20:00:00Z,AAA,0\n';

/** A YAML and its file of signals, read. */
function config(csv: string, symbols = 'AAA, BBB') {
  writeFileSync(join(dir, 'own.csv'), csv);
  return readSignalsConfig(join(dir, 'own.yaml'), `signals: own.csv\nsymbols: [${symbols}]\n`);
}

describe('series of a backtest', () => {
  it('are CSV, or Parquet with the same rows where the name ends so', async () => {
    const [{ result }] = playSignals(config(TRADES), [files], market);
    for (const [name, columns] of Object.entries({
      trades: tradesOf(result, ['AAA', 'BBB']),
      returns: returnsOf(result, 'own'),
      equity: equityOf(result),
    })) {
      const path = join(dir, `${name}.parquet`);
      await writeSeries(path, columns);
      const rows = await parquetReadObjects({ file: await asyncBufferFromFile(path) });
      const lines = csvOf(columns).trim().split('\n');
      assert.deepEqual(Object.keys(rows[0]), lines[0].split(','));
      const iso = (value: unknown) => (value instanceof Date ? value.toISOString() : String(value));
      const texts = rows.map((row) => Object.values(row).map(iso));
      const wanted = lines
        .slice(1)
        .map((line) =>
          line.split(',').map((cell) => (/^\d{4}-\d\d-\d\d$/.test(cell) ? `${cell}T00:00:00.000Z` : cell)),
        );
      assert.deepEqual(texts, wanted, name);
    }
  });
});

describe('signals from a file', () => {
  it('are played by the names of the file where strategies see handles', () => {
    const own = config(TRADES);
    const [{ result }] = playSignals(own, [files], { ...market, anonymous: true });
    assert.deepEqual(result.fills, playSignals(own, [files], market)[0].result.fills);
    assert.equal(result.fillCount, 2);
  });

  it('are counted before the window, in it, and behind the last bar of their symbol', () => {
    const rows = (...hours: number[]) => hours.map((hour) => ({ time: START + hour * 60 * MINUTE, weight: 1 }));
    const signals = new Map([
      ['AAA', rows(1, 30, 72)],
      ['BBB', rows(2, 30, 60)],
    ]);
    const [whole, short] = files.map(readWindowFile);
    // It ends after two days.
    const dead = { ...short, bars: rowsOf(short.bars, 0, 2 * 1440) };
    assert.deepEqual(countsOf(signals, [whole, dead]), { before: 2, inside: 2, after: 2 });
    assert.deepEqual(countsOf(signals, [dead, whole]), { before: 2, inside: 2, after: 2 });
  });

  it('play as the strategy that gave them, fill by fill, stops and targets too', () => {
    const lines = ['time,symbol,weight,stop,target'];
    const decide = ({ symbols }: UniverseNow) => {
      for (const s of symbols) {
        const { time } = s as typeof s & { time: number };
        if (!s.live || (time / MINUTE / 15) % 7 !== (s.name === 'AAA' ? 1 : 4)) continue;
        const weight = s.position === 0 ? (s.close > s.open ? 0.5 : -0.5) : 0;
        const [stop, target] = [s.close * (1 - 0.004 * Math.sign(weight)), s.close * (1 + 0.006 * Math.sign(weight))];
        if (weight === 0) s.flat();
        else s.target(weight, { stop, target });
        lines.push(
          [new Date(time).toISOString(), s.name, weight || 'flat', ...(weight ? [stop, target] : ['', ''])].join(),
        );
      }
    };
    const data = Object.entries(bars).map(([symbol, own]) => ({ symbol, bars: own, range }));
    const strategy = {
      family: 'u',
      hypothesis: 'n',
      timeframe: '15m',
      params: {},
      warmup: 0,
      universe: true,
      decide,
    } as never;
    const truth = simulate(strategy, data, NEUTRAL, market);
    const [{ result }] = playSignals(config(`${lines.join('\n')}\n`), [files], market);
    assert.ok(truth.fillCount > 20, String(truth.fillCount));
    assert.ok(
      truth.fills!.some(({ reason }) => reason === 'stop') && truth.fills!.some(({ reason }) => reason === 'target'),
    );
    assert.deepEqual(result.fills, truth.fills);
    assert.equal(result.equityFingerprint, truth.equityFingerprint);
  });

  it('act at their time, once; the last one before the window holds at its start', () => {
    const at = (ms: number) => new Date(ms).toISOString();
    const own = config(
      `time,weight\n${at(START)},-1\n${at(START + 90 * MINUTE)},long\n${at(range.from + 1000 * MINUTE)},0\n`,
      'AAA',
    );
    const [{ result }] = playSignals(own, [files.slice(0, 1)], market);
    const [first, last] = result.fills!;
    assert.equal(result.fills!.length, 2);
    assert.ok(first.quantity > 0 && first.time >= range.from && first.time <= range.from + 5 * MINUTE);
    assert.ok(last.time >= range.from + 1000 * MINUTE && last.time < range.from + 1010 * MINUTE);
  });

  it('fill at the open of the first bar at their time or after it, whatever else is in the file', () => {
    const minutes = [-600, -5, 0, 3, 17, 18, 30];
    const times = Float64Array.from(minutes, (minute) => START + DAY + 600 * MINUTE + minute * MINUTE);
    const gaps = { ...rowsOf(bars.AAA, 0, minutes.length), time: times };
    const path = join(dir, 'gaps.bars');
    writeWindowFile(path, gaps, { symbol: 'AAA', range, warmupMs: 0, provenance: 'test' });
    const iso = (minute: number) => new Date(START + DAY + (600 + minute) * MINUTE).toISOString();
    const filled = (...signals: [minute: number, weight: number][]) => {
      const csv = `time,weight\n${signals.map(([minute, weight]) => `${iso(minute)},${weight}\n`).join('')}`;
      const [{ result, overtaken }] = playSignals(config(csv, 'AAA'), [[path]], market);
      const fills = result.fills!.map(({ time, price }) => {
        const bar = times.indexOf(time);
        assert.ok(Math.abs(price / gaps.open[bar] - 1) < 0.001, `${price} is not the open ${gaps.open[bar]}`);
        return minutes[bar];
      });
      return { fills, overtaken };
    };
    for (const [minute, bar] of [
      [-4, 0],
      [0, 0],
      [1, 3],
      [3, 3],
      [3.5, 17],
      [17.2, 18],
    ]) {
      assert.deepEqual(filled([minute, 1]), { fills: [bar], overtaken: 0 }, `${minute} alone`);
      const among = filled([-7, 0.5], [minute, 1], [29.9, 0]);
      assert.deepEqual(among, { fills: [-5, bar, 30], overtaken: 0 }, `${minute} among others`);
    }
    assert.deepEqual(filled([4, 1], [9, -1], [12, 0.5]), { fills: [17], overtaken: 2 });
    // The first bar of a window without warm-up is only looked at.
    assert.deepEqual(filled([-700, 1]), { fills: [-5], overtaken: 0 });
    assert.deepEqual(filled([-600, 1], [-5, 0.5]), { fills: [-5], overtaken: 1 });
    assert.equal(scheduleOf(new Map(), [readWindowFile(path)]).timeframe, '1m');
  });

  it('are judged by the gates that can be asked of a file, and what cannot is said', async () => {
    const own = config(TRADES);
    const verdict = await verdictOn(own, files, market, shippedGates());
    assert.equal(verdict.passed, false);
    assert.ok(verdict.gates.some(({ gate, passed }) => gate === 'train.trades' && !passed));
    for (const stage of ['causality', 'null', 'neighbours', 'selection'] as const)
      assert.ok(verdict.unasked.includes(stage));
    const about = aboutSignals(own, verdict, 0);
    assert.match(about.says, /Unknown: whether a signal was made with later prices/);
    assert.match(about.sha256, /^[0-9a-f]{64}$/);
    assert.equal(about.rows, 2);
  });

  for (const [what, csv, expected] of [
    ['no header', '1577836800000,1\n', /line 1: unknown column "1577836800000"/],
    [
      'a day without dashes',
      'time,symbol,weight\n20200102,AAA,1\n',
      /line 2: time "20200102" is read as 1970-08-22 .*from 1990-01-01 on/,
    ],
    ['a misspelt column', 'time,wieght\n', /line 1: unknown column "wieght" \(did you mean "weight"\?\)/],
    ['no symbol where there are two', 'time,weight\n2020-01-02,1\n', /expected a header with symbol/],
    ['a column twice', 'time,symbol,weight,weight\n', /weight stands twice/],
    ['an unknown symbol', 'time,symbol,weight\n2020-01-02,CCC,1\n', /line 2: symbol "CCC": expected one of AAA, BBB/],
    ['a time that is none', 'time,symbol,weight\n2020-01-02,AAA,1\nsoon,AAA,1\n', /line 3: time "soon"/],
    [
      'a weight beyond 1',
      'time,symbol,weight\n2020-01-02,AAA,1.5\n',
      /line 2: weight "1.5": expected -1 to 1, or long/,
    ],
    ['a weight that is none', 'time,symbol,weight\n2020-01-02,AAA,\n', /line 2: weight ""/],
    [
      'falling times',
      'time,symbol,weight\n2020-01-03,AAA,1\n2020-01-02,BBB,1\n2020-01-02,AAA,0\n',
      /line 4: time 2020-01-02 of AAA is not after/,
    ],
    ['too few cells', 'time,symbol,weight\n2020-01-02,AAA\n', /line 2: 2 cells, expected 3/],
    ['a stop below 0', 'time,symbol,weight,stop\n2020-01-02,AAA,1,-5\n', /line 2: stop "-5": expected a price above 0/],
    ['nothing', 'time,symbol,weight\n', /it has no signals/],
    ['an empty file', '', /own.csv is refused\n {2}it is empty$/],
    ['a file of empty lines', '\uFEFF\r\n\n', /it is empty$/],
    ['an empty first line', '\ntime,symbol,weight\n2020-01-02,AAA,1\n', /line 1 is empty: expected the header there/],
    ['a column without a name', 'time,symbol,weight,\n', /line 1: column 4 has no name/],
    ['every bad line', `time,symbol,weight\n${'x,AAA,1\n'.repeat(9)}`, /line 9: .*\n {2}and 1 more lines/],
  ] as const) {
    it(`${what} is refused with its line`, () => {
      assert.throws(
        () => readSignals(csv, 'own.csv', ['AAA', 'BBB']),
        (error: RalphError) => expected.test(error.message) || assert.fail(error.message),
      );
    });
  }

  it('in a packed file, or in another encoding, are refused without showing it', () => {
    const csv = 'time,weight\n2020-01-02,1\n';
    for (const [bytes, expected] of [
      [gzipSync(csv), /^bytes.csv is packed with gzip$/],
      [Buffer.from(`\uFEFF${csv}`, 'utf16le'), /^bytes.csv is text in UTF-16$/],
      [Buffer.from(csv, 'utf16le'), /^bytes.csv is no text in UTF-8$/],
      [Buffer.from(`${csv}# d\xe9but\n`, 'latin1'), /^bytes.csv is no text in UTF-8$/],
    ] as const) {
      writeFileSync(join(dir, 'bytes.csv'), bytes);
      assert.throws(
        () => readSignalsConfig(join(dir, 'own.yaml'), 'signals: bytes.csv\nsymbols: [AAA]\n'),
        (error: RalphError) => expected.test(error.message) || assert.fail(error.message),
      );
    }
  });

  it('the verb plays them, and names what is wrong with its YAML', () => {
    assert.ok(namesSignals('# x\nsignals: a.csv\n') && !namesSignals('strategy: signals.ts\n'));
    const { length, time, open, high, low, close, volume } = bars.AAA;
    const rows = Array.from({ length }, (_, i) => [time[i], open[i], high[i], low[i], close[i], volume[i]].join());
    writeFileSync(join(dir, 'bars.csv'), `time,open,high,low,close,volume\n${rows.join('\n')}\n`);
    writeFileSync(join(dir, 'own.csv'), 'time,weight\n2020-01-01T10:00:00Z,long\n2020-01-02T10:00:00Z,exit\n');
    writeFileSync(join(dir, 'own.yaml'), 'signals: own.csv\nsymbols: [BTCUSD]\n');
    const backtest = (...args: string[]) =>
      spawnSync(process.execPath, ['ralph.ts', 'backtest', join(dir, 'own.yaml'), ...args], { cwd: ROOT });
    const { stdout, stderr, status } = backtest('--bars', join(dir, 'bars.csv'), '--json');
    assert.equal(status, 0, String(stderr));
    const { report, fills, signals } = JSON.parse(String(stdout));
    assert.deepEqual([report.trades, fills[0].reason, signals.rows, signals.passed], [1, 'market', 2, false]);
    assert.throws(
      () => readSignalsConfig('own.yaml', 'signals: a.csv\nsymbol: [A]\n'),
      ({ message, remedy }: RalphError) =>
        /unknown key "symbol" \(did you mean "symbols"\?\)/.test(message) && /^Write it as signals: /.test(remedy),
    );
    assert.throws(
      () => readSignalsConfig(join(dir, 'x.yaml'), 'signals: no.csv\nsymbols: [AAA]\n'),
      /cannot read the signals .*no.csv/,
    );
  });
});
