import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { zipSync } from 'fflate';
import { RalphError } from '../../../src/base/errors.ts';
import { readBarFile } from '../../../src/market/ingest/read-bars.ts';
import fc from '../../fast-check.ts';

const dir = mkdtempSync(join(tmpdir(), 'ralph-fuzz-'));
after(() => rmSync(dir, { recursive: true }));
const T = Date.UTC(2024, 0, 1);

/** Each layout as: how to write a row, and (independently of the product) where its values stand. */
const KINDS = {
  binance: {
    row: (t: number, v: number[]) => [t, v[0], v[1], v[2], v[3], v[4], t + 59_999, 1, 2, 3, 4, 0],
    at: [1, 2, 3, 4, 5],
    scale: 1,
  },
  micro: {
    row: (t: number, v: number[]) => [t * 1000, v[0], v[1], v[2], v[3], v[4], 1, 1, 2, 3, 4, 0],
    at: [1, 2, 3, 4, 5],
    scale: 1000,
  },
  bitfinex: { row: (t: number, v: number[]) => [t, v[0], v[3], v[1], v[2], v[4]], at: [1, 3, 4, 2, 5], scale: 1 },
  kraken: {
    row: (t: number, v: number[]) => [t / 1000, v[0], v[1], v[2], v[3], v[4], 9],
    at: [1, 2, 3, 4, 5],
    scale: 0.001,
  },
};
const FORMAT = { binance: 'binance', micro: 'binance', bitfinex: 'bitfinex', kraken: 'kraken' } as const;

const bar = fc
  .tuple(
    fc.integer({ min: 100, max: 99_999 }),
    fc.nat(50),
    fc.nat(50),
    fc.nat(50),
    fc.nat(10_000),
    fc.integer({ min: 1, max: 3 }),
  )
  .map(([low, a, b, c, volume, step]) => {
    const [open, close] = [low + a, low + b];
    return { values: [open, Math.max(open, close) + c, low, close, volume].map((n) => n / 100), step };
  });

const mutation = fc.record({
  kind: fc.constantFrom('flip', 'cut', 'insert', 'double', 'end', 'swap'),
  at: fc.double({ min: 0, max: 0.999, noNaN: true }),
  length: fc.integer({ min: 1, max: 40 }),
  byte: fc.integer({ min: 0, max: 255 }),
});

function mutate(
  bytes: Buffer,
  { kind, at, length, byte }: { kind: string; at: number; length: number; byte: number },
): Buffer {
  const i = Math.floor(at * bytes.length);
  const [head, tail] = [bytes.subarray(0, i), bytes.subarray(i)];
  if (kind === 'flip') return Buffer.concat([head, Buffer.from([bytes[i] ^ (1 << (byte & 7))]), tail.subarray(1)]);
  if (kind === 'cut') return Buffer.concat([head, tail.subarray(length)]);
  if (kind === 'insert') return Buffer.concat([head, Buffer.alloc(length % 4, byte), tail]);
  if (kind === 'double') return Buffer.concat([head, tail.subarray(0, length), tail]);
  if (kind === 'end') return Buffer.from(head);
  return Buffer.concat([head, tail.subarray(length, 2 * length), tail.subarray(0, length), tail.subarray(2 * length)]);
}

async function read(path: string, format: (typeof FORMAT)[keyof typeof FORMAT]) {
  const bars: number[][] = [];
  let bad = 0;
  let twice = 0;
  const hear = {
    onBad: () => (bad += 1),
    onCounts: ({ duplicates, empty }: { duplicates: number; empty: number }) => {
      twice = duplicates;
      bad += empty;
    },
  };
  for await (const b of readBarFile(path, { format }, hear)) {
    for (let i = 0; i < b.length; i++) bars.push([b.time[i], b.open[i], b.high[i], b.low[i], b.close[i], b.volume[i]]);
  }
  return { bars, bad: bad + twice };
}

/** Every bar that was taken is possible, rising, and stands in the text as it is; every other line was refused. */
function checkText(text: string, kind: keyof typeof KINDS, { bars, bad }: { bars: number[][]; bad: number }): void {
  const { at, scale } = KINDS[kind];
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const there = new Set(
    lines.map((line) => {
      const f = line
        .replace(/\r$/, '')
        .split(',')
        .map((field) => field.trim().replace(/^"(.*)"$/, '$1'));
      // units are told apart by size, whichever the row was written in
      const n = Number(f[0]);
      const size = scale === 0.001 || n < 1e11 ? 0.001 : n < 1e14 ? 1 : n < 2.5e17 ? 1000 : 1e6;
      const t = n / size;
      // a row a few seconds late is moved to its minute, and said so
      const unit = Math.floor((kind === 'bitfinex' ? Number(f[0]) : t) / 60_000) * 60_000;
      return [unit, ...at.map((k) => Number(f[k]))].join();
    }),
  );
  let before = 0;
  for (const one of bars) {
    const [time, open, high, low, close, volume] = one;
    assert.ok(one.every(Number.isFinite) && low > 0 && volume >= 0 && time % 60_000 === 0 && time > before);
    assert.ok(low <= Math.min(open, close) && high >= Math.max(open, close));
    assert.ok(there.has(one.join()), `${one.join()} is not in the text`);
    before = time;
  }
  const headed = lines[0]?.split(',').every((field) => field.trim() === '' || Number.isNaN(Number(field)));
  assert.equal(bars.length + bad, lines.length - (headed ? 1 : 0), 'no line is lost');
}

const file = fc.record({
  kind: fc.constantFrom(...(Object.keys(KINDS) as (keyof typeof KINDS)[])),
  bars: fc.array(bar, { minLength: 1, maxLength: 12 }),
  mutations: fc.array(mutation, { minLength: 1, maxLength: 3 }),
  packing: fc.constantFrom('plain', 'plain', 'gz', 'zip'),
});

/** 10,000 with RALPH_FUZZ=10000. */
const FILES = Number(process.env.RALPH_FUZZ ?? 2000);

test('mutated files: no crash, no silent acceptance', async () => {
  const path = join(dir, 'file');
  const seen = { errors: 0, whole: 0, refused: 0 };
  await fc.assert(
    fc.asyncProperty(file, async ({ kind, bars, mutations, packing }) => {
      let time = T;
      const wanted: number[][] = [];
      const lines = bars.map(({ values, step }) => {
        wanted.push([time, ...values]);
        const line = KINDS[kind].row(time, values).join();
        time += step * 60_000;
        return line;
      });
      const text = Buffer.from(`${lines.join('\n')}\n`);
      const packed =
        packing === 'plain' ? text : packing === 'gz' ? gzipSync(text) : Buffer.from(zipSync({ 'a.csv': text }));
      const content = mutations.reduce(mutate, packed);
      writeFileSync(path, content);
      let found: Awaited<ReturnType<typeof read>>;
      try {
        found = await read(path, FORMAT[kind]);
      } catch (error) {
        assert.ok(error instanceof RalphError, `expected a RalphError, got ${error}`);
        seen.errors += 1;
        return;
      }
      if (found.bad > 0) seen.refused += 1;
      // packed bytes carry a checksum: what comes through is the original, or bytes that are no packing any more
      if (packing === 'plain') return checkText(content.toString('latin1'), kind, found);
      if (!isPacked(content)) return assert.deepEqual(found.bars, [], 'bytes that are no packing hold no bars');
      seen.whole += 1;
      assert.deepEqual(found.bars, wanted);
    }),
    { numRuns: FILES, seed: 20_240_101 },
  );
  assert.ok(seen.errors > FILES / 20 && seen.refused > FILES / 20 && seen.whole > FILES / 1000, JSON.stringify(seen));
});

function isPacked(bytes: Buffer): boolean {
  return (bytes[0] === 0x1f && bytes[1] === 0x8b) || (bytes.length >= 4 && bytes.readUInt32LE(0) === 0x04034b50);
}
