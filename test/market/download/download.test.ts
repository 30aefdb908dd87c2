import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, beforeEach, test } from 'node:test';
import { zipSync } from 'fflate';
import { sha256 } from '../../../src/base/hash.ts';
import { download } from '../../../src/market/download/download.ts';
import { readFundingFile } from '../../../src/market/ingest/funding.ts';
import { readBarFile } from '../../../src/market/ingest/read-bars.ts';

/** A site of the exchange's layout: months 2021-01 to 2021-03, and days of 2021-04 up to the 2nd. */
const files = new Map<string, Buffer>();
for (const stamp of ['2021-01', '2021-02', '2021-03', '2021-04-01', '2021-04-02']) {
  const start = Date.parse(`${stamp.length === 7 ? `${stamp}-01` : stamp}T00:00:00Z`);
  const rows = Array.from({ length: 1440 }, (_, k) => `${start + k * 60_000},10,14,9,12,${k},${start},1,2,3,4,0`);
  const zip = Buffer.from(zipSync({ [`BTCUSDT-1m-${stamp}.csv`]: Buffer.from(rows.join('\n')) }));
  const period = stamp.length === 7 ? 'monthly' : 'daily';
  files.set(`/data/spot/${period}/klines/BTCUSDT/1m/BTCUSDT-1m-${stamp}.zip`, zip);
  files.set(`/data/futures/um/${period}/klines/BTCUSDT/1m/BTCUSDT-1m-${stamp}.zip`, zip);
}
const rates =
  'calc_time,funding_interval_hours,last_funding_rate\n1609459200006,8,0.00012345\n1609488000000,8,-0.00005\n';
const fundingZip = zipSync({ 'BTCUSDT-fundingRate-2021-01.csv': Buffer.from(rates) });
files.set('/data/futures/um/monthly/fundingRate/BTCUSDT/BTCUSDT-fundingRate-2021-01.zip', Buffer.from(fundingZip));

type Fault = (request: IncomingMessage, response: ServerResponse, body: Buffer) => boolean;
let fault: Fault = () => false;
let asked: string[] = [];

const server = createServer((request, response) => {
  const url = request.url!;
  asked.push(`${url.split('/').pop()}${request.headers.range ? ` ${request.headers.range}` : ''}`);
  const file = files.get(url.replace(/\.CHECKSUM$/, ''));
  if (!file) return void response.writeHead(404).end();
  const body = url.endsWith('.CHECKSUM')
    ? Buffer.from(`${sha256(file)}  ${url.split('/').pop()!.replace('.CHECKSUM', '')}\n`)
    : file;
  if (fault(request, response, body)) return;
  const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
  if (from >= body.length) return void response.writeHead(416).end();
  response.writeHead(from > 0 ? 206 : 200, { 'content-length': body.length - from }).end(body.subarray(from));
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const baseUrl = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
const root = mkdtempSync(join(tmpdir(), 'ralph-download-'));
after(() => {
  server.closeAllConnections();
  server.close();
  rmSync(root, { recursive: true });
});
let dir = '';
beforeEach((context) => {
  fault = () => false;
  asked = [];
  dir = join(root, context.name.replaceAll(/\W/g, '_'));
});

const get = (
  from: string,
  to = from,
  patience = { attempts: 4, pauseMs: 5, stallMs: 60_000 },
  market: 'spot' | 'um' = 'spot',
) => download({ symbol: 'BTCUSDT', from, to, market, baseUrl, dir, today: Date.UTC(2021, 3, 4, 12), patience });
const pathOf = (stamp: string) => join(dir, 'spot', 'BTCUSDT', `BTCUSDT-1m-${stamp}.zip`);
/** True for the file itself, not its checksum. */
const isFile = (request: IncomingMessage) => !request.url!.endsWith('.CHECKSUM');

/** Sends the beginning of a file, and cuts the line once the client has it on disk. */
function sendAndCut(response: ServerResponse, body: Buffer, length: number, part: string): void {
  response.writeHead(200, { 'content-length': body.length });
  response.write(body.subarray(0, length));
  const look = setInterval(() => {
    if ((statSync(part, { throwIfNoEntry: false })?.size ?? 0) >= length) response.destroy();
  }, 5);
  response.once('close', () => clearInterval(look));
}

test('months are fetched, verified and readable; a second time nothing is fetched again', async () => {
  const first = await get('2021-01', '2021-03');
  assert.deepEqual([first.downloaded, first.cached, first.missing, first.failed], [3, 0, [], []]);
  let bars = 0;
  for await (const batch of readBarFile(pathOf('2021-02'), {}, { onBad: () => assert.fail() })) bars += batch.length;
  assert.equal(bars, 1440);
  asked = [];
  const second = await get('2021-01', '2021-03');
  assert.deepEqual([second.downloaded, second.cached], [0, 3]);
  assert.ok(asked.every((name) => name.endsWith('.CHECKSUM')));
});

test('a perpetual comes with its funding rates, on the minute; a month without them is named', async () => {
  const report = await get('2021-01', '2021-02', undefined, 'um');
  assert.deepEqual([report.downloaded, report.missing], [3, ['BTCUSDT-fundingRate-2021-02.zip']]);
  const file = join(dir, 'um', 'BTCUSDT', 'BTCUSDT-fundingRate-2021-01.zip');
  assert.deepEqual(await readFundingFile(file), {
    time: [Date.UTC(2021, 0, 1), Date.UTC(2021, 0, 1, 8)],
    rate: [0.00012345, -0.00005],
  });
});

test('a month that is not packed yet is fetched by its days; days that are not there are named', async () => {
  const report = await get('2021-04');
  assert.deepEqual([report.downloaded, report.missing], [2, ['BTCUSDT-1m-2021-04-03.zip']]);
});

test('a month that the site never had is missing, after three questions for its days', async () => {
  const report = await get('2020-01');
  assert.deepEqual([report.downloaded, report.missing], [0, ['BTCUSDT-1m-2020-01.zip']]);
  assert.equal(asked.length, 4);
});

test('a wrong checksum: the file never gets its name, and the report says why', async () => {
  fault = (request, response, body) => {
    if (isFile(request)) return false;
    response.end(body.toString().replace(/^./, (digit) => (digit === '0' ? '1' : '0')));
    return true;
  };
  const report = await get('2021-01');
  assert.deepEqual(report.failed, [
    { name: 'BTCUSDT-1m-2021-01.zip', why: 'its SHA-256 does not match the CHECKSUM file' },
  ]);
  assert.ok(!existsSync(pathOf('2021-01')) && !existsSync(`${pathOf('2021-01')}.part`));
});

test('a cut connection is continued from where it broke', async () => {
  let cut = 0;
  fault = (request, response, body) => {
    if (!isFile(request) || cut++ > 0) return false;
    sendAndCut(response, body, 5000, `${pathOf('2021-01')}.part`);
    return true;
  };
  assert.equal((await get('2021-01')).downloaded, 1);
  assert.ok(asked.includes('BTCUSDT-1m-2021-01.zip bytes=5000-'), asked.join());
});

test('a server that ignores the range starts over instead of mixing', async () => {
  let tries = 0;
  fault = (request, response, body) => {
    if (!isFile(request)) return false;
    if (tries++ === 0) sendAndCut(response, body, 5000, `${pathOf('2021-01')}.part`);
    else response.writeHead(200, { 'content-length': body.length }).end(body);
    return true;
  };
  assert.equal((await get('2021-01')).downloaded, 1);
  assert.ok(asked.includes('BTCUSDT-1m-2021-01.zip bytes=5000-'), asked.join());
});

test('a transfer that stalls is cut and continued', async () => {
  fault = (request, response, body) => {
    // On a busy machine even the checksum may seem to stall: every file without a range does, and there are tries enough.
    if (!isFile(request) || request.headers.range) return false;
    response.writeHead(200, { 'content-length': body.length });
    response.write(body.subarray(0, 3000));
    return true;
  };
  assert.equal((await get('2021-01', '2021-01', { attempts: 12, pauseMs: 5, stallMs: 300 })).downloaded, 1);
  assert.ok(asked.includes('BTCUSDT-1m-2021-01.zip bytes=3000-'), asked.join());
});

test('a slow transfer is left alone as long as something comes', async () => {
  fault = (request, response, body) => {
    if (!isFile(request)) return false;
    response.writeHead(200, { 'content-length': body.length });
    let at = 0;
    const step = Math.ceil(body.length / 6);
    const timer = setInterval(() => {
      response.write(body.subarray(at, at + step));
      at += step;
      if (at >= body.length) {
        clearInterval(timer);
        response.end();
      }
    }, 40);
    return true;
  };
  assert.equal((await get('2021-01', '2021-01', { attempts: 1, pauseMs: 5, stallMs: 60_000 })).downloaded, 1);
});

test('429 is waited for as long as the server asks; 403 is not tried again; 500 is', async () => {
  const answers = [429, 500];
  fault = (_request, response) => {
    const status = answers.shift();
    if (status === undefined) return false;
    response.writeHead(status, { 'retry-after': '0' }).end();
    return true;
  };
  assert.equal((await get('2021-01')).downloaded, 1);
  fault = (_request, response) => {
    response.writeHead(403).end();
    return true;
  };
  asked = [];
  const report = await get('2021-02');
  assert.deepEqual(report.failed, [{ name: 'BTCUSDT-1m-2021-02.zip', why: 'the server answered 403' }]);
  assert.equal(asked.length, 1);
});

test('a damaged cached file and a damaged part are found and fetched again', async () => {
  await get('2021-01');
  const whole = readFileSync(pathOf('2021-01'));
  truncateSync(pathOf('2021-01'), 1000);
  assert.equal((await get('2021-01')).downloaded, 1);
  assert.deepEqual(readFileSync(pathOf('2021-01')), whole);
  rmSync(pathOf('2021-01'));
  writeFileSync(`${pathOf('2021-01')}.part`, Buffer.alloc(2000, 7));
  assert.equal((await get('2021-01')).downloaded, 1);
  assert.deepEqual(readFileSync(pathOf('2021-01')), whole);
});
