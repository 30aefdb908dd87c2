import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { EXIT, RalphError } from '../../base/errors.ts';
import { takeLock } from '../../base/lock.ts';
import { type Database, withClient } from '../database.ts';
import { explainDatabaseError } from '../explain.ts';
import { beginWork } from '../server/pool.ts';
import { compressOldChunks, refreshPending } from '../store/aggregates.ts';
import { checkSymbol } from '../symbol.ts';
import type { Wish } from './detect.ts';
import { type FileReport, ingestFile } from './file.ts';
import { findBarFiles, symbolOfName } from './paths.ts';

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

export interface IngestReport {
  readonly files: number;
  /** Rows of bars in the files, those of known files included. */
  readonly rows: number;
  readonly inserted: number;
  readonly rejected: number;
  /** Gaps (runs of missing minutes) found in the spans of the files taken in. */
  readonly gaps: number;
  readonly conflicts: number;
  readonly replaced: number;
  readonly details: FileReport[];
}

/**
 * Takes files of bars into the database, one after the other, each as a whole or not at all, and refreshes the coarser
 * bars. Safe to repeat: known files are skipped, an interrupted one goes on. Throws RalphError.
 */
export async function ingest(db: Database, options: IngestOptions): Promise<IngestReport> {
  const work = findBarFiles(options.paths).map((path) => ({ path, symbol: symbolFor(path, options) }));
  const bytesTotal = work.reduce((sum, { path }) => sum + statSync(path).size, 0);
  if (db.readOnly) throw readOnly();
  const unlock = await lockIngest(db, options.dataDir);
  const details: FileReport[] = [];
  try {
    let bytesDone = 0;
    let rowsDone = 0;
    for (const { path, symbol } of work) {
      const report = await withClient(db, (client) =>
        ingestFile(client, {
          path,
          symbol,
          wish: options,
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
      details.push(report);
      bytesDone += statSync(path).size;
      rowsDone += report.rows;
      options.onFile?.(report);
    }
    options.onProgress?.({ file: '', bytesDone, bytesTotal, rows: rowsDone, stage: 'aggregates' });
    await refreshPending(db);
    if (details.some((report) => report.inserted > 0)) await compressOldChunks(db, options.compressAfterDays ?? 90);
  } catch (error) {
    throw explainDatabaseError(error, db.url);
  } finally {
    await unlock();
  }
  const total = { rows: 0, inserted: 0, rejected: 0, gaps: 0, conflicts: 0, replaced: 0 };
  for (const report of details)
    for (const key of Object.keys(total) as (keyof typeof total)[]) total[key] += report[key];
  return { files: details.length, ...total, details };
}

function readOnly(): RalphError {
  return new RalphError('the user of DATABASE_URL may only read', {
    remedy: 'Name a user in DATABASE_URL who may write: the owner of the tables.',
  });
}

/** One ingest at a time per database, because both would go on with the same half-done file. Answers the unlocking. */
async function lockIngest(db: Database, dataDir: string): Promise<() => Promise<void>> {
  const busy = () =>
    new RalphError('another ingest into this database is running', {
      remedy: 'Wait for it, or end it; then repeat the command.',
    });
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
  const unlock = async () =>
    client.release(
      await client.query('rollback').then(
        () => undefined,
        (error: Error) => error,
      ),
    );
  if (rows[0].locked) return unlock;
  await unlock();
  throw busy();
}

function symbolFor(path: string, options: IngestOptions): string {
  const symbol = options.symbol ?? symbolOfName(path);
  if (symbol) return checkSymbol(symbol);
  throw new RalphError(`the name of ${path} does not say its symbol`, {
    remedy: 'Add --symbol, for example --symbol BTCUSD.',
    exitCode: EXIT.usage,
  });
}
