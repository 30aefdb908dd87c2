import assert from 'node:assert/strict';
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, beforeEach, test } from 'node:test';
import { execa } from 'execa';
import { until } from '../../../src/lab/until.ts';
import { downloadFromExchange } from '../../../src/market/download/exchange/download.ts';
import type { VenueName } from '../../../src/market/download/exchange/venues.ts';
import { startExchanges } from './helpers/exchanges.ts';
import { barsOf, fundingOf, LISTED, NOW } from './helpers/traded.ts';

const server = await startExchanges();
const root = mkdtempSync(join(tmpdir(), 'ralph-exchange-'));
after(() => {
  server.close();
  rmSync(root, { recursive: true });
});
let dir = '';
beforeEach((context) => {
  Object.assign(server.mood, { limit: undefined, strict: undefined, shuffled: undefined, fault: undefined });
  server.asked.length = 0;
  dir = join(root, context.name.replaceAll(/\W+/g, '_').slice(0, 60));
});

const END = Math.floor((NOW - 60_000) / 60_000) * 60_000;
const get = (
  venue: VenueName,
  market: string,
  more: { from?: string; to?: string; dir?: string; symbol?: string } = {},
) =>
  downloadFromExchange({
    venue,
    market,
    from: '2024-01',
    to: '2024-03',
    dir,
    baseUrl: server.baseUrl,
    paceMs: 0.01,
    patience: { attempts: 6, pauseMs: 5, stallMs: 20_000 },
    ...more,
  });
/** All rows of the files of a market, in order. */
const rowsIn = (folder: string, symbol: string) =>
  ['2024-01', '2024-02', '2024-03'].flatMap((month) => {
    try {
      const [, ...lines] = readFileSync(join(folder, `${symbol}-1m-${month}.csv`), 'utf8')
        .trim()
        .split('\n');
      return lines.map((line) => line.split(',').map(Number));
    } catch {
      return [];
    }
  });

const MARKETS: [VenueName, string, string][] = [
  ['kraken', 'BTC/USD', 'BTCUSD'],
  ['bitstamp', 'btcusd', 'BTCUSD'],
  ['coinbase', 'BTC-USD', 'BTCUSD'],
  ['okx', 'BTC/USDT', 'BTCUSDT'],
  ['bybit', 'BTC/USDT:USDT', 'BTCUSDT-PERP'],
];

for (const [venue, market, symbol] of MARKETS) {
  test(`${venue}: every bar from the listing to the last whole one, none besides`, async () => {
    const report = await get(venue, market);
    assert.equal(report.symbol, symbol);
    assert.deepEqual(rowsIn(report.dir, symbol), barsOf(LISTED, END));
    assert.equal(report.bars, report.downloaded);
    // Again: the markets alone are asked for, and the newest bars.
    server.asked.length = 0;
    const again = await get(venue, market);
    assert.deepEqual([again.downloaded, again.fingerprint], [0, report.fingerprint]);
    assert.deepEqual(
      server.asked.filter(({ path }) => !path.includes('funding')),
      [],
    );
  });
}

test('a limit that moved, at either end of a page, or refused by name: nothing is lost', async () => {
  Object.assign(server.mood, { limit: 90, shuffled: true });
  const february = { from: '2024-02', to: '2024-02' };
  for (const [venue, market, symbol] of MARKETS) {
    const report = await get(venue, market, { ...february, dir: join(dir, 'cut') });
    assert.deepEqual(rowsIn(report.dir, symbol), barsOf(LISTED, Date.UTC(2024, 2, 1)), venue);
  }
  server.mood.strict = true;
  const report = await get('coinbase', 'BTC/USD', { ...february, dir: join(dir, 'refused') });
  assert.equal(report.bars, barsOf(LISTED, Date.UTC(2024, 2, 1)).length);
});

test('funding rates of a perpetual come with its bars, and go into the fingerprint', async () => {
  for (const venue of ['okx', 'bybit'] as const) {
    const report = await get(venue, 'BTCUSDT-PERP', { from: '2024-02' });
    const lines = readFileSync(report.funding!.file, 'utf8').trim().split('\n').slice(1);
    assert.deepEqual(
      lines.map((line) => line.split(',').map(Number)),
      fundingOf(LISTED, END),
    );
    // A limit that moved, here to one rate an answer, loses none.
    rmSync(report.funding!.file);
    server.mood.limit = 1;
    assert.equal((await get(venue, 'BTCUSDT-PERP', { from: '2024-02' })).fingerprint, report.fingerprint);
    server.mood.limit = undefined;
    appendFileSync(report.funding!.file, `${END - 1},0.5\n`);
    assert.notEqual((await get(venue, 'BTCUSDT-PERP', { from: '2024-02' })).fingerprint, report.fingerprint);
  }
});

test('429, 503, half a page, a cut line: asked again after the pause that the server names; nothing is lost or doubled', async () => {
  const faults = ['429', 'half', '503', 'cut', 'empty'];
  const gone: number[] = [];
  server.mood.fault = (request, response, body) => {
    if (!request.url!.includes('/candles') || request.url!.includes('ONE_DAY')) return false;
    const fault = faults.shift();
    if (fault === undefined) return false;
    gone.push(performance.now());
    if (/^\d/.test(fault)) response.writeHead(Number(fault), { 'retry-after': fault === '429' ? '1' : '0' }).end('{}');
    else if (fault === 'half') response.end(body.slice(0, body.length / 2));
    else if (fault === 'empty') response.end('{"candles":[]}');
    else {
      response.writeHead(200, { 'content-length': body.length });
      response.write(body.slice(0, 2000), () => response.destroy());
    }
    return true;
  };
  const report = await get('coinbase', 'BTC/USD', { from: '2024-03' });
  assert.deepEqual(rowsIn(report.dir, 'BTCUSD'), barsOf(Date.UTC(2024, 2, 1), END));
  assert.equal(gone.length, 5);
  assert.ok(gone[1] - gone[0] >= 950, `waited ${gone[1] - gone[0]} ms`);
});

test('a server that stays away, shuts a country out, or contradicts itself: said, with what to do', async () => {
  const refusal = (fault: typeof server.mood.fault, venue: VenueName = 'bybit', market = 'BTCUSDT') => {
    server.mood.fault = fault;
    return get(venue, market, { from: '2024-03' }).then(
      () => assert.fail('it came through'),
      (error: Error & { remedy: string }) => `${error.message} -> ${error.remedy}`,
    );
  };
  const status = (code: number) => (_: unknown, response: { writeHead(code: number): { end(): void } }) => {
    response.writeHead(code).end();
    return true;
  };
  assert.match(await refusal(status(500)), /gave no usable answer in 6 tries.*-> Repeat the command later/);
  assert.match(await refusal(status(403)), /does not serve this address \(403\).*HTTPS_PROXY/);
  assert.match(await refusal(undefined, 'bybit', 'BTCUSDC'), /has no market BTCUSDC -> Did you mean BTCUSDT/);
  const changed = (request: { url?: string }, response: { end(text: string): void }, body: string) => {
    if (!request.url!.includes('/kline')) return false;
    const answer = JSON.parse(body);
    const [first] = answer.result.list;
    answer.result.list.push([...first.slice(0, 4), '1', ...first.slice(5)]);
    response.end(JSON.stringify(answer));
    return true;
  };
  assert.match(await refusal(changed as never), /two different bars at 2024-03/);
  server.mood.fault = undefined;
  const { dir: folder } = await get('bybit', 'BTCUSDT', { from: '2024-03', dir: join(dir, 'damaged') });
  writeFileSync(join(folder, 'download.state'), '{"of":');
  await assert.rejects(
    get('bybit', 'BTCUSDT', { from: '2024-03', dir: join(dir, 'damaged') }),
    /download\.state is damaged/,
  );
});

test('a pace is kept: no question comes earlier than the exchange allows', async () => {
  await downloadFromExchange({
    venue: 'coinbase',
    market: 'BTC/USD',
    from: '2024-03',
    to: '2024-03',
    dir,
    baseUrl: server.baseUrl,
  });
  const times = server.asked.map(({ at }) => at);
  assert.ok(times.length > 2);
  // ccxt lets a first few through at once, and counts from there.
  assert.ok(
    times.at(-1)! - times[0] >= 34 * (times.length - 2),
    `${times.length} questions in ${times.at(-1)! - times[0]} ms`,
  );
});

test('killed in the middle, with a torn line left behind: the same command goes on, here through a proxy, and all is as without a kill', async () => {
  const command = [
    'ralph.ts',
    'data',
    'download',
    'BTC/USD',
    '--exchange',
    'coinbase',
    '--from',
    '2024-02',
    '--to',
    '2024-02',
  ];
  const args = [...command, '--base-url', server.baseUrl, '--data-dir', dir, '--json'];
  let pages = 0;
  server.mood.fault = (request) => request.url!.includes('ONE_MINUTE') && ++pages > 12;
  const folder = join(dir, 'archives', 'coinbase', 'BTCUSD');
  const part = join(folder, 'BTCUSD-1m-2024-02.csv.part');
  const first = execa('node_modules/.bin/node', args, { reject: false });
  await until('it waits for the thirteenth page', () => pages > 12 && existsSync(part));
  first.kill('SIGKILL');
  await first;
  appendFileSync(part, '1709164800000,6000');
  server.mood.fault = undefined;
  server.asked.length = 0;
  const through = args.map((each) => (each === server.baseUrl ? 'http://exchange.invalid' : each));
  const env = { HTTP_PROXY: server.baseUrl };
  const second = await execa('node_modules/.bin/node', through, { env });
  const report = JSON.parse(second.stdout);
  assert.deepEqual(rowsIn(folder, 'BTCUSD'), barsOf(LISTED, Date.UTC(2024, 2, 1)));
  assert.ok(report.downloaded < report.bars, 'what was there was not fetched again');
  const whole = await get('coinbase', 'BTC/USD', { from: '2024-02', to: '2024-02', dir: join(dir, 'whole') });
  assert.equal(report.fingerprint, whole.fingerprint);
});
