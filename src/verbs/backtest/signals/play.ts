import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { type SimulationData, simulate } from '../../../backtest/engine.ts';
import type { EngineMarket } from '../../../backtest/market.ts';
import { parseConfig } from '../../../base/config.ts';
import { messageOf, UsageError } from '../../../base/errors.ts';
import { sha256 } from '../../../base/hash.ts';
import { print, say, table } from '../../../base/terminal.ts';
import type { GatesConfig } from '../../../gates/config.ts';
import { reasonText } from '../../../journal/projections/text.ts';
import { readWindowFile } from '../../../market/snapshot.ts';
import { SYMBOL } from '../../../market/symbol.ts';
import type { Played } from '../report.ts';
import { readSignals, type Signals } from './file.ts';
import { type FileVerdict, judgeSignals, WHAT_A_FILE_TELLS } from './judge.ts';
import { countsOf, signalStrategy, timeframeOf } from './strategy.ts';

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
  const { signals: name, symbols } = parseConfig(yaml, schema, path);
  const file = resolve(dirname(path), name);
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new UsageError(`cannot read the signals ${file}: ${messageOf(cause)}`, {
      remedy: `Put them there, or correct "signals" in ${path}.`,
      cause,
    });
  }
  return { name, path: file, symbols, sha256: sha256(text), signals: readSignals(text, name, symbols) };
}

/** Plays signals on each window: the engine, the costs and the fills of any candidate. */
export function playSignals(
  { signals, name }: SignalsConfig,
  windows: readonly (readonly string[])[],
  market: EngineMarket,
): Played[] {
  return windows.map((files) => {
    const data = dataOf(files);
    const counts = countsOf(signals, data[0].range);
    if (counts.before + counts.inside === 0)
      throw new UsageError(
        `${name}: all ${counts.after} signals lie behind the window, which ends ${isoOf(data[0].range.to)}`,
        { remedy: 'Play another window, or bring signals of these days.' },
      );
    if (counts.before > 0)
      say(`${name}: ${counts.before} signals lie before the window; the last of each symbol holds at its start`);
    if (counts.after > 0) say(`${name}: ${counts.after} signals lie behind the window and do nothing`);
    const started = performance.now();
    const request = { params: {}, scenario: BASE, detail: 'full' as const };
    const result = simulate(freshOf(signals, data)(), data, request, market);
    return { result, milliseconds: performance.now() - started };
  });
}

/** The gates that can be asked of a file, on one window. */
export function verdictOn(
  { signals }: SignalsConfig,
  files: readonly string[],
  market: EngineMarket,
  gates: GatesConfig,
): Promise<FileVerdict> {
  const data = dataOf(files);
  return judgeSignals(freshOf(signals, data), data, market, gates);
}

/** What stands in the JSON of a backtest of signals. `verdict`: of the train window alone. */
export function aboutSignals({ name, sha256: print256, signals }: SignalsConfig, verdict: FileVerdict | undefined) {
  const rows = [...signals.values()].reduce((sum, { length }) => sum + length, 0);
  return { file: name, sha256: print256, rows, ...verdict, says: WHAT_A_FILE_TELLS };
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

const BASE = { name: 'base', costMultiplier: 1, delayBars: 0, missEvery: 0 };

function dataOf(files: readonly string[]): SimulationData[] {
  return files.map((file) => readWindowFile(file));
}

function freshOf(signals: Signals, [{ interval }]: readonly SimulationData[]) {
  const timeframe = timeframeOf(signals, interval);
  return () => signalStrategy(signals, timeframe);
}

function isoOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}
