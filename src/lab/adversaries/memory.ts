import type { SimulationData } from '../../backtest/engine.ts';

const HOUR = 3_600_000;

export interface Hour {
  /** Its start, epoch ms. */
  readonly time: number;
  close: number;
  volume: number;
}

/** What a model remembers of the train window: every hour that has a bar. */
export function rememberedHours([{ bars, range }]: readonly SimulationData[]): Hour[] {
  const hours: Hour[] = [];
  for (let i = 0; i < bars.length; i++) {
    const time = Math.floor(bars.time[i] / HOUR) * HOUR;
    if (time < range.from || time >= range.to) continue;
    if (hours.at(-1)?.time !== time) hours.push({ time, close: 0, volume: 0 });
    hours[hours.length - 1].close = bars.close[i];
    hours[hours.length - 1].volume += bars.volume[i];
  }
  return hours;
}

export function rememberedCloses(market: readonly SimulationData[]): Float64Array {
  return Float64Array.from(rememberedHours(market), ({ close }) => close);
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
