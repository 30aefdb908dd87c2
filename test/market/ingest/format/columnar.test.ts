import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { tableFromArrays, tableToIPC } from 'apache-arrow';
import { parquetWriteFile } from 'hyparquet-writer';
import { sha256 } from '../../../../src/base/hash.ts';
import type { Wish } from '../../../../src/market/ingest/format/detect.ts';
import { readBarFile } from '../../../../src/market/ingest/read-bars.ts';
import { simulateMarket } from '../../../../src/market/simulate.ts';

const dir = mkdtempSync(join(tmpdir(), 'ralph-columnar-'));
after(() => rmSync(dir, { recursive: true }));
const MINUTES = 200_000;
const { bars } = simulateMarket({ seed: 3, minutes: MINUTES, start: Date.UTC(2020, 0, 1), gapsPerYear: 20 });
const NAMES = ['time', 'open', 'high', 'low', 'close', 'volume'] as const;
const rows = Array.from({ length: bars.length }, (_, i) => NAMES.map((name) => bars[name][i]));
const csv = join(dir, 'bars.csv');
writeFileSync(csv, `${NAMES.join()}\n${rows.map((row) => row.join()).join('\n')}\n`);

/** SHA-256 of the six columns that come out of a file. */
async function fingerprintOf(path: string, wish: Wish = {}): Promise<string> {
  const parts: Buffer[][] = NAMES.map(() => []);
  let length = 0;
  const onBad = ({ line, reason }: { line: number; reason: string }) => assert.fail(`${line}: ${reason}`);
  for await (const batch of readBarFile(path, wish, { onBad })) {
    for (const [k, name] of NAMES.entries()) parts[k].push(Buffer.from(batch[name].slice().buffer));
    length += batch.length;
  }
  assert.equal(length, bars.length);
  return sha256(parts.map((pieces) => sha256(Buffer.concat(pieces))).join());
}

test('Parquet, Feather, JSON and NDJSON of the same 200,000 bars have the fingerprint of the CSV', async () => {
  const wanted = sha256(NAMES.map((name) => sha256(bars[name])).join());
  const parquet = join(dir, 'bars.parquet');
  parquetWriteFile({
    filename: parquet,
    columnData: NAMES.map((name) =>
      name === 'time'
        ? { name, data: Array.from(bars.time, (time) => new Date(time)), type: 'TIMESTAMP' }
        : { name, data: bars[name], type: 'DOUBLE' },
    ),
  });
  const feather = join(dir, 'bars.feather');
  const { time, open, high, low, close, volume } = bars;
  const table = tableFromArrays({ time: BigInt64Array.from(time, BigInt), open, high, low, close, volume });
  writeFileSync(feather, tableToIPC(table, 'file'));
  const json = join(dir, 'bars.json');
  writeFileSync(json, JSON.stringify(rows));
  const ndjson = join(dir, 'bars.ndjson');
  writeFileSync(ndjson, rows.map((row) => JSON.stringify(row)).join('\n'));
  assert.equal(await fingerprintOf(csv), wanted, 'csv');
  assert.equal(await fingerprintOf(parquet), wanted, 'parquet');
  assert.equal(await fingerprintOf(feather), wanted, 'feather');
  assert.equal(await fingerprintOf(json, { format: 'csv' }), wanted, 'json');
  assert.equal(await fingerprintOf(ndjson, { format: 'csv' }), wanted, 'ndjson');
});

const PYTHON = process.env.RALPH_PYTHON ?? 'python3';

/** The packings that pandas and pyarrow write, from the CSV above. */
const WRITE = `
import sys
from pyarrow import csv, feather, parquet as pq
import pyarrow as pa, pyarrow.compute as pc
folder = sys.argv[1]
t = csv.read_csv(folder + "/bars.csv")
t = t.set_column(0, "date", t["time"].cast(pa.timestamp("ms", "UTC")))
for c in ["snappy", "gzip", "zstd", "lz4", "brotli"]: pq.write_table(t, f"{folder}/py-{c}.parquet", compression=c)
pq.write_table(t.set_column(0, "date", t["date"].cast(pa.timestamp("ns", "UTC"))), folder + "/py-ns.parquet")
for c in ["lz4", "zstd", "uncompressed"]: feather.write_feather(t, f"{folder}/py-{c}.feather", compression=c)
feather.write_feather(t.set_column(0, "date", t["date"].cast(pa.timestamp("ns", "UTC"))), folder + "/py-ns.feather")
`;

test('what pyarrow writes, in each of its packings, has the same fingerprint', async (context) => {
  try {
    execFileSync(PYTHON, ['-c', WRITE, dir], { stdio: 'pipe' });
  } catch (error) {
    context.skip(`no ${PYTHON} with pyarrow: ${String(error).split('\n').at(-2) ?? ''}`);
    return;
  }
  const wanted = await fingerprintOf(csv);
  for (const name of ['snappy', 'gzip', 'zstd', 'lz4', 'brotli', 'ns']) {
    assert.equal(await fingerprintOf(join(dir, `py-${name}.parquet`)), wanted, `${name}.parquet`);
  }
  for (const name of ['lz4', 'zstd', 'uncompressed', 'ns']) {
    assert.equal(await fingerprintOf(join(dir, `py-${name}.feather`)), wanted, `${name}.feather`);
  }
});
