import { EXIT } from '../../base/errors.ts';
import { print, printJson, table } from '../../base/terminal.ts';
import { type IngestedFile, listFiles, listSymbols } from '../../market/store/list.ts';
import type { Handler } from '../table/table.ts';
import { marketOf, withDatabase } from './common.ts';

/** What is in the database, with `files` also where it came from. JSON: {files?, symbols: [{symbol, bars, first, last, coverage, gaps, missingMinutes, longestGapMinutes, files}]}. */
export const dataList: Handler<'data list'> = async ({ files: withFiles, config, dataDir, json }) => {
  const { symbols, files } = await withDatabase(marketOf(config, dataDir), async (db) => ({
    symbols: await listSymbols(db.pool),
    files: withFiles ? await listFiles(db.pool) : undefined,
  }));
  if (json) printJson({ symbols, files });
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
};

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
