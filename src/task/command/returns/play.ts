import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Evidence, evidenceFrom } from '../../../gates/evidence.ts';
import { rangeOf, type WindowName } from '../contract/returns.ts';
import { Failed, type Measured, type Measuring, measure } from '../run/measure.ts';
import type { Arm } from '../run/tree.ts';
import { before, heldOver, mirrored } from './prices.ts';
import { readReturns } from './series.ts';
import { BadTable, readTable } from './table.ts';

/** A program's returns over one window, with what the harness knows of the market then. */
export interface Outcome {
  readonly evidence: Evidence;
  readonly drawdown: number;
  readonly ruined: boolean;
  readonly measured: Measured;
  /** Its decisions where the contract names their file, else its returns: a time and a text for each row. */
  readonly trace: Trace;
}

export interface Trace {
  readonly times: readonly number[];
  readonly rows: readonly (readonly string[])[];
}

/** Plays a window. `cut`: every price after this time is another one. Throws Failed. */
export async function play(
  arm: Arm,
  name: WindowName,
  seed: string,
  measuring: Measuring,
  cut?: number,
): Promise<Outcome> {
  const { bench, contract } = measuring;
  const returns = contract.returns!;
  const range = rangeOf(returns, name);
  const window = { ...returns[name], replaced: shown(arm, measuring, range.to, cut) };
  const measured = await measure(arm, seed, { ...measuring, window });
  try {
    const text = measured.read('score', returns.file);
    const own = readReturns(text, returns.file, range);
    const { decisions } = returns;
    const trace =
      decisions === '' ? readTable(text, returns.file) : readTable(measured.read('run', decisions), decisions);
    const held = [...bench.heldBack.values()].map((prices) => heldOver(prices, range));
    const mean = (of: 'returns' | 'variation') =>
      own.returns.map((_, day) => held.reduce((sum, each) => sum + each[of][day], 0) / held.length);
    const { drawdown, ruined } = own;
    const evidence = evidenceFrom({ ...own, benchmark: mean('returns'), benchmarkVariation: mean('variation') });
    return { evidence, drawdown, ruined, measured, trace };
  } catch (thrown) {
    if (!(thrown instanceof BadTable)) throw thrown;
    throw new Failed('metric', thrown.message);
  }
}

/** The price files as the commands see them, written beside the arm. */
function shown(arm: Arm, { bench }: Measuring, end: number, cut?: number): [path: string, from: string][] {
  const folder = join(arm.dir, 'prices');
  mkdirSync(folder, { recursive: true });
  return [...bench.heldBack].map(([path, prices], i) => {
    const file = join(folder, `${i}.csv`);
    writeFileSync(file, cut === undefined ? before(prices, end) : mirrored(prices, cut, end));
    return [path, file];
  });
}

/** All metrics of one run: of a program that writes returns, its Sharpe ratio over train too. Throws Failed. */
export async function playValues(arm: Arm, seed: string, measuring: Measuring): Promise<Measured['values']> {
  const { returns } = measuring.contract;
  if (!returns) return (await measure(arm, seed, measuring)).values;
  return valuesOf(await play(arm, 'train', seed, measuring), measuring);
}

/** Annual Sharpe ratio of what holding the market does not explain, beside the other metrics. A flat line and the market itself count as 0. */
export function valuesOf(
  { evidence, measured }: Pick<Outcome, 'evidence' | 'measured'>,
  { contract }: Pick<Measuring, 'contract'>,
): Measured['values'] {
  const { activeSharpe, correlation } = evidence;
  // What is left of the market itself is rounding.
  const held = Math.abs(correlation) > 1 - 1e-9;
  return { ...measured.values, [contract.primary]: Number.isFinite(activeSharpe) && !held ? activeSharpe : 0 };
}
