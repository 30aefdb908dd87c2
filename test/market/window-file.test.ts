import assert from 'node:assert/strict';
import {
  closeSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { columnsOf, MINUTE } from '../../src/market/bars.ts';
import { LostWindowError, readVerifiedWindow } from '../../src/market/verified-window.ts';
import { readWindowFile, verifyWindowFile, writeWindowFile } from '../../src/market/window-file.ts';
import { readWindowSpan } from '../../src/market/window-header.ts';
import { walk } from '../backtest/box/support.ts';

const folder = mkdtempSync(join(tmpdir(), 'ralph-window-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/** A window file of so many bars, and so many funding rates in its header. */
function written(length: number, rates = 0): string {
  const bars = walk(length, 1);
  const path = join(folder, `${length}-${rates}.bars`);
  const range = { from: bars.time[0] ?? 0, to: (bars.time[length - 1] ?? 0) + MINUTE };
  const numbers = Array.from({ length: rates }, (_, i) => i + 1 / 3);
  const funding = rates > 0 ? { time: numbers, rate: numbers } : undefined;
  writeWindowFile(path, bars, { symbol: 'SIM', range, warmupMs: 0, provenance: 'test', funding });
  return path;
}

describe('a window that is verified while it is read', () => {
  // Parts have 4 MB: a file of one, of several, and one whose header alone is longer.
  for (const [what, length, rates] of [
    ['without bars', 0, 0],
    ['of one part', 1_000, 0],
    ['of several parts', 200_000, 0],
    ['with a header of several parts', 10, 300_000],
  ] as const)
    it(`${what} is the one that was written`, async () => {
      const path = written(length, rates);
      const [{ room, reread: _, ...read }, plain] = [await readVerifiedWindow(path), readWindowFile(path)];
      assert.deepEqual(read, plain);
      assert.equal(room, 0);
      assert.equal(read.bars.length, length);
      assert.equal(read.fingerprint, verifyWindowFile(path).fingerprint);
    });

  it('is refused wherever a byte was changed, or the file is cut', async () => {
    const path = written(200_000);
    const bytes = readFileSync(path);
    const broken = join(folder, 'broken.bars');
    const refused = async (own: Uint8Array, expected: RegExp) => {
      writeFileSync(broken, own);
      await assert.rejects(readVerifiedWindow(broken), expected);
    };
    for (const at of [2_000, (4 << 20) - 1, 4 << 20, (8 << 20) + 5, bytes.length - 1]) {
      const own = Buffer.from(bytes);
      own[at] ^= 1;
      await refused(own, /columns do not match their fingerprint/);
    }
    const header = Buffer.from(bytes);
    header.write('"warmupMs":1', header.indexOf('"warmupMs":0'));
    await refused(header, /header does not match its fingerprint/);
    await refused(bytes.subarray(0, 5 << 20), /5242880 bytes, expected 9/);
    await refused(bytes.subarray(0, 100), /cut short in its header/);
    await refused(bytes.subarray(0, 7), /not a window file/);
    await refused(Buffer.alloc(0), /not a window file/);
    await assert.rejects(readVerifiedWindow(join(folder, 'none')), /ENOENT/);
  });

  it('has memory behind its last bar that belongs to nobody', async () => {
    const { bars, room } = await readVerifiedWindow(written(1_000), 50);
    assert.equal(room, 50);
    const before = columnsOf(bars).map((column) => column.slice());
    for (const { buffer, byteOffset } of columnsOf(bars)) new Float64Array(buffer, byteOffset, 1_050).fill(7, 1_000);
    assert.deepEqual(columnsOf(bars), before);
  });

  it('can be read again, all of it', async () => {
    const { bars, reread } = await readVerifiedWindow(written(200_002), 10);
    const before = columnsOf(bars).map((column) => column.slice());
    for (const column of columnsOf(bars)) column.fill(7);
    reread();
    assert.deepEqual(columnsOf(bars), before);
  });

  it('is lost when it is to be read again and is another file, was written, cut or is gone', async () => {
    const path = written(200_003);
    const bytes = readFileSync(path);
    const other = /is no longer the file that was loaded/;
    for (const [change, expected] of [
      [() => writeFileSync(path, bytes), other],
      [() => renameSync(written(200_004), path), other],
      [
        () => {
          copyFileSync(path, `${path}.copy`);
          renameSync(`${path}.copy`, path);
          utimesSync(path, 1, 1);
        },
        other,
      ],
      [() => truncateSync(path, 5 << 20), /shrank while it was read/],
      [() => rmSync(path), /ENOENT/],
    ] as const) {
      writeFileSync(path, bytes);
      utimesSync(path, 1, 1);
      const { reread } = await readVerifiedWindow(path);
      reread();
      change();
      assert.throws(
        () => reread(),
        (thrown) => thrown instanceof LostWindowError && expected.test(thrown.message),
      );
    }
  });

  it('is lost when it was written while it was read for the first time', async () => {
    const path = written(200_005);
    const bytes = readFileSync(path);
    utimesSync(path, 1, 1);
    const reading = readVerifiedWindow(path);
    // By now the file is open. The byte that is written is the one that was there, so that it passes.
    const file = openSync(path, 'r+');
    writeSync(file, bytes, 0, 1, 0);
    closeSync(file);
    const { reread } = await reading;
    assert.throws(() => reread(), LostWindowError);
  });

  it('is refused when it shrinks while it is read', async () => {
    const path = written(200_001);
    // By now the file is open and its size is known; the second part is read when the first is there.
    const reading = readVerifiedWindow(path);
    truncateSync(path, 5 << 20);
    await assert.rejects(reading, /shrank while it was read/);
  });
});

it('a file that holds less than its size says is refused', (t) => {
  // The kernel gives such files the size of a page.
  const short = '/sys/kernel/mm/transparent_hugepage/enabled';
  if (!existsSync(short)) return t.skip(`no ${short}`);
  for (const read of [readWindowFile, verifyWindowFile, readWindowSpan])
    assert.throws(() => read(short), /shrank while it was read/);
});

describe('the span of a window', () => {
  it('is that of the bars behind its warm-up', () => {
    const bars = walk(1_000, 1);
    const path = join(folder, 'span.bars');
    const range = { from: bars.time[100], to: bars.time[999] + MINUTE };
    const spanOf = (own: typeof bars) => {
      const header = writeWindowFile(path, own, { symbol: 'SIM', range, warmupMs: 100 * MINUTE, provenance: 'test' });
      const { header: found, ...span } = readWindowSpan(path);
      assert.deepEqual(found, header);
      return span;
    };
    assert.deepEqual(spanOf(bars), { first: bars.time[100], last: bars.time[999] });
    assert.deepEqual(spanOf(walk(101, 1)), { first: bars.time[100], last: bars.time[100] });
    assert.deepEqual(spanOf(walk(100, 1)), { first: null, last: null });
    assert.deepEqual(spanOf(walk(0, 1)), { first: null, last: null });
  });

  it('is refused of what is no whole window', () => {
    const bytes = readFileSync(written(1_000));
    const broken = join(folder, 'short.bars');
    for (const [length, expected] of [
      [bytes.length - 1, /bytes, expected/],
      [100, /cut short in its header/],
      [11, /not a window file/],
      [0, /not a window file/],
    ] as const) {
      writeFileSync(broken, bytes.subarray(0, length));
      assert.throws(() => readWindowSpan(broken), expected);
    }
  });
});
