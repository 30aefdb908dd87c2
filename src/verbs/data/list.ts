import { print, printJson, tableOf } from '../../base/draw/terminal.ts';
import { percent } from '../../base/numbers.ts';
import { TIMEFRAME_MS, TIMEFRAMES } from '../../market/bars.ts';
import { type IngestedFile, listFiles, listOpenHours } from '../../market/store/list.ts';
import type { Handler } from '../table/table.ts';
import { marketOf, withDatabase } from './common.ts';

/** What is in the database, with `files` also where it came from. JSON: {files?, symbols: [{symbol, interval, bars, first, last, coverage, gaps, missingMinutes, longestGapMinutes, files}]}. */
export const dataList: Handler<'data list'> = async ({ files: withFiles, config, dataDir, json }) => {
  const market = marketOf(config, dataDir);
  const { symbols, files } = await withDatabase(market, async (db) => ({
    symbols: await listOpenHours(db, (symbol) => market.symbols[symbol]?.session),
    files: withFiles ? await listFiles(db.pool) : undefined,
  }));
  if (json) printJson({ symbols, files });
  else if (symbols.length === 0)
    print('no bars yet: npm run ralph -- data ingest PATH --symbol SYMBOL, or data simulate');
  else {
    const rows = symbols.map((one) => ({
      symbol: one.symbol,
      bars: one.bars,
      of: TIMEFRAMES.find((name) => TIMEFRAME_MS[name] === one.interval) ?? '',
      first: minuteOf(one.first),
      last: minuteOf(one.last),
      coverage: percent(one.coverage),
      gaps: one.gaps,
      'longest gap': `${(one.longestGapMinutes / 60).toFixed(1)} h`,
      files: one.files,
    }));
    print(tableOf(rows));
    if (files) print(files.length > 0 ? `\n${filesTable(files)}` : '\nno file was taken in');
  }
};

function filesTable(files: readonly IngestedFile[]): string {
  const rows = files.map(({ name, symbol, format, size, sha256, first, last, ...counts }) => ({
    file: name,
    symbol,
    format,
    MB: (size / 1e6).toFixed(1),
    sha256: sha256.slice(0, 12),
    ...counts,
    first: minuteOf(first),
    last: minuteOf(last),
  }));
  return tableOf(rows);
}

/** With a blank, so that a narrow column folds it. */
function minuteOf(time: string | null): string {
  return time?.slice(0, 16).replace('T', ' ') ?? '';
}
