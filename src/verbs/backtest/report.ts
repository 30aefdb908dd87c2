import type { SimulationResult } from '../../backtest/contract.ts';
import { print, printJson, table } from '../../base/draw/terminal.ts';
import { sha256 } from '../../base/hash.ts';
import { isoMinute, percent } from '../../base/numbers.ts';
import type { Coverage } from '../../market/coverage.ts';
import { computeMetrics } from '../../metrics/metrics.ts';
import type { Params } from '../../strategy/candidate.ts';

/** One window as it was played. */
export interface Played {
  readonly result: SimulationResult;
  readonly milliseconds: number;
}

interface More {
  /** Those that were played. */
  readonly params?: Params;
  readonly signals?: object;
}

/** Prints figures, symbols, their bars, parameters and fingerprint of each window; `more` is added to the JSON. */
export function report(played: readonly Played[], coverage: readonly Coverage[], json: boolean, more: More = {}): void {
  const reports = played.map(({ result }) => ({
    ...computeMetrics(result),
    initialEquity: result.cash,
    finalEquity: result.finalEquity,
    fees: result.fees,
    slippage: result.slippage,
    funding: result.funding,
    fillCount: result.fillCount,
    decisions: result.decisions,
    refused: result.refused,
    ruined: result.ruined,
    from: new Date(result.days[0]).toISOString(),
    days: result.days.length,
  }));
  const single = played.length === 1;
  const prints = played.map(({ result }) => result.equityFingerprint);
  const symbols = played[0].result.symbols;
  const value = {
    report: single ? reports[0] : { folds: reports },
    fills: played.flatMap(({ result }) => result.fills ?? []),
    ...(symbols && { symbols: played.map(({ result }) => result.symbols) }),
    coverage: coverage.map(({ window, symbol, first, last, bars, share }) => ({
      ...(!single && { window }),
      symbol,
      first: first === null ? null : new Date(first).toISOString(),
      last: last === null ? null : new Date(last).toISOString(),
      bars,
      share,
    })),
    equityFingerprint: single ? prints[0] : sha256(prints.join('\n')),
    bars: played.reduce((sum, { result }) => sum + result.bars, 0),
    ...more,
    milliseconds: Math.round(played.reduce((sum, each) => sum + each.milliseconds, 0) * 10) / 10,
  };
  if (json) {
    printJson(value);
    return;
  }
  const names = Object.keys(reports[0]) as (keyof (typeof reports)[0])[];
  const head = ['', ...reports.map((_, fold) => (single ? '' : `fold ${fold + 1}`))];
  const figures = names.map((name) => [name, ...reports.map((each) => cell(each[name]))]);
  print(table(head, figures));
  for (const { result } of played) {
    if (!result.symbols) continue;
    const rows = result.symbols.map(({ symbol, profit, traded, exposure }) => {
      return [symbol, ...[profit, traded, exposure].map(cell)];
    });
    print(table(['symbol', 'profit', 'traded', 'exposure'], rows));
  }
  const spans = coverage.map(({ window, symbol, first, last, bars, share }) => [
    ...(single ? [] : [window]),
    symbol,
    first === null ? '-' : isoMinute(first),
    last === null ? '-' : isoMinute(last),
    bars,
    percent(share),
  ]);
  print(table([...(single ? [] : ['']), 'symbol', 'first bar', 'last bar', 'bars', 'of its minutes'], spans));
  const params = Object.entries(more.params ?? {});
  if (params.length > 0) print(`parameters: ${params.map(([name, set]) => `${name}=${set}`).join(', ')}`);
  print(
    `${value.bars} bars, ${value.fills.length} fills, ${value.milliseconds} ms, fingerprint ${value.equityFingerprint}`,
  );
}

function cell(value: unknown): string {
  return typeof value === 'number' ? String(Math.round(value * 10_000) / 10_000) : String(value ?? '-');
}
