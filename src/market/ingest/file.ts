import { basename } from 'node:path';
import type pg from 'pg';
import { RalphError } from '../../base/errors.ts';
import { failpoint } from '../../base/failpoint.ts';
import { type Bars, rowsOf, TIMEFRAME_MS } from '../bars.ts';
import { copyBarsIn } from '../store/copy.ts';
import { refuseOtherInterval } from '../store/interval.ts';
import { copyDirectly } from './direct.ts';
import type { Wish } from './format/detect.ts';
import { forgetFile, registerFile } from './format/registry.ts';
import type { RowCounts } from './format/row.ts';
import { Spacing } from './format/spacing.ts';
import { type Publication, type Published, publish } from './publish.ts';
import { type Hearer, readBarFile } from './read-bars.ts';
import { checkShare, RejectFile } from './rejects.ts';
import { fingerprintFile } from './source.ts';

export interface FileRequest {
  readonly path: string;
  readonly symbol: string;
  readonly wish: Wish;
  readonly maxBadShare: number;
  readonly replace: boolean;
  /** COPY straight into the bars where none of the symbol lie: a server's transaction costs no memory of ours. */
  readonly direct: boolean;
  readonly rejectDir: string;
  readonly onProgress?: (bytesRead: number, rows: number) => void;
}

export interface FileReport extends Published, Pick<Publication, 'symbol' | 'format' | 'rows' | 'rejected'> {
  readonly file: string;
  readonly rejectFile: string | null;
  /** What was taken in another way than it stands in the file; null for a known file. */
  readonly counts: RowCounts | null;
  /** What was chosen while reading, such as one of two volumes. */
  readonly notes: readonly string[];
  readonly state: 'new' | 'resumed' | 'known';
}

type Send = (batch: Bars) => Promise<void>;

/** Rows of the first batch that goes straight to a server, which else waits for it. */
const SMALLEST = 4000;
/** Rows after which a hopeless file is given up without reading it to its end. */
const EARLY = 10_000;

/**
 * Takes one file in: stages its good rows in batches that survive a kill, then publishes all of them in one transaction.
 * A file that is known by content is not read again. Throws RalphError, leaving nothing behind, for too many bad rows,
 * a damaged packing, or a file that changed while it was read.
 */
export async function ingestFile(client: pg.ClientBase, request: FileRequest): Promise<FileReport> {
  const { path, symbol, replace } = request;
  const before = await fingerprintFile(path);
  const interval = TIMEFRAME_MS[request.wish.interval ?? '1m'];
  await refuseOtherInterval(client, symbol, path, interval);
  const known = await registerFile(client, { symbol, name: basename(path), ...before, interval });
  const common = { file: path, symbol, counts: null, notes: [] };
  if (known.state === 'done') {
    const { rows, rejected } = known;
    const nothing = { inserted: 0, replaced: 0, conflicts: 0, conflictSamples: [], gaps: 0 };
    return { ...common, ...nothing, format: '', rows, rejected, rejectFile: null, state: 'known' };
  }
  const newRejects = () => new RejectFile(request.rejectDir, path, before.sha256);
  let rejects = newRejects();
  try {
    const read = async (send: Send, smallest?: number) => {
      const { good, ...told } = await readAll(request, rejects, send, smallest);
      checkShare(request, good, rejects);
      const after = await fingerprintFile(path);
      if (after.sha256 !== before.sha256)
        throw new RalphError(`${path} changed while it was read`, {
          remedy: 'Wait until whatever writes it is done, then repeat the command; nothing of it was taken in.',
        });
      const rejected = rejects.count;
      return { id: known.id, symbol, rows: good + rejected, rejected, replace, interval, ...told };
    };
    let taken =
      request.direct && known.staged === 0
        ? await copyDirectly(client, { id: known.id, symbol, interval }, (send) => read(send, SMALLEST))
        : null;
    if (!taken) {
      rejects = newRejects();
      const file = await read(stagingAfter(client, known.id, known.staged));
      taken = { ...file, ...(await publish(client, file)) };
    }
    const { id: _, replace: __, interval: ___, ...published } = taken;
    const rejectFile = rejects.count > 0 ? rejects.path : null;
    return { ...common, ...published, rejectFile, state: known.staged > 0 ? 'resumed' : 'new' };
  } catch (error) {
    // a refused file is cleared; after a lost connection the staged rows stay for the next attempt
    if (error instanceof RalphError) await forgetFile(client, known.id);
    throw error;
  } finally {
    rejects.write();
  }
}

/** Puts batches into the staging table, but for the rows that an interrupted ingest left there. */
function stagingAfter(client: pg.ClientBase, source: number, staged: number): Send {
  let seen = 0;
  return async (batch) => {
    const skip = Math.min(batch.length, Math.max(0, staged - seen));
    seen += batch.length;
    await copyBarsIn(client, rowsOf(batch, skip, batch.length), { table: 'ralph.staged_bars', source });
    failpoint('market.stage.after');
  };
}

/** Reads the whole file. The next batch is read while one is on its way; `send` takes what it needs of it before it first waits. */
async function readAll(request: FileRequest, rejects: RejectFile, send: Send, smallest?: number) {
  let good = 0;
  let sending = Promise.resolve();
  let told: Pick<FileReport, 'format' | 'counts' | 'notes'> = { format: '', counts: null, notes: [] };
  const spacing = new Spacing(request.wish.interval);
  const hear: Hearer = {
    onBad: (row) => rejects.add(row),
    onReading: ({ format, notes }) => {
      told = { ...told, format, notes };
    },
    onCounts: (counts) => {
      told = { ...told, counts };
    },
  };
  for await (const batch of readBarFile(request.path, request.wish, hear, smallest)) {
    good += batch.length;
    spacing.see(batch.time);
    await sending;
    sending = send(batch);
    // what fails is thrown where it is awaited
    sending.catch(() => {});
    request.onProgress?.(batch.bytesRead, good);
    if (good + rejects.count > EARLY) checkShare(request, good, rejects);
  }
  await sending;
  spacing.check(request.path);
  return { good, ...told };
}
