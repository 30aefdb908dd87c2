import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import type { SimulationRequest } from '../../../backtest/contract.ts';
import { type SimulationData, simulate } from '../../../backtest/engine.ts';
import type { EngineMarket } from '../../../backtest/market.ts';
import { NEUTRAL } from '../../../backtest/market.ts';
import { parseConfig } from '../../../base/config.ts';
import { print, say, table } from '../../../base/draw/terminal.ts';
import { messageOf, UsageError } from '../../../base/errors.ts';
import { sha256 } from '../../../base/hash.ts';
import { counted, isoDay } from '../../../base/numbers.ts';
import type { GatesConfig } from '../../../gates/config.ts';
import { emptyHistory } from '../../../gates/history.ts';
import { judge } from '../../../gates/judge.ts';
import type { Stage } from '../../../gates/verdict.ts';
import { inTurn } from '../../../gates/workbench/spread.ts';
import type { Workbench } from '../../../gates/workbench/workbench.ts';
import { reasonText } from '../../../journal/projections/text.ts';
import { readWindowFile } from '../../../market/snapshot.ts';
import { SYMBOL } from '../../../market/symbol.ts';
import type { StrategyDefinition } from '../../../strategy/definition.ts';
import type { Played } from '../report.ts';
import { readSignals, type Signals, textOf } from './file.ts';
import { countsOf, scheduleOf, signalStrategy } from './strategy.ts';

const schema = z.strictObject({
  signals: z.string().min(1),
  symbols: z
    .array(z.string().regex(SYMBOL, 'expected a symbol such as BTCUSD'))
    .min(1, 'expected at least one symbol')
    .max(64, 'expected at most 64 symbols')
    .refine((symbols) => new Set(symbols).size === symbols.length, 'expected each symbol once'),
});

/** A YAML that names a file of signals in place of a strategy. */
export interface SignalsConfig {
  readonly name: string;
  readonly path: string;
  readonly symbols: readonly string[];
  readonly sha256: string;
  readonly signals: Signals;
}

/** Whether a YAML names signals. */
export function namesSignals(yaml: string): boolean {
  return /^signals\s*:/m.test(yaml);
}

/** Reads a YAML with `signals: file.csv` and `symbols: [...]`, and its file, which lies beside it. Throws RalphError (exit 2). */
export function readSignalsConfig(path: string, yaml: string): SignalsConfig {
  const { signals: name, symbols } = parseConfig(
    yaml,
    schema,
    path,
    `Write it as signals: FILE.csv and symbols: [BTCUSD], nothing else.`,
  );
  const file = resolve(dirname(path), name);
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (cause) {
    throw new UsageError(`cannot read the signals ${file}: ${messageOf(cause)}`, {
      remedy: `Put them there, or correct "signals" in ${path}.`,
      cause,
    });
  }
  const text = textOf(bytes, name);
  return { name, path: file, symbols, sha256: sha256(text), signals: readSignals(text, name, symbols) };
}

/** Plays signals on each window: the engine, the costs and the fills of any candidate. `overtaken`: signals that a later one took the place of. */
export function playSignals(
  { signals, name }: SignalsConfig,
  windows: readonly (readonly string[])[],
  market: EngineMarket,
): (Played & { readonly overtaken: number })[] {
  return windows.map((files) => {
    const data = files.map(readWindowFile);
    const counts = countsOf(signals, data);
    if (counts.before + counts.inside === 0)
      throw new UsageError(
        `${name}: all ${counts.after} signals lie behind the last bars of the window, which ends ${isoDay(data[0].range.to)}`,
        { remedy: 'Play another window, or bring signals of these days.' },
      );
    if (counts.before > 0)
      say(
        `${name}: ${counts.inside === 0 ? 'all ' : ''}${counts.before} signals lie before the window; the last of each symbol holds at its start`,
      );
    if (counts.after > 0)
      say(`${name}: ${counts.after} signals lie behind the last bar of their symbol in the window and do nothing`);
    const schedule = scheduleOf(signals, data);
    const { overtaken } = schedule;
    if (overtaken > 0)
      say(
        `${name}: ${counted(overtaken, 'signal')} did nothing: a later one of the symbol came before a bar that could fill the order`,
      );
    const started = performance.now();
    const request = { params: {}, scenario: NEUTRAL, detail: 'full' as const };
    const result = simulate(signalStrategy(schedule), data, request, named(market));
    return { result, milliseconds: performance.now() - started, overtaken };
  });
}

/** The gates that can be asked of a file, on one window. */
export function verdictOn(
  { signals }: SignalsConfig,
  files: readonly string[],
  market: EngineMarket,
  gates: GatesConfig,
): Promise<FileVerdict> {
  const data = files.map(readWindowFile);
  const schedule = scheduleOf(signals, data);
  return judgeSignals(() => signalStrategy(schedule), data, named(market), gates);
}

/** What stands in the JSON of a backtest of signals. `verdict`: of the train window alone. */
export function aboutSignals(
  { name, sha256: print256, signals }: SignalsConfig,
  verdict: FileVerdict | undefined,
  overtaken: number,
) {
  const rows = [...signals.values()].reduce((sum, { length }) => sum + length, 0);
  return { file: name, sha256: print256, rows, overtaken, ...verdict, says: WHAT_A_FILE_TELLS };
}

/** Prints the gates, and what no gate can say of a file. */
export function printVerdict({ name, sha256: print256 }: SignalsConfig, verdict: FileVerdict | undefined): void {
  if (verdict) {
    const { gates, passed, unasked } = verdict;
    const rows = gates.map((gate) => [gate.gate, gate.passed ? 'pass' : 'FAIL', reasonText(gate)]);
    print(table(['gate', '', ''], rows));
    print(
      passed ? `${name} passes every gate that can be asked of a file.` : `${name} is stopped by the last gate above.`,
    );
    print(`Not asked: ${unasked.join(', ')}.`);
  }
  print(WHAT_A_FILE_TELLS);
  print(`SHA-256 of ${name}: ${print256}`);
}

/** A file names its symbols, whatever market.yaml hides from strategies. */
function named(market: EngineMarket): EngineMarket {
  return { ...market, anonymous: false };
}

/** Stages that ask code again, or look at what is held back: a file has no answer to them. */
const UNASKED: readonly Stage[] = ['causality', 'neighbours', 'pbo', 'null', 'selection'];

/** What can be said of a file of signals, for reports. */
const WHAT_A_FILE_TELLS =
  'Certain: no order of a signal fills in a bar that opened before its time. Unknown: whether a signal was made with later prices. A look-ahead audit ' +
  'replaces the future and asks the code again, and a file answers the same whatever the future is; so do the null, the neighbours and the memory ' +
  'audit. Only bars that came after the file was made test it: keep its SHA-256.';

type FileVerdict = Awaited<ReturnType<typeof judgeSignals>>;

/** Sends a file through the gates that can be asked of it, on its train window, as one trial among `deflation.minTrials`; a missed one ends it. */
async function judgeSignals(
  fresh: () => StrategyDefinition,
  data: readonly SimulationData[],
  market: EngineMarket,
  config: GatesConfig,
) {
  const play = (requests: readonly SimulationRequest[]) => {
    try {
      return { ok: true as const, value: requests.map((request) => simulate(fresh(), data, request, market)) };
    } catch (thrown) {
      return { ok: false as const, kind: 'throw' as const, message: messageOf(thrown) };
    }
  };
  const unasked = async () => ({ ok: false as const, kind: 'policy' as const, message: 'not asked of a file' });
  const workbench: Workbench = {
    folds: 0,
    ...inTurn(async (requests) => play(requests)),
    simulate: async (_, requests) => play(requests),
    surrogates: unasked,
    audit: unasked,
    close: async () => {},
  };
  const off = [...new Set([...config.off, ...UNASKED])];
  const context = {
    config: { ...config, off },
    params: {},
    family: 'signals',
    universe: true,
    train: data[0].range,
    workbench,
    history: emptyHistory(),
  };
  const { gates, outcome } = await judge(context, 0);
  return { gates, passed: outcome === 'keep', unasked: off };
}
