import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { zipSync } from 'fflate';
import type { RalphError } from '../../../src/base/errors.ts';
import type { Wish } from '../../../src/market/ingest/format/detect.ts';
import { parseColumnMap } from '../../../src/market/ingest/format/format.ts';
import { type BadRow, readBarFile } from '../../../src/market/ingest/read-bars.ts';

const dir = mkdtempSync(join(tmpdir(), 'ralph-parsers-'));
after(() => rmSync(dir, { recursive: true }));
const T = Date.UTC(2024, 0, 1);
const MINUTES = [0, 1, 2, 3].map((k) => T + k * 60_000);

/** open 10, high 14, low 9, close 12: in any wrong order of columns a row is impossible. */
const rows = (row: (t: number) => string, head = '') => head + MINUTES.map((t) => `${row(t)}\n`).join('');

const FILES: Record<string, { text: string; format: string; wish?: Wish }> = {
  'binance, milliseconds, no header': {
    text: rows((t) => `${t},10,14,9,12,5,${t + 59_999},60,7,3,30,0`),
    format: 'binance',
  },
  'binance, microseconds, no header': {
    text: rows((t) => `${t * 1000},10,14,9,12,5,${t * 1000 + 59_999_999},60,7,3,30,0`),
    format: 'binance',
  },
  'binance, headed': {
    text: rows(
      (t) => `${t},10,14,9,12,5,${t + 59_999},60,7,3,30,0`,
      'open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,taker_buy_quote_volume,ignore\n',
    ),
    format: 'csv',
  },
  bitfinex: { text: rows((t) => `${t},10,12,14,9,5`), format: 'bitfinex' },
  'bitstamp, seconds, eight columns': {
    text: rows((t) => `${t / 1000},10,14,9,12,5,60,11`),
    format: 'bitstamp',
  },
  'kraken, seconds, seven columns': { text: rows((t) => `${t / 1000},10,14,9,12,5,7`), format: 'kraken' },
  'headed generic, other order, ISO times, quoted': {
    text: rows((t) => `"12","9","14","10","5","${new Date(t).toISOString()}"`, 'Close,Low,High,Open,Volume,Date\n'),
    format: 'csv',
  },
  'semicolons and CRLF': {
    text: rows(
      (t) => `${new Date(t).toISOString().slice(0, 19).replace('T', ' ')};10;14;9;12;5\r`,
      'date;open;high;low;close;volume\r\n',
    ),
    format: 'csv',
  },
  'a column map': {
    text: rows((t) => `x,${t / 1000},5,10,14,9,12`),
    format: 'csv',
    wish: { columns: parseColumnMap('time=1,open=3,high=4,low=5,close=6,volume=2,unit=s')! },
  },
};

async function read(name: string, content: string | Uint8Array, wish: Wish = {}) {
  const path = join(dir, name.replaceAll(/\W/g, '_'));
  writeFileSync(path, content);
  const bars: number[][] = [];
  const bad: BadRow[] = [];
  let format = '';
  const hear = {
    onBad: (row: BadRow) => bad.push(row),
    onReading: (reading: { format: string }) => {
      format = reading.format;
    },
  };
  for await (const b of readBarFile(path, wish, hear)) {
    for (let i = 0; i < b.length; i++) bars.push([b.time[i], b.open[i], b.high[i], b.low[i], b.close[i], b.volume[i]]);
  }
  return { bars, bad, format };
}

const WANTED = MINUTES.map((t) => [t, 10, 14, 9, 12, 5]);

for (const [name, { text, format, wish }] of Object.entries(FILES)) {
  test(`read and recognised: ${name}`, async () => {
    assert.deepEqual(await read(name, text, wish), { bars: WANTED, bad: [], format });
  });
  test(`the same packed: ${name}`, async () => {
    assert.deepEqual((await read(`${name}.gz`, gzipSync(text), wish)).bars, WANTED);
    const zip = zipSync({ 'BTCUSDT-1m-2024-01.csv': Buffer.from(text) });
    assert.deepEqual((await read(`${name}.zip`, zip, wish)).bars, WANTED);
  });
}

test('each kind of bad row is refused with its line and reason', async () => {
  const row = (t: number, rest: string) => `${t},${rest}\n`;
  const text = [
    row(T, '10,12,14,9,5'),
    row(T, '10,12,14,9,5'),
    row(T - 60_000, '10,12,14,9,5'),
    row(T, '10,12,14,9,6'),
    row(T + 60_000, '10,12,11,9,5'),
    row(T + 60_000, '10,12,14,11,5'),
    row(T + 60_000, '10,,14,9,5'),
    row(T + 60_000, '10,0x12,14,9,5'),
    row(T + 60_000, '10,12,Infinity,9,5'),
    row(T + 60_000, '10,12,14,9,-5'),
    row(T + 60_000, '10,12,14,9'),
    row(T + 60_000, '10,12,14,-9,5'),
    row(T / 1000, '10,12,14,9,5'),
    'yesterday,10,12,14,9,5\n',
    row(T + 60_000, '10,12,14,9,5'),
  ].join('');
  const { bars, bad } = await read('bad', text, { format: 'bitfinex' });
  assert.deepEqual(
    bars.map(([time]) => time),
    [T, T + 60_000],
  );
  assert.deepEqual(
    bad.map(({ line, reason }) => `${line}: ${reason}`),
    [
      '3: time goes back, expected the oldest bar first',
      '4: the same minute twice, with other values',
      '5: close outside low and high',
      '6: open outside low and high',
      '7: a price is missing or no finite number',
      '8: a price is missing or no finite number',
      '9: a price is missing or no finite number',
      '10: volume is negative',
      '11: 5 fields, expected 6',
      '12: a price is not positive',
      '13: time lies outside 1973 to 2100: wrong unit?',
      '14: time is no ms',
    ],
  );
});

test('a file that fits two layouts is refused with the guess', async () => {
  const flat = rows((t) => `${t},10,10,10,10,5`);
  await assert.rejects(read('flat', flat), /fit bitfinex and csv; the guess is bitfinex/);
  assert.equal((await read('flat', flat, { format: 'bitfinex' })).bars.length, 4);
});

test('a file that fits no layout is refused with its first line, at most 200 characters of it, and the nearest shape', async () => {
  await assert.rejects(
    read('none', 'a,b\n1,2\n3,4\n'),
    /no known format fits; its first line: a,b; nearest: bitfinex \(time, open, close, high, low, volume\), which has 6 fields, not 2$/,
  );
  await assert.rejects(read('binary', `\x00\x01${'z'.repeat(300)}\n`), (error: RalphError) => {
    const shown = /its first line: (.*); nearest/.exec(error.message)![1];
    return shown.length === 200 && shown.startsWith('??zzz') && shown.endsWith('…');
  });
  const impossible = [0, 1, 2].map((k) => `${T + k * 60_000},10,8,9,12,5,0,0,0,0,0,0`).join('\n');
  await assert.rejects(read('swapped', impossible), /nearest: binance \(.*\): close outside low and high$/);
});

test('a gzip that is cut short or damaged gives an error, not fewer bars', async () => {
  const whole = gzipSync(rows((t) => `${t},10,12,14,9,5`));
  await assert.rejects(read('cut.gz', whole.subarray(0, whole.length - 6)), /cannot be unpacked/);
  const damaged = Buffer.from(whole);
  damaged[damaged.length - 7] ^= 1;
  await assert.rejects(read('damaged.gz', damaged), /cannot be unpacked/);
});

test('a zip whose content does not match its checksum gives an error', async () => {
  const text = Buffer.from(rows((t) => `${t},10,12,14,9,5`));
  const zip = Buffer.from(zipSync({ 'x.csv': text }, { level: 0 }));
  const at = zip.indexOf(',10,12,14,9,5');
  zip[at + 2] = '1'.charCodeAt(0);
  await assert.rejects(read('crc.zip', zip), /CRC-32 of x\.csv does not match/);
});

test('a readme in the zip does not count; two files of bars in one zip are refused', async () => {
  const text = Buffer.from(rows((t) => `${t},10,12,14,9,5`));
  const beside = {
    'README.txt': Buffer.from('hello'),
    '__MACOSX/._x.csv': Buffer.from('1'),
    'info.pdf': Buffer.from('1'),
  };
  assert.deepEqual((await read('readme.zip', zipSync({ 'x.csv': text, ...beside }))).bars, WANTED);
  const zip = zipSync({ 'a.csv': Buffer.from('1'), 'b.csv': Buffer.from('1') });
  await assert.rejects(read('two.zip', zip), /expected one csv file inside, found 2/);
});
