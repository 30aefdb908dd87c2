import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { EXIT, RalphError } from '../../../src/base/errors.ts';
import { backtest as run } from '../../../src/verbs/backtest.ts';
import { parse } from '../../../src/verbs/table/parse.ts';
import { VERBS } from '../../../src/verbs/table/table.ts';
import { walk } from './support.ts';

const ROOT = join(import.meta.dirname, '../../..');
let folder: string;
let candidate: string;
let bars: string;

const STRATEGY = `import { defineStrategy, ema } from 'ralph/strategy';
export default defineStrategy({
  family: 'verb-test',
  hypothesis: 'none',
  timeframe: '15m',
  params: { fast: 5, slow: 20 },
  warmup: (p) => p.slow,
  indicators: ({ close }, p) => ({ fast: ema(close, p.fast), slow: ema(close, p.slow) }),
  decide(now) {
    if (now.fast > now.slow && now.position <= 0) now.target(1);
    if (now.fast < now.slow && now.position > 0) now.flat();
  },
});
`;

before(() => {
  folder = mkdtempSync(join(tmpdir(), 'ralph-verb-'));
  candidate = join(folder, 'verb.yaml');
  writeFileSync(candidate, 'strategy: verb.ts\nsymbols: [BTCUSD]\nparams: { slow: 25 }\n');
  writeFileSync(join(folder, 'verb.ts'), STRATEGY);
  const { length, time, open, close, high, low, volume } = walk(5_000, 5);
  const rows = Array.from({ length }, (_, i) => [time[i], open[i], close[i], high[i], low[i], volume[i]].join());
  bars = join(folder, 'bars.csv.gz');
  writeFileSync(bars, gzipSync(`${rows.join('\n')}\n`));
});
after(() => rmSync(folder, { recursive: true, force: true }));

/** The command in a process of its own. */
function backtest(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['ralph.ts', 'backtest', ...args], { cwd: ROOT });
  return { status, stdout: stdout.toString(), stderr: stderr.toString() };
}

/** What it throws in this process: the message, and its exit code. */
async function refusal(...args: string[]): Promise<{ message: string; exitCode: number }> {
  const play = async () => {
    const { options, words } = parse('backtest', VERBS.backtest, args);
    return run(options, words);
  };
  const thrown = await play().then(
    () => assert.fail('it went through'),
    (error: unknown) => error,
  );
  assert.ok(thrown instanceof RalphError, String(thrown));
  return { message: `${thrown.message} ${thrown.remedy}`, exitCode: thrown.exitCode };
}

test('a file of bars is played without a database, and twice the same', () => {
  const first = backtest(candidate, '--bars', bars, '--format', 'bitfinex', '--json');
  const table = backtest(candidate, '--bars', bars, '--format', 'bitfinex');
  assert.equal(first.status, 0, first.stderr);
  const value = JSON.parse(first.stdout);
  assert.deepEqual(Object.keys(value), [
    'report',
    'fills',
    'coverage',
    'equityFingerprint',
    'bars',
    'params',
    'milliseconds',
  ]);
  assert.deepEqual(value.params, { fast: 5, slow: 25 });
  assert.match(table.stdout, /^parameters: fast=5, slow=25$/m);
  assert.doesNotMatch(first.stderr, /sweep|tunes/);
  assert.equal(value.bars, 5_000);
  assert.equal(value.fills.length, value.report.fillCount);
  assert.ok(value.report.trades > 5, `${value.report.trades} trades`);
  assert.match(value.equityFingerprint, /^[0-9a-f]{64}$/);
  // Without --json a table for a person, of the same result.
  assert.match(table.stdout, /sharpe +-?\d/);
  assert.ok(table.stdout.includes(`5000 bars, ${value.fills.length} fills`), table.stdout);
  assert.ok(table.stdout.includes(value.equityFingerprint));
});

test('a backtest says that it does not play the sweep of a YAML, and tunes no range', () => {
  const path = join(folder, 'tuned.yaml');
  writeFileSync(path, 'strategy: tuned.ts\nsymbols: [BTCUSD]\nsweep: { slow: [15, 25] }\n');
  const source = STRATEGY.replace('fast: 5', 'fast: range(2, 12)').replace('ema }', 'ema, range }');
  writeFileSync(path.replace('yaml', 'ts'), source);
  const { stdout, stderr } = backtest(path, '--bars', bars, '--json');
  assert.match(stderr, /sweep: is for trials and was not played \(slow: \[15, 25\]\)/);
  assert.match(stderr, /^fast: a trial tunes them; here each is the middle of its range/m);
  assert.deepEqual(JSON.parse(stdout).params, { fast: 7, slow: 20 });
});

test('what a --config folder lacks is said, with the file that is read in its place', () => {
  const config = join(folder, 'config');
  mkdirSync(config);
  const args = [candidate, '--bars', bars, '--config', config, '--json'];
  const without = backtest(...args);
  assert.equal(without.status, 0, without.stderr);
  assert.ok(
    without.stderr.includes(`${config} has no market.yaml: it is taken from ${join(ROOT, 'config', 'market.yaml')}`),
    without.stderr,
  );
  copyFileSync(join(ROOT, 'config', 'market.yaml'), join(config, 'market.yaml'));
  assert.doesNotMatch(backtest(...args).stderr, /market.yaml/);
});

test('the holdout is not opened by a backtest', async () => {
  const { message, exitCode } = await refusal(candidate, '--window', 'holdout', '--json');
  assert.match(message, /holdout is not opened by a backtest, only by promote/);
  assert.equal(exitCode, EXIT.usage);
});

test('what is wrong is said with what to do, and the exit code', async () => {
  const cases: [string[], RegExp][] = [
    [[], /FILE\.yaml is missing/],
    [['nowhere.yaml'], /cannot read nowhere\.yaml/],
    [[candidate, '--window', 'all'], /--window takes train or selection/],
    [[candidate, '--bars', bars, '--bars', bars], /given 2 times/],
    [[candidate, '--bars', bars, '--format', 'xls'], /--format takes one of binance/],
    [[candidate, '--colour'], /colour/],
  ];
  for (const [args, expected] of cases) {
    const { message, exitCode } = await refusal(...args);
    assert.match(message, expected);
    assert.equal(exitCode, EXIT.usage);
  }
});

test('a refused candidate names line and rule', async () => {
  const inner = join(folder, 'refused');
  mkdirSync(inner, { recursive: true });
  const yaml = join(inner, 'verb.yaml');
  writeFileSync(join(inner, 'verb.ts'), STRATEGY.replace('now.flat()', 'now.flatten()'));
  writeFileSync(yaml, 'strategy: verb.ts\nsymbols: [BTCUSD]\nleverage: 5\n');
  assert.match((await refusal(yaml, '--bars', bars)).message, /line 3: "leverage" is refused/);
  writeFileSync(yaml, 'strategy: verb.ts\nsymbols: [BTCUSD]\n');
  const { message, exitCode } = await refusal(yaml, '--bars', bars);
  assert.equal(exitCode, EXIT.failed);
  assert.match(message, /11:\d+: Property 'flatten' does not exist/);
});

test('--sweep plays every point of a grid, ranks by plateau and draws it; a point is what a backtest of it is', () => {
  const map = join(folder, 'map.svg');
  const args = [candidate, '--bars', bars, '--json'];
  const swept = backtest(...args, '--sweep', 'fast=3..9:3,slow=15..35:10', '--map', map);
  assert.equal(swept.status, 0, swept.stderr);
  const { points } = JSON.parse(swept.stdout) as {
    points: { params: { fast: number; slow: number }; sharpe: number; plateau: number; trades: number }[];
  };
  assert.equal(points.length, 9);
  const at = (fast: number, slow: number) => points.find(({ params }) => params.fast === fast && params.slow === slow)!;
  const corner = [at(3, 15), at(6, 15), at(3, 25)].map(({ sharpe }) => sharpe).sort((a, b) => a - b);
  assert.equal(at(3, 15).plateau, corner[1]);
  assert.deepEqual(
    points.map(({ plateau }) => plateau),
    points.map(({ plateau }) => plateau).toSorted((a, b) => b - a),
  );
  const own = join(folder, 'own.yaml');
  writeFileSync(own, 'strategy: verb.ts\nsymbols: [BTCUSD]\nparams: { fast: 6, slow: 25 }\n');
  const [trades, returns, equity] = ['trades', 'returns', 'equity'].map((name) => join(folder, `${name}.csv`));
  const series = ['--trades', trades, '--returns', returns, '--equity', equity];
  const played = backtest(own, '--bars', bars, '--json', ...series);
  assert.equal(played.status, 0, played.stderr);
  const { report } = JSON.parse(played.stdout);
  assert.deepEqual([at(6, 25).sharpe, at(6, 25).trades], [report.sharpe, report.trades]);
  const lines = (file: string) => readFileSync(file, 'utf8').trim().split('\n');
  assert.equal(lines(trades).length - 1, report.trades);
  assert.deepEqual([lines(returns)[0], lines(returns).length - 1], ['date,verb', report.days]);
  assert.equal(Number(lines(equity).at(-1)!.split(',')[1]), report.finalEquity);
  assert.match(readFileSync(map, 'utf8'), /fast downwards, slow to the right/);
});

test('--sweep leaves out what `where` refuses, and names the point that fails beside the others', () => {
  const path = join(folder, 'picky.yaml');
  writeFileSync(path, 'strategy: picky.ts\nsymbols: [BTCUSD]\n');
  const throwing = `if (p.fast === 9 && p.slow === 20) throw new RangeError('too near');`;
  const source = (more: string) =>
    STRATEGY.replace('warmup:', `${more} warmup:`)
      .replace('decide(now) {', `decide(now, p) { ${throwing}`)
      .replace('fast: 5', 'fast: range(2, 80)')
      .replace('ema }', 'ema, range }');
  writeFileSync(path.replace('yaml', 'ts'), source('where: (p) => p.fast < p.slow,'));
  const map = join(folder, 'picky.svg');
  const args = [path, '--bars', bars, '--sweep', 'fast=3..27:6,slow=10..20:10', '--map', map];
  const swept = backtest(...args, '--json');
  assert.equal(swept.status, 0, swept.stderr);
  const { points, refused, failed } = JSON.parse(swept.stdout) as {
    points: { params: { fast: number; slow: number } }[];
    refused: number;
    failed: { params: object; message: string }[];
  };
  const names = points.map(({ params }) => `${params.fast} ${params.slow}`).sort();
  assert.deepEqual(names, ['15 20', '3 10', '3 20', '9 10']);
  assert.equal(refused, 5);
  assert.deepEqual(
    failed.map(({ params }) => params),
    [{ fast: 9, slow: 20 }],
  );
  assert.match(failed[0].message, /line \d+:\d+: RangeError: too near/);
  assert.match(swept.stderr, /1 of 10 points failed and have no figures:\n {2}fast=9 slow=20: line .*too near/);
  assert.equal(readFileSync(map, 'utf8').match(/#ccc/g)?.length, 6);
  const table = backtest(...args).stdout;
  assert.match(table, /^4 points, where refuses 5 further points, 1 failed; plateau/m);
  assert.doesNotMatch(table, /^\W*27 /m);
  const none = backtest(path, '--bars', bars, '--sweep', 'fast=60..70:5');
  assert.match(none.stderr, /where refuses each of the 3 points/);
  const all = backtest(path, '--bars', bars, '--sweep', 'fast=9..9:1');
  assert.deepEqual([all.status, /the sweep failed: fast=9: line .*too near/.test(all.stderr)], [EXIT.failed, true]);
});

test('files of different spans are played over the time of all, in any order; without a common time they are refused', async () => {
  const cut = (name: string, from: number, to: number) => {
    const { time, open, close, high, low, volume } = walk(9_000, 7);
    const rows = Array.from(time, (at, i) => [at, open[i], close[i], high[i], low[i], volume[i]].join());
    const path = join(folder, name);
    writeFileSync(path, rows.slice(from, to).join('\n'));
    return path;
  };
  const [early, whole, late] = [cut('early.csv', 0, 4_000), cut('whole.csv', 0, 9_000), cut('late.csv', 4_000, 9_000)];
  writeFileSync(
    join(folder, 'book.ts'),
    `import { defineStrategy } from 'ralph/strategy';
    export default defineStrategy({ universe: true, family: 'book', hypothesis: 'none', timeframe: '1h', params: {}, warmup: 1,
      decide(now) { for (const each of now.symbols) if (each.live) each.target(each.close > each.open ? 0.5 : 0.2); } });`,
  );
  const play = (symbols: string, ...files: string[]) => {
    const yaml = join(folder, 'two.yaml');
    writeFileSync(yaml, `strategy: book.ts\nsymbols: [${symbols}]\n`);
    return backtest(yaml, ...files.flatMap((file) => ['--bars', file]), '--format', 'bitfinex', '--json');
  };
  const figures = ({ stdout }: { stdout: string }) => {
    const { report, fills } = JSON.parse(stdout);
    return { from: report.from, days: report.days, equity: report.finalEquity, fills: fills.length };
  };
  const one = play('BTCUSD, LTCUSD', early, whole);
  const other = play('LTCUSD, BTCUSD', whole, early);
  assert.deepEqual(figures(one), figures(other));
  assert.equal(figures(one).days, 7);
  assert.match(one.stderr, /early.csv: bars from .* to .*\n.*whole.csv: bars from/);
  assert.match(one.stderr, /one whose bars end earlier is sold at its last/);
  const late1 = figures(play('BTCUSD, LTCUSD', late, whole));
  assert.deepEqual(late1, figures(play('LTCUSD, BTCUSD', whole, late)));
  for (const names of [
    ['BTCUSD', 'BTCUSD'],
    ['BTCUSD', 'ETHUSD'],
    ['BTCUSD', 'LTCUSD', 'ETHUSD'],
  ]) {
    const { message } = await refusal(
      join(folder, 'two.yaml'),
      '--bars',
      whole,
      ...names.flatMap((name) => ['--symbol', name]),
    );
    assert.match(message, /--symbol names BTCUSD, .*, and .*two.yaml trades BTCUSD, LTCUSD/);
  }
  const apart = play('BTCUSD, LTCUSD', early, late);
  assert.deepEqual([apart.status, /no time in common/.test(apart.stderr)], [EXIT.usage, true]);
});

for (const signal of ['SIGINT', 'SIGTERM'] as const)
  test(`${signal} ends a backtest of files, and no window file stays`, { timeout: 60_000 }, async () => {
    const own = mkdtempSync(join(folder, 'tmp-'));
    const left = () => readdirSync(own).filter((name) => name.startsWith('ralph-backtest-'));
    const args = [candidate, '--bars', bars, '--sweep', 'fast=1..100:1,slow=101..300:1'];
    const child = spawn(process.execPath, ['ralph.ts', 'backtest', ...args], {
      cwd: ROOT,
      env: { ...process.env, TMPDIR: own },
      stdio: 'ignore',
    });
    const ended = new Promise((resolve) => child.once('exit', (...how) => resolve(how)));
    while (left().every((name) => readdirSync(join(own, name)).length === 0)) await setTimeout(20);
    child.kill(signal);
    assert.deepEqual(await ended, [EXIT.interrupted, null]);
    assert.deepEqual(left(), []);
  });

test('a grid that means nothing is refused with its form, and held-back days are not swept', async () => {
  for (const [grid, said] of [
    ['fast', /no range of a parameter/],
    ['fast=9..3:1', /expected FROM up to TO, got 9 and 3/],
    ['fast=3..9:0', /expected a step above 0, got 0/],
    ['fast=5..40:-5', /"fast=5..40:-5": expected a step above 0, got -5/],
    ['fast=0..99999999999:1', /100000000000 points are more than 20000/],
    [`fast=0..${'9'.repeat(400)}:1`, /Infinity points are more than 20000/],
    ['quick=3..9:1', /no parameter "quick"/],
    ['fast=3..9:1,fast=3..9:1', /stands twice/],
    ['fast=0..1000:1,slow=0..1000:1', /more than 20000/],
  ] as const)
    assert.match((await refusal(candidate, '--bars', bars, '--sweep', grid)).message, said);
  const held = await refusal(candidate, '--sweep', 'fast=3..9:3', '--window', 'selection');
  assert.deepEqual([held.exitCode, /train alone/.test(held.message)], [EXIT.usage, true]);
  const folds = await refusal(candidate, '--window', 'selection', '--returns', 'x.csv');
  assert.deepEqual([folds.exitCode, /do not go into one file/.test(folds.message)], [EXIT.usage, true]);
  assert.match((await refusal(candidate, '--map', 'x.svg')).message, /--sweep is missing/);
  assert.match((await refusal(candidate, '--trades', 'x.json')).message, /ends in .csv or .parquet/);
  const twice = await refusal(candidate, '--trades', 'x.csv', '--equity', './x.csv');
  assert.match(twice.message, /--trades and --equity both name .\/x.csv/);
  const drawn = await refusal(candidate, '--sweep', 'fast=3..9:3,slow=15..35:10', '--map', 'm.png');
  assert.match(drawn.message, /--map m.png: expected a name that ends in .svg Name it m.png.svg/);
  mkdirSync(join(folder, 'taken.csv'), { recursive: true });
  for (const option of ['--trades', '--returns', '--equity']) {
    const taken = await refusal(candidate, '--bars', 'nowhere.csv', option, join(folder, 'taken.csv'));
    assert.match(taken.message, new RegExp(`^${option} .*taken.csv: expected the name of a file, and it is a folder`));
  }
  const three = await refusal(candidate, '--bars', bars, '--sweep', 'fast=3..9:3', '--map', 'x.svg');
  assert.match(three.message, /draws two parameters/);
});
