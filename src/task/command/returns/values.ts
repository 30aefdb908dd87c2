import { type Measured, type Measuring, measure } from '../run/measure.ts';
import type { Arm } from '../run/tree.ts';
import { type Outcome, play } from './play.ts';

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
