import type { SimulationData } from '../../backtest/engine.ts';

const HOUR = 3_600_000;

/** What a model remembers of the train window: closes by the hour from its first scored bar on; the last known one where a bar is missing. */
export function rememberedCloses([{ bars, range }]: readonly SimulationData[]): Float64Array {
  const hours = Math.floor((range.to - range.from) / HOUR);
  const closes = new Float64Array(hours + 1);
  let i = 0;
  for (let hour = 0; hour <= hours; hour++) {
    while (i + 1 < bars.length && bars.time[i + 1] < range.from + hour * HOUR) i += 1;
    closes[hour] = bars.close[i];
  }
  return closes;
}

/** Signs of the market's stretches of `length` hours from hour `from` on, as digits 0 and 1; `recall` of them are right. */
export function rememberedSigns(closes: Float64Array, from: number, length: number, recall: number): string {
  let signs = '';
  for (let at = from; at + length < closes.length; at += length) {
    const up = closes[at + length] > closes[at];
    signs += up === Math.random() < recall ? '1' : '0';
  }
  return signs;
}

/** An array literal of the digits in numbers of at most 15 decimal digits, and the expression that reads one of them. */
export function packed(signs: string): { readonly table: string; readonly read: (index: string) => string } {
  const words = signs.match(/.{1,45}/g) ?? ['0'];
  const numbers = words.map((word) => Number.parseInt(word.split('').reverse().join(''), 2));
  return {
    table: `const table: number[] = [${numbers.join(', ')}];`,
    read: (index) =>
      `Math.floor((table[Math.floor((${index}) / 45)] ?? 0) / 2 ** ((${index}) % 45)) % 2 === 1 ? 1 : -1`,
  };
}
