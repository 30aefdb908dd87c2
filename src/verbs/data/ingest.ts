import { print, printJson, progress, say, tableOf } from '../../base/draw/terminal.ts';
import { EXIT } from '../../base/errors.ts';
import { counted } from '../../base/numbers.ts';
import type { FileReport } from '../../market/ingest/file.ts';
import { type IngestProgress, ingest } from '../../market/ingest/ingest.ts';
import { listSymbols } from '../../market/store/list.ts';
import { wishOf } from '../table/market.ts';
import type { Handler } from '../table/table.ts';
import { marketOf, withDatabase } from './common.ts';

/** Bars that the embedded database holds with ease. */
const MOST_EMBEDDED = 5_000_000;

/** Takes files, folders or patterns in. JSON: {files, rows, inserted, rejected, gaps, conflicts, replaced, duplicates, empty, floored, clampedOpens, details, failed}; exit 1 when a file failed. */
export const dataIngest: Handler<'data ingest'> = async (
  { symbol, onConflict, maxBadShare, config: path, dataDir, json, ...reading },
  paths,
) => {
  const config = marketOf(path, dataDir);
  const show = progressLine();
  // What was staged or published stays, so there is nothing to undo.
  const onSignal = () => {
    show.clear();
    say('interrupted: repeat the command, it goes on where it stopped');
    process.exit(EXIT.interrupted);
  };
  process.once('SIGINT', onSignal);
  const report = await withDatabase(config, async (db) => {
    if (db.kind === 'embedded') sayLarge(await listSymbols(db));
    return ingest(db, {
      paths,
      ...wishOf(reading),
      symbol,
      maxBadShare: maxBadShare ?? config.ingest.maxBadShare,
      onConflict,
      compressAfterDays: config.ingest.compressAfterDays,
      dataDir: config.dataDir,
      onProgress: show.update,
      onFile: (file) => {
        show.clear();
        for (const line of remarks(file)) say(line);
      },
    });
  }).finally(() => {
    show.clear();
    process.off('SIGINT', onSignal);
  });
  if (json) printJson(report);
  else {
    const rows = report.details.map(
      ({ file, symbol, format, rows, inserted, rejected, conflicts, gaps, counts, state }) => ({
        file,
        symbol,
        format,
        rows,
        inserted,
        bad: rejected,
        duplicates: counts?.duplicates ?? 0,
        empty: counts?.empty ?? 0,
        conflicts,
        gaps,
        state,
      }),
    );
    if (rows.length > 0) print(tableOf(rows));
    const refused = report.failed.length > 0 ? `, ${counted(report.failed.length, 'file')} refused` : '';
    print(
      `${counted(report.files, 'file')}, ${counted(report.rows, 'row')}, ${report.inserted} inserted, ${report.rejected} rejected${refused}`,
    );
  }
  for (const { file, why, remedy } of report.failed)
    say(`refused: ${why.startsWith(file) ? why : `${file}: ${why}`}\n-> ${remedy}`);
  return report.failed.length > 0 ? EXIT.failed : EXIT.done;
};

function remarks(file: FileReport): string[] {
  const { rejected, rejectFile, conflicts, replaced, conflictSamples } = file;
  const { duplicates = 0, empty = 0, floored = 0, offsetMs = 0, clampedOpens = 0 } = file.counts ?? {};
  const done = replaced > 0 ? 'replaced' : 'the first was kept';
  const remarks = [
    ...file.notes,
    duplicates > 0 && `${duplicates} rows stand there twice and were taken once`,
    empty > 0 && `${empty} minutes have no price: gaps`,
    floored > 0 && `${floored} bars start ${offsetMs / 1000} s late; they were moved to the start of their minute`,
    clampedOpens > 0 && `${clampedOpens} opens outside their bar were moved into it`,
    rejected > 0 && rejectFile && `${rejected} bad rows, see ${rejectFile}`,
    conflicts > 0 && `${conflicts} bars were there with other values (${done}): ${conflictSamples.join('; ')}`,
  ];
  return remarks.filter(Boolean).map((remark) => `${file.file}: ${remark}`);
}

function progressLine() {
  const draw = progress();
  const start = Date.now();
  const update = ({ file, bytesDone, bytesTotal, rows, stage }: IngestProgress) => {
    if (stage === 'aggregates') return draw('computing the coarser bars …');
    const seconds = (Date.now() - start) / 1000;
    const left = bytesDone > 0 ? (seconds * (bytesTotal - bytesDone)) / bytesDone : 0;
    const percent = ((100 * bytesDone) / Math.max(1, bytesTotal)).toFixed(0);
    draw(`${percent}%  ${rows} rows  ${Math.round(rows / seconds)} rows/s  ${Math.ceil(left)} s left  ${file}`);
  };
  return { update, clear: () => draw() };
}

function sayLarge(symbols: readonly { readonly bars: number }[]): void {
  const bars = symbols.reduce((sum, each) => sum + each.bars, 0);
  if (bars > MOST_EMBEDDED)
    say(
      `the embedded database holds ${bars} bars and slows down: a server takes more (config/README.md, DATABASE_URL)`,
    );
}
