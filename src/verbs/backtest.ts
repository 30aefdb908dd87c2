import { readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { openBox } from '../backtest/box/open.ts';
import { type Compiled, compileCandidate } from '../backtest/compile/compile.ts';
import type { SimulationRequest, SimulationResult } from '../backtest/contract.ts';
import { EXIT, messageOf, RalphError } from '../base/errors.ts';
import { writeFileAtomic } from '../base/files.ts';
import { sha256 } from '../base/hash.ts';
import { PROJECT_DIR } from '../base/roots.ts';
import { print, printJson, say, table } from '../base/terminal.ts';
import { type MarketConfig, readMarketConfig } from '../market/config.ts';
import { computeMetrics } from '../metrics/metrics.ts';
import { parseCandidateYaml } from '../strategy/policy.ts';
import { configPath } from '../task/config-path.ts';
import { windowsFromFiles } from './backtest/bars-file.ts';
import { type Ground, windowsFromDatabase } from './backtest/frozen.ts';
import { equityCsv, returnsCsv, tradesCsv } from './backtest/series.ts';
import { sweep } from './backtest/sweep.ts';
import { wishOf } from './data/common.ts';
import type { Handler } from './table/table.ts';

const LIMITS = { wallMs: 120_000, heapMb: 1_024 };

/** One candidate in the box, without a model and without counting a trial. Its own YAML names the strategy. */
export const backtest: Handler<'backtest'> = async (
  {
    window,
    config,
    bars,
    symbol,
    sweep: grid,
    map,
    trades,
    returns,
    equity,
    json,
    format,
    columns,
    timezone,
    label,
    interval,
    dates,
    open,
    volume,
    noVolume,
  },
  [path],
) => {
  const files = [trades, returns, equity].filter((file) => file !== undefined);
  if (grid !== undefined && (window === 'selection' || files.length > 0))
    throw new RalphError(
      `--sweep goes with ${window === 'selection' ? 'train alone: what is chosen on selection is not tested by it' : 'no series: it plays many'}`,
      { remedy: 'Sweep on train, then play the point that you choose.', exitCode: EXIT.usage },
    );
  if (window === 'selection' && files.length > 0)
    throw new RalphError('the folds of selection do not go into one file', {
      remedy: 'Leave --window selection out, or take the numbers from --json.',
      exitCode: EXIT.usage,
    });
  if (map !== undefined && grid === undefined)
    throw new RalphError('--map draws a sweep, and --sweep is missing', {
      remedy: "Add one of two parameters, such as --sweep 'fast=5..40:5,slow=30..200:10'.",
      exitCode: EXIT.usage,
    });
  const compiled = await compile(path);
  const market = readMarketConfig(configPath(PROJECT_DIR, config, 'market.yaml'));
  const { symbols, universe } = compiled.config;
  if (universe !== undefined && bars.length > 0)
    throw new RalphError(`${path} trades the set ${universe}, and --bars brings files without memberships`, {
      remedy: 'Leave --bars out, or name symbols in the YAML.',
      exitCode: EXIT.usage,
    });
  const unknown = symbols.filter((each) => !Object.hasOwn(market.symbols, each));
  if (unknown.length > 0) {
    throw new RalphError(`${path} trades ${unknown.join(', ')}, and config/market.yaml has no such symbol`, {
      remedy: `Use one of ${Object.keys(market.symbols).join(', ')}, or add it: its costs under symbols in config/market.yaml, its bars by npm run ralph -- data ingest FILES --symbol ${unknown[0]}.`,
      exitCode: EXIT.usage,
    });
  }
  const wish = wishOf({ format, columns, timezone, label, interval, dates, open, volume, noVolume });
  const run = async ({ windows, market: costs, symbols: order }: Ground) => {
    if (grid !== undefined) return sweep(compiled, windows[0], costs, { grid, map, json });
    const played = await playAll(compiled, windows, costs);
    writeSeries(played, basename(compiled.config.strategy, '.ts'), order, { trades, returns, equity });
    report(played, json);
  };
  if (bars.length === 0) {
    await run(await windowsFromDatabase(window, compiled.config, market, config));
    return EXIT.done;
  }
  const given = await windowsFromFiles(bars, symbol.length > 0 ? symbol : symbols, wish, market);
  try {
    await run({ windows: [given.paths], symbols, market: noVolume ? withoutCap(market) : market });
  } finally {
    given.remove();
  }
  return EXIT.done;
};

/** What pandas reads. */
function writeSeries(
  played: readonly Played[],
  name: string,
  symbols: readonly string[],
  { trades, returns, equity }: { readonly [K in 'trades' | 'returns' | 'equity']?: string | undefined },
): void {
  const [{ result }] = played;
  if (trades !== undefined) writeFileAtomic(trades, tradesCsv(result, symbols));
  if (returns !== undefined) writeFileAtomic(returns, returnsCsv(result, name));
  if (equity !== undefined) writeFileAtomic(equity, equityCsv(result));
}

/** Without volumes there is nothing that an order could be a share of. */
function withoutCap(market: MarketConfig): MarketConfig {
  say('--no-volume: participation is 0, orders fill whatever their size');
  const symbols = Object.entries(market.symbols).map(([name, costs]) => [name, { ...costs, participation: 0 }]);
  return { ...market, symbols: Object.fromEntries(symbols) };
}

async function compile(path: string): Promise<Compiled> {
  const yaml = read(path);
  const parsed = parseCandidateYaml(yaml);
  if (!parsed.ok) throw refused(path, parsed.problems);
  const source = read(join(dirname(path), parsed.config.strategy));
  const name = basename(parsed.config.strategy, '.ts');
  const compiled = await compileCandidate({ name, source, yaml });
  if (!compiled.ok) throw refused(path, compiled.problems);
  return compiled;
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new RalphError(`cannot read ${path}: ${messageOf(cause)}`, {
      remedy: 'Give the path of a YAML; the strategy file it names lies beside it.',
      exitCode: EXIT.usage,
      cause,
    });
  }
}

function refused(path: string, problems: readonly string[]): RalphError {
  return new RalphError([`${path} is refused`, ...problems].join('\n  '), { remedy: 'Fix the lines named above.' });
}

interface Played {
  readonly result: SimulationResult;
  readonly milliseconds: number;
}

async function playAll(compiled: Compiled, windows: readonly string[][], market: MarketConfig): Promise<Played[]> {
  const played: Played[] = [];
  for (const windowFiles of windows) played.push(await play(compiled, windowFiles, market));
  return played;
}

async function play({ code, config }: Compiled, windowFiles: string[], market: MarketConfig): Promise<Played> {
  const box = await openBox({ code, windowFiles, market, limits: LIMITS });
  if (!box.ok) throw failed(box);
  try {
    const request: SimulationRequest = {
      params: config.params,
      scenario: { name: 'base', costMultiplier: 1, delayBars: 0, missEvery: 0 },
      detail: 'full',
    };
    const start = performance.now();
    const answer = await box.value.simulate([request]);
    if (!answer.ok) throw failed(answer);
    return { result: answer.value[0], milliseconds: performance.now() - start };
  } finally {
    await box.value.close();
  }
}

function failed({ kind, message }: { kind: string; message: string }): RalphError {
  return new RalphError(`the backtest failed (${kind}): ${message}`, { remedy: 'Fix the strategy and repeat.' });
}

function report(played: readonly Played[], json: boolean): void {
  const reports = played.map(({ result }) => ({
    ...computeMetrics(result),
    initialEquity: result.cash,
    finalEquity: result.finalEquity,
    fees: result.fees,
    slippage: result.slippage,
    funding: result.funding,
    fillCount: result.fillCount,
    decisions: result.decisions,
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
    equityFingerprint: single ? prints[0] : sha256(prints.join('\n')),
    bars: played.reduce((sum, { result }) => sum + result.bars, 0),
    milliseconds: Math.round(played.reduce((sum, each) => sum + each.milliseconds, 0) * 10) / 10,
  };
  if (json) {
    printJson(value);
    return;
  }
  const names = Object.keys(reports[0]) as (keyof (typeof reports)[0])[];
  const head = ['', ...reports.map((_, fold) => (single ? '' : `fold ${fold + 1}`))];
  print(
    table(
      head,
      names.map((name) => [name, ...reports.map((each) => cell(each[name]))]),
    ),
  );
  for (const { result } of played) {
    if (!result.symbols) continue;
    const rows = result.symbols.map(({ symbol, profit, traded, exposure }) => [
      symbol,
      cell(profit),
      cell(traded),
      cell(exposure),
    ]);
    print(table(['symbol', 'profit', 'traded', 'exposure'], rows));
  }
  print(
    `${value.bars} bars, ${value.fills.length} fills, ${value.milliseconds} ms, fingerprint ${value.equityFingerprint}`,
  );
}

function cell(value: unknown): string {
  return typeof value === 'number' ? String(Math.round(value * 10_000) / 10_000) : String(value ?? '-');
}
