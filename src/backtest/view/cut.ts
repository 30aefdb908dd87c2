import { type Bars, type Range, rowsOf } from '../../market/bars.ts';
import { firstAtOrAfter } from '../minute/times.ts';
import { prepare, prepareAltered } from './prepare.ts';

interface Market {
  readonly symbol: string;
  readonly bars: Bars;
  readonly range: Range;
}

const cuts = new WeakMap<Bars, Map<number, Bars>>();

/**
 * The same market as it was known at `until`, epoch ms UTC: later bars are not there for anything that runs on it. Cut once for bars and
 * moment; its tape is that of the whole, which nobody reads behind the cut.
 */
export function cutAt<T extends Market>(data: T, until: number): T {
  const prepared = prepare(data.symbol, data.bars);
  const { bars: whole, tape, squares } = prepared;
  const known = cuts.get(whole) ?? new Map<number, Bars>();
  cuts.set(whole, known);
  const range = { from: data.range.from, to: Math.min(until, data.range.to) };
  const before = known.get(until);
  if (before) return { ...data, bars: before, range };
  const length = firstAtOrAfter(whole, until);
  const bars = rowsOf(whole, 0, length);
  const written = { tape: { with: () => tape.with(0, length) }, squares: squares() };
  prepareAltered(bars, prepared, length, written);
  known.set(until, bars);
  return { ...data, bars, range };
}
