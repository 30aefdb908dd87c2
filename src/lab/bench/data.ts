import {
  closeSync,
  createReadStream,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import { say } from '../../base/draw/terminal.ts';
import { secret } from '../../base/secrets.ts';
import type { Bars } from '../../market/bars.ts';
import { type Database, openDatabase, withClient } from '../../market/database.ts';
import { ingest } from '../../market/ingest/ingest.ts';
import { AGGREGATES } from '../../market/migrations/steps.ts';
import { simulateMarket } from '../../market/simulate.ts';
import { compressOldChunks, onePass } from '../../market/store/aggregates.ts';
import { copyBarsIn, selectBars } from '../../market/store/copy.ts';
import { readBars } from '../../market/store/read.ts';
import { readWindowFile, writeWindowFile } from '../../market/window-file.ts';
import type { Figures } from './figures.ts';

const SYMBOLS = 10;
const START = Date.UTC(2015, 0, 1);

/** Bars that the embedded server takes in within a minute. It is made for a few million. */
const EMBEDDED = 1_000_000;

/**
 * Bars from files to frozen windows, 10 symbols. On the server of DATABASE_URL, if there is one, 10 million bars when asked for by name and a
 * tenth of that in a run of all benches; in the embedded database a million. RALPH_BENCH_BARS sets another number. Use an
 * empty database: bars of BENCH0… stay there only for the time of the bench.
 */
export async function dataBench(): Promise<Figures> {
  const named = process.argv.includes('data');
  const bars = Number(process.env.RALPH_BENCH_BARS ?? (named ? 10 * EMBEDDED : EMBEDDED));
  const url = secret('DATABASE_URL');
  const figures = await inFolder(Math.min(bars, EMBEDDED), 'embedded', (dir) => openDatabase({ dataDir: dir }));
  if (!url) return figures;
  return { ...figures, ...(await inFolder(bars, 'server', (dir) => openDatabase({ dataDir: dir, url }))) };
}

async function inFolder(bars: number, kind: string, open: (dir: string) => Promise<Database>): Promise<Figures> {
  const dir = mkdtempSync(join(tmpdir(), 'ralph-bench-'));
  try {
    const files = Array.from({ length: SYMBOLS }, (_, k) => writeCsv(dir, k, Math.floor(bars / SYMBOLS)));
    return await measure(kind, await open(dir), dir, files);
  } finally {
    rmSync(dir, { recursive: true, force: true, maxRetries: 20, retryDelay: 200 });
  }
}

function simulated(k: number, minutes: number): Bars {
  return simulateMarket({ seed: k, minutes, start: START, gapsPerYear: 24 }).bars;
}

/** One symbol's bars in Bitfinex's layout. */
function writeCsv(dir: string, k: number, minutes: number): { path: string; minutes: number } {
  const { length, time, open, high, low, close, volume } = simulated(k, minutes);
  const path = join(dir, `BENCH${k}-1m-2015.csv`);
  const file = openSync(path, 'w');
  for (let from = 0; from < length; from += 20_000) {
    const rows: string[] = [];
    for (let i = from; i < Math.min(length, from + 20_000); i++) {
      rows.push(`${time[i]},${open[i]},${close[i]},${high[i]},${low[i]},${volume[i]}\n`);
    }
    writeSync(file, rows.join(''));
  }
  closeSync(file);
  return { path, minutes };
}

async function measure(kind: string, db: Database, dir: string, files: { path: string; minutes: number }[]) {
  const figures: Figures = {};
  const note = (name: string, bars: number, milliseconds: number, more: Record<string, number> = {}) => {
    figures[`data ${kind}: ${name}`] = { milliseconds, barsPerSecond: (bars / milliseconds) * 1000, ...more };
    say(`${kind} ${name}: ${Math.round(milliseconds)} ms, ${Math.round((bars / milliseconds) * 1000)} bars/s`);
  };
  try {
    const plain = await plainCopy(db, files);
    note('plain COPY', plain.bars, plain.milliseconds);
    let refreshAt = 0;
    const start = performance.now();
    const report = await ingest(db, {
      paths: files.map(({ path }) => path),
      format: 'bitfinex',
      maxBadShare: 0,
      dataDir: dir,
      compressAfterDays: 1e6,
      onProgress: ({ stage }) => {
        if (stage === 'aggregates') refreshAt = performance.now();
      },
    });
    const end = performance.now();
    const server = db.kind === 'server' ? await bareServer(db, files) : null;
    note('ingest', report.inserted, refreshAt - start, {
      ratioToCopy: plain.milliseconds / plain.bars / ((refreshAt - start) / report.inserted),
      ...(server && { timesBareCopy: (refreshAt - start) / server.copy }),
      harnessRssMb: Math.round(process.memoryUsage().rss / 1e6),
    });
    note('refresh of 5 aggregates', report.inserted, end - refreshAt, {
      ...(server && { timesOnePass: (end - refreshAt) / server.refresh }),
    });
    const before = await diskBytes(db);
    const compressing = performance.now();
    const chunks = await compressOldChunks(db, 90);
    const after = await diskBytes(db);
    note('compress', report.inserted, performance.now() - compressing, { chunks });
    figures[`data ${kind}: disk`] = {
      bytesPerBar: before / report.inserted,
      bytesPerBarCompressed: after / report.inserted,
    };
    if (server) {
      note('bare \\copy of the files', report.inserted, server.copy);
      note('one pass over 5 aggregates', report.inserted, server.refresh);
      const { first, replace } = await replaceOne(db, dir, files[0]);
      note('replace in compressed chunks', files[0].minutes, replace, { timesFirstIngest: replace / first });
    }
    await snapshots(db, dir, note);
    return figures;
  } finally {
    if (db.kind === 'server') await forget(db);
    await db.close();
  }
}

/** What the database itself can do at best: the same rows by COPY into a table without index, partitions or checks. */
async function plainCopy(db: Database, files: { minutes: number }[]): Promise<{ bars: number; milliseconds: number }> {
  const client = await db.pool.connect();
  let bars = 0;
  let milliseconds = 0;
  try {
    for (const [k, { minutes }] of files.entries()) {
      const data = simulated(k, minutes);
      const start = performance.now();
      await copyBarsIn(client, data, { table: 'ralph.staged_bars', source: 0 });
      milliseconds += performance.now() - start;
      bars += data.length;
    }
    await client.query('truncate ralph.staged_bars');
  } finally {
    client.release();
  }
  return { bars, milliseconds };
}

/** What the server does by itself in ms: `\copy` of the same files into a plain table, and one pass over each aggregate. */
async function bareServer(db: Database, files: { path: string }[]): Promise<{ copy: number; refresh: number }> {
  return withClient(db, async (client) => {
    await client.query(`create table ralph.bench_plain (t bigint, o float8, c float8, h float8, l float8, v float8)`);
    const start = performance.now();
    for (const { path } of files) {
      await pipeline(createReadStream(path), client.query(copyFrom(`copy ralph.bench_plain from stdin (format csv)`)));
    }
    const copied = performance.now();
    await client.query('drop table ralph.bench_plain');
    const options = await onePass(db);
    const forced = options && `, force => true${options}`;
    const again = performance.now();
    for (const { view } of AGGREGATES) {
      await client.query(`call tsdb.refresh_continuous_aggregate('${view}', null, null${forced})`);
    }
    return { copy: copied - start, refresh: performance.now() - again };
  });
}

/** Ingests a file of which two volumes differ over the compressed chunks of its symbol, beside its first ingest; in ms, refreshes included. */
async function replaceOne(db: Database, dir: string, { path }: { path: string }) {
  const take = async () => {
    const start = performance.now();
    await ingest(db, {
      paths: [path],
      symbol: 'BENCHR',
      format: 'bitfinex',
      maxBadShare: 0,
      dataDir: dir,
      onConflict: 'replace',
    });
    return performance.now() - start;
  };
  const first = await take();
  await db.pool.query(`select count(tsdb.compress_chunk(c, true)) from tsdb.show_chunks('ralph.bars') c`);
  const lines = readFileSync(path, 'utf8').split('\n');
  for (const k of [300, 7000]) lines[k] = lines[k].replace(/,[^,]*$/, ',777');
  writeFileSync(path, lines.join('\n'));
  return { first, replace: await take() };
}

async function snapshots(
  db: Database,
  dir: string,
  note: (name: string, bars: number, ms: number, more?: Record<string, number>) => void,
) {
  let [bars, milliseconds, loading, bare] = [0, 0, 0, 0];
  for (let k = 0; k < SYMBOLS; k++) {
    const range = { from: START, to: Date.UTC(2100, 0, 1) };
    const start = performance.now();
    const data = await readBars(db, { symbol: `BENCH${k}`, ...range });
    const path = join(dir, 'bench.bars');
    writeWindowFile(path, data, { symbol: `BENCH${k}`, range, warmupMs: 0, provenance: '' });
    milliseconds += performance.now() - start;
    bars += data.length;
    bare += await bareCopyOut(db, `BENCH${k}`);
    const opened = performance.now();
    readWindowFile(path);
    loading += performance.now() - opened;
  }
  note('snapshot', bars, milliseconds, { timesBareCopy: milliseconds / bare });
  note('load of snapshots', bars, loading);
}

/** The same bars by COPY, thrown away; in ms. */
async function bareCopyOut(db: Database, symbol: string): Promise<number> {
  return withClient(db, async (client) => {
    const start = performance.now();
    const select = selectBars({ symbol, from: START, to: Date.UTC(2100, 0, 1) });
    for await (const _ of client.query(copyTo(`copy (${select} order by time) to stdout (format csv)`)));
    return performance.now() - start;
  });
}

async function diskBytes(db: Database): Promise<number> {
  const { rows } = await db.pool.query<{ n: string }>("select hypertable_size('ralph.bars') as n");
  return Number(rows[0].n);
}

async function forget(db: Database): Promise<void> {
  for (const table of ['bars', 'ingested_files', 'gaps']) {
    await db.pool.query(`delete from ralph.${table} where symbol like 'BENCH_'`);
  }
}
