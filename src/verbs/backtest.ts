import { readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { openBox } from '../backtest/box/open.ts';
import { type Compiled, compileCandidate } from '../backtest/compile/compile.ts';
import { NEUTRAL } from '../backtest/market.ts';
import { closing } from '../base/closing.ts';
import { say } from '../base/draw/terminal.ts';
import { messageOf, RalphError, UsageError } from '../base/errors.ts';
import { readGatesConfig } from '../gates/config.ts';
import { type MarketConfig, readMarketConfig } from '../market/config.ts';
import { coverageOfFile } from '../market/coverage.ts';
import type { Wanted } from '../market/universe/members.ts';
import { parseCandidateYaml } from '../strategy/policy.ts';
import { type Played, report } from './backtest/report.ts';
import { equityOf, returnsOf, tradesOf, writeSeries } from './backtest/series.ts';
import {
  aboutSignals,
  namesSignals,
  playSignals,
  printVerdict,
  readSignalsConfig,
  verdictOn,
} from './backtest/signals/play.ts';
import { sweep } from './backtest/sweep.ts';
import { temporaryFolder } from './backtest/temporary.ts';
import { type Ground, windowsFromDatabase, windowsFromFiles } from './backtest/windows.ts';
import { configFile } from './config-file.ts';
import { checkOutput, outputTarget } from './output.ts';
import { wishOf } from './table/market.ts';
import type { Handler } from './table/table.ts';

const LIMITS = { wallMs: 120_000, heapMb: 1_024 };

/** One candidate in the box, without a model and without counting a trial. Its own YAML names the strategy. */
export const backtest: Handler<'backtest'> = async (
  { window, config, bars, symbol, sweep: grid, map, trades, returns, equity, json, ...reading },
  [path],
) => {
  const files = seriesFiles({ trades, returns, equity });
  if (grid !== undefined && (window === 'selection' || files.length > 0))
    throw new UsageError(
      `--sweep goes with ${window === 'selection' ? 'train alone: what is chosen on selection is not tested by it' : 'no series: it plays many'}`,
      { remedy: 'Sweep on train, then play the point that you choose.' },
    );
  if (window === 'selection' && files.length > 0)
    throw new UsageError('the folds of selection do not go into one file', {
      remedy: 'Leave --window selection out, or take the numbers from --json.',
    });
  if (map !== undefined && grid === undefined)
    throw new UsageError('--map draws a sweep, and --sweep is missing', {
      remedy: "Add one of two parameters, such as --sweep 'fast=5..40:5,slow=30..200:10'.",
    });
  if (map !== undefined) checkOutput('map', map, '.svg');
  const yaml = read(path);
  const file = namesSignals(yaml) ? readSignalsConfig(path, yaml) : undefined;
  if (file && grid !== undefined)
    throw new UsageError(`--sweep moves parameters, and ${path} names signals, which have none`, {
      remedy: 'Leave --sweep out.',
    });
  const compiled = file ? undefined : await compile(path, yaml);
  const wanted: Wanted = file ?? compiled!.config;
  const marketPath = configFile(config, 'market.yaml');
  const market = readMarketConfig(marketPath);
  const { symbols, universe } = wanted;
  if (universe !== undefined && bars.length > 0)
    throw new UsageError(`${path} trades the set ${universe}, and --bars brings files without memberships`, {
      remedy: 'Leave --bars out, or name symbols in the YAML.',
    });
  const unknown = symbols.filter((each) => !Object.hasOwn(market.symbols, each));
  if (unknown.length > 0)
    throw new UsageError(`${path} trades ${unknown.join(', ')}, and ${marketPath} has no such symbol`, {
      remedy: `Use one of ${Object.keys(market.symbols).join(', ')}, or add it: its costs under symbols in ${marketPath}, its bars by npm run ralph -- data ingest FILES --symbol ${unknown[0]}.`,
    });
  const run = async ({ windows, market: costs, symbols: order }: Ground) => {
    if (compiled && grid !== undefined) return sweep(compiled, windows[0], costs, { grid, map, json });
    const signalled = file && playSignals(file, windows, costs);
    const played = signalled ?? (await Array.fromAsync(windows, (files) => play(compiled!, files, costs)));
    const name = file ? basename(file.name, '.csv') : basename(compiled!.config.strategy, '.ts');
    const [{ result }] = played;
    if (trades !== undefined) await writeSeries(trades, tradesOf(result, order));
    if (returns !== undefined) await writeSeries(returns, returnsOf(result, name));
    if (equity !== undefined) await writeSeries(equity, equityOf(result));
    const coverage = windows.flatMap((paths, fold) =>
      paths.map((each, s) => coverageOfFile(`fold ${fold + 1}`, each, market.symbols[order[s]]?.session)),
    );
    if (!file) {
      sayUntuned(compiled!);
      return report(played, coverage, json, { params: result.params });
    }
    const gates = readGatesConfig(configFile(config, 'gates.yaml'));
    const verdict = window === 'train' ? await verdictOn(file, windows[0], costs, gates) : undefined;
    const overtaken = (signalled ?? []).reduce((sum, each) => sum + each.overtaken, 0);
    report(played, coverage, json, { signals: aboutSignals(file, verdict, overtaken) });
    if (!json) printVerdict(file, verdict);
  };
  if (bars.length === 0) return run(await windowsFromDatabase(window, wanted, market, config));
  using folder = temporaryFolder('ralph-backtest-');
  // A universe is played in the order of its names, whatever that of the YAML is.
  const named = symbol.length > 0 ? symbol : (file?.symbols ?? compiled!.written);
  if (named.length !== symbols.length || symbols.some((each) => !named.includes(each)))
    throw new UsageError(`--symbol names ${named.join(', ')}, and ${path} trades ${symbols.join(', ')}`, {
      remedy: 'Name each symbol of the YAML once, in the order of the files.',
    });
  const paths = await windowsFromFiles(bars, named, wishOf(reading), market, folder.path);
  const inOrder = symbols.map((each) => paths[named.indexOf(each)]);
  await run({ windows: [inOrder], symbols, market: reading.noVolume ? withoutCap(market) : market });
};

/** The files that series are to be written to. Throws UsageError for two of one name, and for a kind of file that is not written, or a place where none can be. */
function seriesFiles(named: Readonly<Record<string, string | undefined>>): string[] {
  const asked = Object.entries(named).flatMap(([option, file]) => (file === undefined ? [] : [{ option, file }]));
  for (const [i, { option, file }] of asked.entries()) {
    if (!/\.(csv|parquet)$/i.test(file))
      throw new UsageError(`--${option} ${file}: expected a name that ends in .csv or .parquet`, {
        remedy: `Name it ${file}.csv.`,
      });
    checkOutput(option, file);
    const before = asked.slice(0, i).find((each) => outputTarget(each.file) === outputTarget(file));
    if (before)
      throw new UsageError(`--${before.option} and --${option} both name ${file}`, { remedy: 'Give each a file.' });
  }
  return asked.map(({ file }) => file);
}

/** What a trial would have tried and a backtest does not. */
function sayUntuned({ axes, config: { params, sweep } }: Compiled): void {
  const swept = Object.entries(sweep).map(([name, values]) => `${name}: [${values.join(', ')}]`);
  if (swept.length > 0)
    say(`sweep: is for trials and was not played (${swept.join(', ')}); --sweep 'NAME=FROM..TO:STEP' plays a grid`);
  const middle = Object.keys(axes).filter((name) => !Object.hasOwn(params, name));
  if (middle.length > 0)
    say(
      `${middle.join(', ')}: a trial tunes them; here each is the middle of its range, where the YAML gives no other`,
    );
}

/** Without volumes there is nothing that an order could be a share of. */
function withoutCap(market: MarketConfig): MarketConfig {
  say('--no-volume: participation is 0, orders fill whatever their size');
  const symbols = Object.entries(market.symbols).map(([name, costs]) => [name, { ...costs, participation: 0 }]);
  return { ...market, symbols: Object.fromEntries(symbols) };
}

/** `written`: its symbols in the order of the YAML. */
async function compile(path: string, yaml: string): Promise<Compiled & { readonly written: readonly string[] }> {
  const parsed = parseCandidateYaml(yaml);
  if (!parsed.ok) throw refused(path, parsed.problems);
  const source = read(join(dirname(path), parsed.config.strategy));
  const name = basename(parsed.config.strategy, '.ts');
  const compiled = await compileCandidate({ name, source, yaml });
  if (!compiled.ok) throw refused(path, compiled.problems);
  return { ...compiled, written: parsed.config.symbols };
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new UsageError(`cannot read ${path}: ${messageOf(cause)}`, {
      remedy: 'Give the path of a YAML; the strategy file it names lies beside it.',
      cause,
    });
  }
}

function refused(path: string, problems: readonly string[]): RalphError {
  return new RalphError([`${path} is refused`, ...problems].join('\n  '), { remedy: 'Fix the lines named above.' });
}

async function play({ code, config }: Compiled, windowFiles: string[], market: MarketConfig): Promise<Played> {
  const box = await openBox({ code, windowFiles, market, limits: LIMITS });
  if (!box.ok) throw failed(box);
  await using open = closing(box.value);
  const start = performance.now();
  const answer = await open.simulate([{ params: config.params, scenario: NEUTRAL, detail: 'full' }]);
  if (!answer.ok) throw failed(answer);
  return { result: answer.value[0], milliseconds: performance.now() - start };
}

function failed({ kind, message }: { kind: string; message: string }): RalphError {
  return new RalphError(`the backtest failed (${kind}): ${message}`, { remedy: 'Fix the strategy and repeat.' });
}
