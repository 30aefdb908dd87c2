import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { zstdCompressSync } from 'node:zlib';
import type { Wish } from '../../../src/market/ingest/format/detect.ts';
import { symbolOfName } from '../../../src/market/ingest/paths.ts';
import { readBarFile, symbolsOfFile } from '../../../src/market/ingest/read-bars.ts';

const dir = mkdtempSync(join(tmpdir(), 'ralph-shapes-'));
after(() => rmSync(dir, { recursive: true }));
const T = Date.UTC(2024, 0, 15);
const TIMES = [0, 1, 2, 3].map((k) => T + k * 60_000);
const WANTED = TIMES.map((t) => [t, 10.5, 14, 9, 12, 5]);

function put(name: string, content: string | Uint8Array): string {
  const path = join(dir, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  return path;
}

async function bars(path: string, wish: Wish = {}): Promise<number[][]> {
  const read: number[][] = [];
  for await (const b of readBarFile(path, wish, { onBad: ({ line, reason }) => assert.fail(`${line}: ${reason}`) })) {
    for (let i = 0; i < b.length; i++) read.push([b.time[i], b.open[i], b.high[i], b.low[i], b.close[i], b.volume[i]]);
  }
  return read;
}

/** A time in UTC in pieces: date and clock as a file may write them. */
const at = (t: number) => {
  const [date, clock] = new Date(t).toISOString().slice(0, 19).split('T');
  const [y, m, d] = date.split('-');
  return { y, m, d, clock };
};
const lines = (row: (t: number) => string, head = '') => `${head}${TIMES.map(row).join('\n')}\n`;
const json = (value: unknown) => JSON.stringify(value);
const row = (t: number) => [t, 10.5, 14, 9, 12, 5];
const object = (t: number) => ({ open: 10.5, high: 14, low: 9, close: 12, volume: 5, timestamp: t });
const local = (t: number, hours: number) =>
  new Date(t + hours * 3_600_000).toISOString().slice(0, 19).replace('T', ' ');

const SHAPES: Record<string, { text: string | Uint8Array; wish?: Wish }> = {
  'MetaTrader: date and clock in two columns, named': {
    text: lines(
      (t) => `${at(t).y}.${at(t).m}.${at(t).d}\t${at(t).clock}\t10.5\t14\t9\t12\t77\t5\t2`,
      '<DATE>\t<TIME>\t<OPEN>\t<HIGH>\t<LOW>\t<CLOSE>\t<TICKVOL>\t<VOL>\t<SPREAD>\n',
    ),
  },
  'MetaTrader: the same in UTF-16, no header': {
    text: Buffer.from(
      `\ufeff${lines((t) => `${at(t).y}.${at(t).m}.${at(t).d},${at(t).clock.slice(0, 5)},10.5,14,9,12,5`)}`,
      'utf16le',
    ),
  },
  'HistData: compact times, semicolons': {
    text: lines((t) => `${at(t).y}${at(t).m}${at(t).d} ${at(t).clock.replaceAll(':', '')};10.5;14;9;12;5`),
  },
  'decimal commas, day first': {
    text: lines(
      (t) => `${at(t).d}.${at(t).m}.${at(t).y} ${at(t).clock};10,5;14;9,0;12;5`,
      'Datum;Open;High;Low;Close;Volume\n'.replace('Datum', 'Date'),
    ),
  },
  'month first, told from a day above 12, with AM and PM': {
    text: lines(
      (t) => `${at(t).m}/${at(t).d}/${at(t).y} 12:${at(t).clock.slice(3, 5)}:00 AM,10.5,14,9,12,5`,
      'Date,Open,High,Low,Close,Volume\n',
    ),
  },
  'a byte order mark, a remark above the header': {
    text: `\ufeff# made by us\n${lines((t) => `${t},10.5,14,9,12,5`, 'time,open,high,low,close,volume\n')}`,
  },
  nanoseconds: { text: lines((t) => `${t}000000,10.5,14,9,12,5`, 'ts_event,open,high,low,close,volume\n') },
  'times of New York': {
    text: lines((t) => `${local(t, -5)},10.5,14,9,12,5`, 'time,open,high,low,close,volume\n'),
    wish: { timezone: 'America/New_York' },
  },
  'labels at close': {
    text: lines((t) => `${new Date(t + 60_000).toISOString()},10.5,14,9,12,5`, 'time,open,high,low,close,volume\n'),
    wish: { label: 'close' },
  },
  'labels at the last millisecond': {
    text: lines((t) => `${t + 59_999},10.5,14,9,12,5`, 'time,open,high,low,close,volume\n'),
  },
  'quote volume, divided by the typical price': {
    text: lines((t) => `${t},10.5,14,9,12,${(5 * (14 + 9 + 12)) / 3}`, 'time,open,high,low,close,Volume USD\n'),
    wish: { volume: 'quote' },
  },
  'contracts of 100 each': {
    text: lines((t) => `${t},10.5,14,9,12,${(5 * (14 + 9 + 12)) / 3 / 100}`, 'time,open,high,low,close,volume\n'),
    wish: { volume: { contract: 100 } },
  },
  'COIN-M: volume in contracts, the base in column 8': {
    text: lines((t) => `${t},10.5,14,9,12,999,${t + 59_999},5,1,2,3,0`),
    wish: { symbol: 'BTCUSD_PERP' },
  },
  'JSON: ccxt arrays, indented': { text: JSON.stringify(TIMES.map(row), null, 2) },
  'JSON: objects': { text: json(TIMES.map(object)) },
  'JSON: columns by name': {
    text: json({
      s: 'ok',
      t: TIMES.map((t) => t / 1000),
      o: TIMES.map(() => 10.5),
      h: TIMES.map(() => 14),
      l: TIMES.map(() => 9),
      c: TIMES.map(() => 12),
      v: TIMES.map(() => 5),
    }),
  },
  'JSON: pandas, split': {
    text: json({
      columns: ['date', 'open', 'high', 'low', 'close', 'volume'],
      index: [0, 1, 2, 3],
      data: TIMES.map(row),
    }),
  },
  'JSON: the reply of an exchange, newest first, text for numbers': {
    text: json({ retCode: 0, result: { symbol: 'X', list: TIMES.toReversed().map((t) => row(t).map(String)) } }),
    wish: { format: 'csv' },
  },
  'NDJSON: objects': { text: TIMES.map((t) => json(object(t))).join('\n') },
  'NDJSON: arrays': { text: TIMES.map((t) => json(row(t))).join('\n') },
};

for (const [name, { text, wish }] of Object.entries(SHAPES)) {
  test(`read: ${name}`, async () => {
    const found = await bars(put('shape', text), wish);
    const close = found.map((bar) => bar.map((value) => Math.round(value * 1e9) / 1e9));
    assert.deepEqual(close, WANTED);
  });
}

const PLAIN = lines((t) => `${t},10.5,14,9,12,5`, 'time,open,high,low,close,volume\n');

test('zstd, bzip2 and xz are unpacked; cut short they are errors', async (context) => {
  const packed: [string, Uint8Array][] = [['zst', zstdCompressSync(PLAIN)]];
  for (const [program, suffix] of [
    ['bzip2', 'bz2'],
    ['xz', 'xz'],
  ]) {
    try {
      packed.push([suffix, execFileSync(program, ['-c'], { input: PLAIN })]);
    } catch {
      context.diagnostic(`${program} is not on this machine: not tried`);
    }
  }
  for (const [suffix, bytes] of packed) {
    assert.deepEqual(await bars(put(`packed.csv.${suffix}`, bytes)), WANTED, suffix);
    const cut = put(`cut.csv.${suffix}`, bytes.subarray(0, bytes.length - 12));
    await assert.rejects(bars(cut), /cannot be unpacked/, suffix);
  }
});

test('an autumn night has its hour twice, a spring night lacks one', async () => {
  const text = (from: number, count: number) =>
    `time,open,high,low,close,volume\n${Array.from({ length: count }, (_, k) => from + k * 60_000)
      .map(
        (t) =>
          `${new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Berlin', dateStyle: 'short', timeStyle: 'medium' }).format(t)},10.5,14,9,12,5`,
      )
      .join('\n')}\n`;
  for (const night of [Date.UTC(2023, 9, 28, 23), Date.UTC(2023, 2, 25, 23)]) {
    const found = await bars(put('night.csv', text(night, 240)), { timezone: 'Europe/Berlin' });
    assert.deepEqual(
      found.map(([time]) => time),
      Array.from({ length: 240 }, (_, k) => night + k * 60_000),
    );
  }
});

const REFUSED: [string, string, Wish, RegExp][] = [
  [
    'dates that may be read either way',
    lines((t) => `04/01/2024 ${at(t).clock},10.5,14,9,12,5`, 'date,open,high,low,close,volume\n'),
    {},
    /may begin with the day or with the month/,
  ],
  ['no volume', lines((t) => `${t},10.5,14,9,12`, 'time,open,high,low,close\n'), {}, /has no column of volumes/],
  [
    'quote volume alone',
    lines((t) => `${t},10.5,14,9,12,5`, 'time,open,high,low,close,quote_volume\n'),
    {},
    /"quote_volume", counts money/,
  ],
  [
    'two volumes that the symbol does not tell apart',
    lines((t) => `${t},10.5,14,9,12,5,6`, 'time,open,high,low,close,Volume ETH,Volume BTC\n'),
    {},
    /the volume may be "Volume ETH" or "Volume BTC"/,
  ],
  ['JSON that is cut', json(TIMES.map(row)).slice(0, -9), {}, /begins like JSON and is none/],
  ['JSON without rows', '{"error": "not found"}', {}, /its JSON holds no rows/],
];
for (const [name, text, wish, message] of REFUSED) {
  test(`refused: ${name}`, async () => {
    await assert.rejects(bars(put('refused', text), wish), message);
  });
}

test('what was refused is taken with the option that the refusal names', async () => {
  assert.deepEqual(
    await bars(put('none', REFUSED[1][1]), { volume: 'none' }),
    WANTED.map((bar) => [...bar.slice(0, 5), 0]),
  );
  const [first] = await bars(put('dates', REFUSED[0][1]), { dates: 'day-first' });
  assert.equal(first[0], Date.UTC(2024, 0, 4));
  assert.equal((await bars(put('dates', REFUSED[0][1]), { dates: 'month-first' }))[0][0], Date.UTC(2024, 3, 1));
});

test('several symbols in one file are found, and each has its own rows', async () => {
  const two = lines(
    (t) => `${t},BTC/USDT,10.5,14,9,12,5\n${t},ETH/USDT,1,2,1,2,7`,
    'time,pair,open,high,low,close,volume\n',
  );
  const path = put('two.csv', two);
  assert.deepEqual(await symbolsOfFile(path, {}), ['BTC/USDT', 'ETH/USDT']);
  assert.deepEqual(await bars(path, { only: 'BTC/USDT' }), WANTED);
  assert.deepEqual(
    await bars(path, { only: 'ETH/USDT' }),
    TIMES.map((t) => [t, 1, 2, 1, 2, 7]),
  );
});

test('a name or a folder says the symbol', () => {
  assert.deepEqual(
    [
      'a/BTCUSDT-1m-2024-01.zip',
      'BTCUSD_PERP-1m-2024-01.zip',
      'x/symbol=eth%2Fusd/year=2024/0.parquet',
      'BTC_USDT-1m.json',
      'BTC_USDT_USDT-1m-futures.feather',
      'bars.csv',
    ].map((path) => symbolOfName(path)),
    ['BTCUSDT', 'BTCUSD_PERP', 'ETHUSD', 'BTCUSDT', 'BTCUSDT', null],
  );
});
