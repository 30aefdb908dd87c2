import { print, printJson, say, table, tableOf } from '../../base/draw/terminal.ts';
import { EXIT, type RalphError, UsageError } from '../../base/errors.ts';
import { counted, isoDay, isoMinute, percent } from '../../base/numbers.ts';
import { MINUTE } from '../../market/bars.ts';
import { badPrintRuleOf } from '../../market/config.ts';
import { moveLine } from '../../market/quality.ts';
import { listSymbols } from '../../market/store/list.ts';
import { drawCoverage } from '../../market/verify/picture.ts';
import { type SymbolReport, verifySymbol } from '../../market/verify/verify.ts';
import { checkOutput, writeOutput } from '../output.ts';
import type { Handler } from '../table/table.ts';
import { marketOf, withDatabase } from './common.ts';

/**
 * Reads every bar and says what is conspicuous, month by month; draws coverage and price. Exit 1 when the database
 * contradicts itself. JSON: {symbols: [{symbol, months, longestGaps, gaps, missing, outside, badPrintFactor, badPrints,
 * unconfirmed, problems, moves}]}.
 */
export const dataVerify: Handler<'data verify'> = async ({ from, to, picture, config, dataDir, json }, symbols) => {
  if (from >= to)
    throw new UsageError(`--from ${isoDay(from)} is not before --to ${isoDay(to)}`, {
      remedy: 'Give an earlier --from or a later --to.',
    });
  if (picture) checkOutput('picture', picture, '.svg');
  const market = marketOf(config, dataDir);
  const reports = await withDatabase(market, async (db) => {
    const known = (await listSymbols(db)).map(({ symbol }) => symbol);
    return Array.fromAsync(symbols.length > 0 ? symbols : known, async (symbol) => {
      const { session } = market.symbols[symbol] ?? {};
      const report = await verifySymbol(db, symbol, { from, to }, badPrintRuleOf(market, symbol), session);
      if (!report || report.months.length === 0) throw nothing(symbol, known);
      return report;
    });
  });
  for (const report of reports) {
    if (picture) draw(picture, report, reports.length > 1);
    if (!json) show(report);
  }
  // The days are for the picture alone.
  if (json) printJson({ symbols: reports.map(({ days: _, ...report }) => report) });
  return reports.some(({ problems }) => problems.length > 0) ? EXIT.failed : EXIT.done;
};

function show({ symbol, interval, months, longestGaps, gaps, missing, problems, ...report }: SymbolReport): void {
  const closed = report.outside > 0 ? `, ${report.outside} bars outside of its session: check their time zone` : '';
  print(`${symbol}: ${counted(gaps, 'gap')}, ${counted(missing, 'minute')} missing${closed}`);
  const rows = months.map((one) => ({
    month: one.month,
    bars: one.bars,
    coverage: percent((one.bars * interval) / MINUTE / one.minutes),
    gaps: one.gaps,
    missing: one.missing,
    'longest gap': one.longestGap ? `${one.longestGap.length} min, ${isoMinute(one.longestGap.from)}` : '',
    duplicates: one.duplicates,
    outliers: one.outliers,
    worst: one.worstOutlier ? `${percent(one.worstOutlier.change)} ${isoMinute(one.worstOutlier.time)}` : '',
    flat: one.flatRuns,
    silent: one.silentRuns,
  }));
  print(tableOf(rows));
  print('longest gaps:');
  const longest = longestGaps.map((gap) => [isoMinute(gap.from), gap.length]);
  print(table(['from', 'minutes'], longest));
  showBadPrints(report);
  print(`jumps and wicks: ${report.moves.length}`);
  for (const move of report.moves.slice(0, 20)) print(`  ${moveLine(move)}`);
  for (const problem of problems) print(`PROBLEM: ${problem}`);
}

/** What a freeze will strike out of the windows; the stored bars stay as they came. */
function showBadPrints({
  badPrintFactor,
  badPrints,
  unconfirmed,
}: Pick<SymbolReport, 'badPrintFactor' | 'badPrints' | 'unconfirmed'>): void {
  if (badPrintFactor === 0) {
    print('bad prints: the rule of market.yaml is off');
    return;
  }
  const stay = unconfirmed > 0 ? `; ${unconfirmed} more do not return and stay` : '';
  print(`bad prints (more than ${badPrintFactor}x beyond their neighbours): ${badPrints.length}${stay}`);
  if (badPrints.length === 0) return;
  const rows = badPrints.map(({ time, open, high, low, close, before, after, done }) => ({
    time: isoMinute(time),
    open,
    high,
    low,
    close,
    around: `${before} -> ${after}`,
    'in windows': done === 'clamped' ? 'clamped to its good prices' : 'left out, a gap',
  }));
  print(tableOf(rows));
}

function draw(path: string, report: SymbolReport, several: boolean): void {
  const file = several ? path.replace(/(\.svg)?$/, `-${report.symbol}.svg`) : path;
  writeOutput(file, drawCoverage(report.symbol, report.days));
  say(`drawn: ${file}`);
}

function nothing(symbol: string, known: readonly string[]): RalphError {
  return new UsageError(`there are no bars of ${symbol} in that range`, {
    remedy:
      known.length > 0
        ? `There are: ${known.join(', ')} (npm run ralph -- data list).`
        : 'Take some in first: npm run ralph -- data ingest PATH.',
  });
}
