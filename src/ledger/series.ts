import { canonicalJson, sha256 } from '../base/hash.ts';
import { DAY } from '../market/bars.ts';
import { readWindowFile } from '../market/snapshot.ts';
import type { Windows } from '../market/windows.ts';
import type { EntryOf } from './entries.ts';

/** Daily returns of one symbol: element i belongs to the day `from + i * DAY`; NaN where that day has no bar. */
export interface Series {
  readonly symbol: string;
  readonly from: number;
  readonly returns: Float32Array;
}

/** Correlation from which two series are the same data under two names. */
const SAME = 0.95;
/** Days that both must have before a correlation says anything. */
const LEAST_DAYS = 20;

/** The daily returns of one symbol over frozen window files, warm-up bars included. */
export function seriesOf(symbol: string, paths: readonly string[]): EntryOf<'series'> {
  const closes = new Map<number, number>();
  for (const path of paths) {
    const { time, close, length } = readWindowFile(path).bars;
    for (let i = 0; i < length; i++) closes.set(Math.floor(time[i] / DAY), close[i]);
  }
  const days = [...closes.keys()].sort((a, b) => a - b);
  const returns = new Float32Array(days[days.length - 1] - days[0]).fill(Number.NaN);
  for (let i = 1; i < days.length; i++)
    returns[days[i] - days[0] - 1] = closes.get(days[i])! / closes.get(days[i - 1])! - 1;
  const content = { symbol, from: (days[0] + 1) * DAY, returns: Buffer.from(returns.buffer).toString('base64') };
  return { type: 'series', series: sha256(canonicalJson(content)).slice(0, 16), ...content };
}

/** The windows of a run, named by their content. */
export function settingOf(
  series: readonly string[],
  { train, selection, holdout }: Pick<Windows, 'train' | 'selection' | 'holdout'>,
): EntryOf<'setting'> {
  const content = { series: [...series], train, selection: [...selection], holdout };
  return { type: 'setting', setting: sha256(canonicalJson(content)).slice(0, 16), ...content };
}

export function decodeSeries({ symbol, from, returns }: EntryOf<'series'>): Series {
  return { symbol, from, returns: new Float32Array(Uint8Array.fromBase64(returns).buffer) };
}

/**
 * Whether two series are one market: daily returns that correlate above .95 over the days that both have, by value or by rank (one bad
 * print does not hide it), in either direction (a quote turned round is the same data). Without common days the symbol's name decides.
 */
export function sameData(a: Series, b: Series): boolean {
  const left: number[] = [];
  const right: number[] = [];
  const end = Math.min(a.from + a.returns.length * DAY, b.from + b.returns.length * DAY);
  for (let day = Math.max(a.from, b.from); day < end; day += DAY) {
    const [x, y] = [a, b].map(({ from, returns }) => returns[(day - from) / DAY]);
    if (Number.isNaN(x) || Number.isNaN(y)) continue;
    left.push(x);
    right.push(y);
  }
  if (left.length < LEAST_DAYS) return a.symbol === b.symbol;
  return Math.abs(correlation(left, right)) > SAME || Math.abs(correlation(ranksOf(left), ranksOf(right))) > SAME;
}

function ranksOf(values: readonly number[]): number[] {
  const ranks = new Array<number>(values.length);
  const order = values.map((_, i) => i).sort((i, k) => values[i] - values[k]);
  for (const [rank, i] of order.entries()) ranks[i] = rank;
  return ranks;
}

function correlation(a: readonly number[], b: readonly number[]): number {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [meanA, meanB] = [mean(a), mean(b)];
  let [ab, aa, bb] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    ab += (a[i] - meanA) * (b[i] - meanB);
    aa += (a[i] - meanA) ** 2;
    bb += (b[i] - meanB) ** 2;
  }
  return aa > 0 && bb > 0 ? ab / Math.sqrt(aa * bb) : 0;
}
