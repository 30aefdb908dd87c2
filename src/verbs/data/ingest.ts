import { EXIT, type ExitCode, RalphError } from '../../base/errors.ts';
import { print, printJson, progress, say, table } from '../../base/terminal.ts';
import type { FileReport } from '../../market/ingest/file.ts';
import { FORMAT_NAMES, type FormatName, parseColumnMap } from '../../market/ingest/format.ts';
import { type IngestProgress, ingest } from '../../market/ingest/ingest.ts';
import { COMMON, marketOf, readArgs, withDatabase } from './common.ts';

export const USAGE = `npm run ralph -- data ingest PATH… [--symbol BTCUSD] [--format ${FORMAT_NAMES.join('|')}] [--columns time=0,open=1,…,unit=ms]
       [--on-conflict keep|replace] [--max-bad-share 0.001] [--json]`;

const OPTIONS = {
  ...COMMON,
  symbol: { type: 'string' },
  format: { type: 'string' },
  columns: { type: 'string' },
  'on-conflict': { type: 'string', default: 'keep' },
  'max-bad-share': { type: 'string' },
} as const;

/** Takes files, folders or patterns in. JSON: {files, rows, inserted, rejected, gaps, conflicts, replaced, details}. */
export async function run(args: string[]): Promise<ExitCode> {
  const { values, positionals } = readArgs(args, OPTIONS, USAGE);
  if (positionals.length === 0) throw usage('data ingest needs a path');
  const config = marketOf(values);
  const columns = values.columns === undefined ? undefined : (parseColumnMap(values.columns) ?? undefined);
  if (values.columns !== undefined && !columns) throw usage(`cannot read --columns "${values.columns}"`);
  if (values.format !== undefined && !FORMAT_NAMES.includes(values.format as FormatName)) {
    throw usage(`unknown --format "${values.format}"`);
  }
  const conflict = values['on-conflict'];
  if (conflict !== 'keep' && conflict !== 'replace') throw usage(`unknown --on-conflict "${conflict}"`);
  const share = Number(values['max-bad-share'] ?? config.ingest.maxBadShare);
  if (!(share >= 0 && share <= 1)) throw usage('--max-bad-share is a number from 0 to 1');
  const show = progressLine();
  // whatever was staged or published stays: there is nothing to put away
  const onSignal = () => {
    show.clear();
    say('interrupted: repeat the command, it goes on where it stopped');
    process.exit(EXIT.interrupted);
  };
  process.once('SIGINT', onSignal);
  const report = await withDatabase(config, (db) =>
    ingest(db, {
      paths: positionals,
      symbol: values.symbol,
      format: values.format as FormatName | undefined,
      columns,
      maxBadShare: share,
      onConflict: conflict,
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
  if (values.json) printJson(report);
  else {
    const head = ['file', 'symbol', 'format', 'rows', 'inserted', 'rejected', 'conflicts', 'gaps', ''];
    const row = (f: FileReport) => [
      f.file,
      f.symbol,
      f.format,
      f.rows,
      f.inserted,
      f.rejected,
      f.conflicts,
      f.gaps,
      f.state,
    ];
    print(table(head, report.details.map(row)));
    print(`${report.files} files, ${report.rows} rows, ${report.inserted} inserted, ${report.rejected} rejected`);
  }
  return EXIT.done;
}

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

function usage(message: string): RalphError {
  return new RalphError(message, { remedy: `Usage: ${USAGE}`, exitCode: EXIT.usage });
}
