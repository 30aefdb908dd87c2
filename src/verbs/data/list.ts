import { EXIT, type ExitCode } from '../../base/errors.ts';
import { print, printJson, table } from '../../base/terminal.ts';
import { type IngestedFile, listFiles, listSymbols } from '../../market/store/list.ts';
import { COMMON, marketOf, readArgs, withDatabase } from './common.ts';

export const USAGE = 'npm run ralph -- data list [--files] [--json]';

/** What is in the database; --files adds the files it came from. JSON: {files?, symbols: [{symbol, bars, first, last, coverage, gaps, missingMinutes, longestGapMinutes, files}]}. */
export async function run(args: string[]): Promise<ExitCode> {
  const { values } = readArgs(args, { ...COMMON, files: { type: 'boolean', default: false } } as const, USAGE);
  const { symbols, files } = await withDatabase(marketOf(values), async (db) => ({
    symbols: await listSymbols(db.pool),
    files: values.files ? await listFiles(db.pool) : undefined,
  }));
  if (values.json) printJson({ symbols, files });
  else if (symbols.length === 0)
    print('no bars yet: npm run ralph -- data ingest PATH --symbol SYMBOL, or data simulate');
  else {
    const head = ['symbol', 'bars', 'first', 'last', 'coverage', 'gaps', 'longest gap', 'files'];
    const rows = symbols.map((one) => [
      one.symbol,
      one.bars,
      one.first.slice(0, 16),
      one.last.slice(0, 16),
      `${(one.coverage * 100).toFixed(1)}%`,
      one.gaps,
      `${(one.longestGapMinutes / 60).toFixed(1)} h`,
      one.files,
    ]);
    print(table(head, rows));
    if (files) print(`\n${filesTable(files)}`);
  }
  return EXIT.done;
}

function filesTable(files: IngestedFile[]): string {
  const head = [
    'file',
    'symbol',
    'format',
    'MB',
    'sha256',
    'rows',
    'inserted',
    'rejected',
    'conflicts',
    'first',
    'last',
  ];
  const rows = files.map((file) => [
    file.name,
    file.symbol,
    file.format,
    (file.size / 1e6).toFixed(1),
    file.sha256.slice(0, 12),
    file.rows,
    file.inserted,
    file.rejected,
    file.conflicts,
    file.first?.slice(0, 16) ?? '',
    file.last?.slice(0, 16) ?? '',
  ]);
  return table(head, rows);
}
