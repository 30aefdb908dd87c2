import { EXIT } from '../../base/errors.ts';
import { print, printJson, progress, say, tableOf } from '../../base/terminal.ts';
import type { FileReport } from '../../market/ingest/file.ts';
import { type IngestProgress, ingest } from '../../market/ingest/ingest.ts';
import type { Handler } from '../table/table.ts';
import { marketOf, withDatabase } from './common.ts';

/** Takes files, folders or patterns in. JSON: {files, rows, inserted, rejected, gaps, conflicts, replaced, details}. */
export const dataIngest: Handler<'data ingest'> = async (
  { symbol, format, columns, onConflict, maxBadShare, config: path, dataDir, json },
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
  const report = await withDatabase(config, (db) =>
    ingest(db, {
      paths,
      symbol,
      format,
      columns,
      maxBadShare: maxBadShare ?? config.ingest.maxBadShare,
      onConflict,
      compressAfterDays: config.ingest.compressAfterDays,
      dataDir: config.dataDir,
      onProgress: show.update,
      onFile: (file) => {
        show.clear();
        for (const line of remarks(file)) say(line);
      },
    }),
  ).finally(() => {
    show.clear();
    process.off('SIGINT', onSignal);
  });
  if (json) printJson(report);
  else {
    const rows = report.details.map(({ file, symbol, format, rows, inserted, rejected, conflicts, gaps, state }) => ({
      file,
      symbol,
      format,
      rows,
      inserted,
      rejected,
      conflicts,
      gaps,
      '': state,
    }));
    print(tableOf(rows));
    print(`${report.files} files, ${report.rows} rows, ${report.inserted} inserted, ${report.rejected} rejected`);
  }
  return EXIT.done;
};

function remarks(file: FileReport): string[] {
  const lines: string[] = [];
  if (file.rejected > 0 && file.rejectFile)
    lines.push(`${file.file}: ${file.rejected} bad rows, see ${file.rejectFile}`);
  if (file.conflicts > 0) {
    const done = file.replaced > 0 ? 'replaced' : 'the first was kept';
    lines.push(
      `${file.file}: ${file.conflicts} bars were there with other values (${done}): ${file.conflictSamples.join('; ')}`,
    );
  }
  return lines;
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
