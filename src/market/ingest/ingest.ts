import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { RalphError, UsageError } from '../../base/errors.ts';
import { takeLock } from '../../base/lock.ts';
import { type Database, withClient } from '../database.ts';
import { explainDatabaseError } from '../explain.ts';
import { beginWork } from '../server/pool.ts';
import { compressOldChunks, refreshPending } from '../store/aggregates.ts';
import { storeFunding } from '../store/funding.ts';
import { checkSymbol } from '../symbol.ts';
import { type FileReport, ingestFile } from './file.ts';
import type { Wish } from './format/detect.ts';
import type { RowCounts } from './format/row.ts';
import { readFundingFile } from './funding.ts';
import { findBarFiles, noSymbol, type Part, partsOf, symbolOfName } from './paths.ts';

const ADVISORY = 720_317_555;

export interface IngestOptions extends Wish {
  readonly paths: readonly string[];
  /** Absent: taken from each file's name (BTCUSDT-1m-2021-01.zip). */
  readonly symbol?: string;
  /** Largest share of bad rows in a file; above it nothing of the file is taken. */
  readonly maxBadShare: number;
  /** What to do with a bar that is there with other values: keep the first (default) or take the new one. */
  readonly onConflict?: 'keep' | 'replace';
  /** Embedded only: chunks older than this are compressed at the end (90). */
  readonly compressAfterDays?: number;
  /** Folder for locks and reject files. */
  readonly dataDir: string;
  readonly onFile?: (report: FileReport) => void;
  readonly onProgress?: (progress: IngestProgress) => void;
}

export interface IngestProgress {
  readonly file: string;
  readonly bytesDone: number;
  readonly bytesTotal: number;
  readonly rows: number;
  readonly stage: 'reading' | 'aggregates';
}

/** What came of the files together, those that were known included. */
export interface IngestReport
  extends Readonly<
    Pick<FileReport, 'rows' | 'inserted' | 'rejected' | 'gaps' | 'conflicts' | 'replaced'> & Omit<RowCounts, 'offsetMs'>
  > {
  readonly files: number;
  readonly details: FileReport[];
  /** Files of which nothing was taken in. */
  readonly failed: { readonly file: string; readonly why: string; readonly remedy: string }[];
}

/**
 * Takes files of bars into the database, one after the other, each as a whole or not at all, and refreshes the coarser
 * bars. Safe to repeat: known files are skipped, an interrupted one goes on. Throws RalphError.
 */
export async function ingest(db: Database, options: IngestOptions): Promise<IngestReport> {
  const work = findBarFiles(options.paths);
  const bytesTotal = work.reduce((sum, path) => sum + statSync(path).size, 0);
  if (db.readOnly) throw readOnly(db);
  const unlock = await lockIngest(db, options.dataDir);
  const details: FileReport[] = [];
  const failed: IngestReport['failed'] = [];
  try {
    let bytesDone = 0;
    let rowsDone = 0;
    for (const path of work) {
      const take = (part: Part) =>
        withClient(db, (client) =>
          ingestFile(client, {
            path,
            symbol: part.symbol,
            wish: { ...options, ...part },
            maxBadShare: options.maxBadShare,
            replace: options.onConflict === 'replace',
            direct: db.kind === 'server',
            rejectDir: join(options.dataDir, 'rejected'),
            onProgress: (bytes, rows) =>
              options.onProgress?.({
                file: path,
                bytesDone: bytesDone + bytes,
                bytesTotal,
                rows: rowsDone + rows,
                stage: 'reading',
              }),
          }),
        );
      try {
        const funding = await takeFunding(db, path, options);
        if (funding) {
          details.push(funding);
          options.onFile?.(funding);
          continue;
        }
        for (const part of await partsOf(path, options)) {
          const report = await take(part);
          details.push(report);
          rowsDone += report.rows;
          options.onFile?.(report);
        }
      } catch (error) {
        // one bad file does not stop the others; alone, its error is the command's
        if (!(error instanceof RalphError) || work.length === 1) throw error;
        failed.push({ file: path, why: error.message, remedy: error.remedy });
      } finally {
        bytesDone += statSync(path).size;
      }
    }
    options.onProgress?.({ file: '', bytesDone, bytesTotal, rows: rowsDone, stage: 'aggregates' });
    await refreshPending(db);
    if (details.some((report) => report.inserted > 0 && report.format !== 'funding'))
      await compressOldChunks(db, options.compressAfterDays ?? 90);
  } catch (error) {
    throw explainDatabaseError(error, db.url);
  } finally {
    await unlock();
  }
  const total = { rows: 0, inserted: 0, rejected: 0, gaps: 0, conflicts: 0, replaced: 0 };
  const counted = { duplicates: 0, empty: 0, floored: 0, clampedOpens: 0 };
  for (const report of details) {
    for (const key of Object.keys(total) as (keyof typeof total)[]) total[key] += report[key];
    for (const key of Object.keys(counted) as (keyof typeof counted)[]) counted[key] += report.counts?.[key] ?? 0;
  }
  return { files: details.length, ...total, ...counted, details, failed };
}

/** Takes in a file of funding rates; null for any other file. */
async function takeFunding(db: Database, path: string, options: IngestOptions): Promise<FileReport | null> {
  const rates = await readFundingFile(path).catch((error: unknown) => {
    // What cannot be read at all is refused as a file of bars.
    if (error instanceof RalphError) throw error;
    return null;
  });
  if (rates === null) return null;
  const named = options.symbol ?? symbolOfName(path, options.interval);
  if (!named) throw noSymbol(path);
  const symbol = checkSymbol(named);
  const replace = options.onConflict === 'replace';
  const { inserted, conflicts } = await withClient(db, (client) => storeFunding(client, symbol, rates, replace));
  return {
    file: path,
    symbol,
    format: 'funding',
    rows: rates.time.length,
    rejected: 0,
    rejectFile: null,
    counts: null,
    inserted,
    replaced: replace ? conflicts : 0,
    conflicts,
    conflictSamples: [],
    gaps: 0,
    notes: [`${rates.time.length} funding rates of ${symbol}, ${inserted} of them new`],
    state: inserted > 0 || (replace && conflicts > 0) ? 'new' : 'known',
  };
}

function readOnly({ source }: Database): RalphError {
  if (source)
    return new UsageError('bars are read from the table that `source` in market.yaml names', {
      remedy: 'Add bars to that table yourself, or take `source` out of market.yaml and ingest files.',
    });
  return new RalphError('the user of DATABASE_URL may only read', {
    remedy: 'Name a user in DATABASE_URL who may write: the owner of the tables.',
  });
}

/** One ingest at a time per database, because both would go on with the same half-done file. Answers the unlocking. */
async function lockIngest(db: Database, dataDir: string): Promise<() => Promise<void>> {
  const remedy = 'Wait for it, or end it; then repeat the command.';
  const busy = () => new RalphError('another ingest into this database is running', { remedy });
  if (db.kind === 'embedded') {
    // the embedded server has one session for all clients, so an advisory lock would not keep two apart
    mkdirSync(dataDir, { recursive: true });
    const lock = takeLock(join(dataDir, 'ingest.lock.sqlite'));
    if (!lock) throw busy();
    return async () => lock.release();
  }
  const client = await db.pool.connect();
  // A transaction that does nothing else: a lock of the session would stay with another client of a connection pooler.
  await beginWork(client);
  const { rows } = await client.query<{ locked: boolean }>('select pg_try_advisory_xact_lock($1) as locked', [
    ADVISORY,
  ]);
  // after a failure the connection is closed, which gives the lock up, also when the server is gone
  const unlock = () =>
    client.query('rollback').then(
      () => client.release(),
      (error: Error) => client.release(error),
    );
  if (rows[0].locked) return unlock;
  await unlock();
  throw busy();
}
