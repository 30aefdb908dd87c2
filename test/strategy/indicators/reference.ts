import type { Columns } from './catalogue.ts';

/** An indicator told from the definition, one bar at a time and with no thought of speed. `at` is handed the bars up to now. */
type Slow = (bars: Columns, n: number) => Record<string, number>;

const last = (values: ArrayLike<number>, back = 0): number => values[values.length - 1 - back] ?? Number.NaN;
const tail = (values: Float64Array, n: number): number[] =>
  values.length < n ? Array(n).fill(Number.NaN) : [...values.slice(values.length - n)];
const total = (values: number[]): number => values.reduce((sum, value) => sum + value, 0);
const returns = (close: Float64Array): Float64Array =>
  close.map((value, i) => (i === 0 ? Number.NaN : value / close[i - 1] - 1));
const typical = ({ high, low, close }: Columns): Float64Array =>
  close.map((value, i) => (high[i] + low[i] + value) / 3);

/** Second implementations of what the packages do not have or define otherwise. */
export const REFERENCE: Readonly<Record<string, Slow>> = {
  // trading-signals lets the first bar's range and tied moves count, which Wilder does not
  adx: slowAdx,
  correlation({ close, volume }, n) {
    const [a, b] = [tail(close, n), tail(volume, n)];
    const [ma, mb] = [total(a) / n, total(b) / n];
    const product = (x: number[], mx: number, y: number[], my: number) =>
      total(x.map((v, i) => (v - mx) * (y[i] - my)));
    const size = Math.sqrt(product(a, ma, a, ma) * product(b, mb, b, mb));
    return { value: size < 1e-9 ? Number.NaN : product(a, ma, b, mb) / size };
  },
  dayVwap(bars) {
    const day = (i: number) => new Date(bars.time[i] - 1).toISOString().slice(0, 10);
    const today = [...bars.time.keys()].filter((i) => day(i) === day(bars.time.length - 1));
    const prices = typical(bars);
    const traded = total(today.map((i) => bars.volume[i]));
    return { value: traded > 0 ? total(today.map((i) => prices[i] * bars.volume[i])) / traded : Number.NaN };
  },
  efficiencyRatio({ close }, n) {
    const path = tail(close, n + 1);
    const steps = path.slice(1).map((value, i) => Math.abs(value - path[i]));
    return { value: total(steps) === 0 ? 0 : Math.abs(path[n] - path[0]) / total(steps) };
  },
  jump({ close }, n) {
    const own = last(returns(close));
    const before = tail(returns(close).slice(0, -1), n);
    const products = before.slice(1).map((value, i) => Math.abs(value * before[i]));
    const deviation = Math.sqrt(((Math.PI / 2) * total(products)) / (n - 1));
    return { value: deviation === 0 ? (own === 0 ? 0 : Number.NaN) : own / deviation };
  },
  jumpShare({ close }, n) {
    const window = tail(returns(close), n);
    const variance = total(window.map((value) => value ** 2));
    const products = window.slice(1).map((value, i) => Math.abs(value * window[i]));
    const bipower = ((Math.PI / 2) * n * total(products)) / (n - 1);
    return { value: variance === 0 ? 0 : Math.max(0, 1 - bipower / variance) };
  },
  // trading-signals calls a flat window perfectly efficient
  kama({ close }, n) {
    let average = Number.NaN;
    for (let i = n; i < close.length; i++) {
      const window = close.slice(i - n, i + 1);
      const path = total(tail(window, n).map((value, k) => Math.abs(value - window[k])));
      const ratio = path === 0 ? 0 : Math.abs(window[n] - window[0]) / path;
      const before = i === n ? close[i - 1] : average;
      average = before + (ratio * (2 / 3 - 2 / 31) + 2 / 31) ** 2 * (close[i] - before);
    }
    return { value: average };
  },
  lag: ({ close }, n) => ({ value: last(close, n) }),
  map: ({ high, low }) => ({ value: last(high) - last(low) }),
  obv({ close, volume }) {
    return { value: total([...close].map((value, i) => (i === 0 ? 0 : Math.sign(value - close[i - 1]) * volume[i]))) };
  },
  percentileRank({ close }, n) {
    const before = tail(close.slice(0, -1), n);
    return {
      value: before.some(Number.isNaN) ? Number.NaN : before.filter((value) => value <= last(close)).length / n,
    };
  },
  psar: slowPsar,
  quantile({ close }, n) {
    const sorted = tail(close, n).sort((a, b) => a - b);
    const place = 0.3 * (n - 1);
    const low = Math.floor(place);
    return { value: sorted[low] + (place - low) * ((sorted[low + 1] ?? sorted[low]) - sorted[low]) };
  },
  realisedVolatility: ({ close }, n) => ({
    value: Math.sqrt(total(tail(returns(close), n).map((value) => value ** 2)) / n),
  }),
  rolling: ({ high, low }, n) => ({ value: Math.max(...tail(high, n)) - Math.min(...tail(low, n)) }),
  scan: ({ close }, n) => ({ value: total([...close]) / Math.min(n, close.length) }),
  slope({ close }, n) {
    const window = tail(close, n);
    const [mx, my] = [(n - 1) / 2, total(window) / n];
    return { value: total(window.map((y, x) => (x - mx) * (y - my))) / total(window.map((_, x) => (x - mx) ** 2)) };
  },
  sum: ({ volume }, n) => ({ value: total(tail(volume, n)) }),
  stdev({ close }, n) {
    const window = tail(close, n);
    const mean = total(window) / n;
    return { value: Math.sqrt(total(window.map((value) => (value - mean) ** 2)) / n) };
  },
  vwap(bars, n) {
    const [prices, volumes] = [tail(typical(bars), n), tail(bars.volume, n)];
    const traded = total(volumes);
    return { value: traded > 0 ? total(prices.map((price, i) => price * volumes[i])) / traded : Number.NaN };
  },
  zscore({ close }, n) {
    const window = tail(close, n);
    const mean = total(window) / n;
    const deviation = Math.sqrt(total(window.map((value) => (value - mean) ** 2)) / n);
    return { value: deviation < 1e-12 ? 0 : (last(close) - mean) / deviation };
  },
};

/** Wilder's rules in his own order: tomorrow's stop is computed today. */
function slowPsar({ high, low }: Columns): Record<string, number> {
  const length = high.length;
  if (length < 2) return { line: Number.NaN, direction: Number.NaN };
  let long = high[1] - high[0] >= low[0] - low[1];
  let sar = long ? low[0] : high[0];
  let extreme = long ? high[0] : low[0];
  let factor = 0.02;
  let answer = { line: Number.NaN, direction: Number.NaN };
  for (let day = 1; day < length; day++) {
    let today = sar + factor * (extreme - sar);
    const lows = [low[day - 1], low[Math.max(0, day - 2)]];
    const highs = [high[day - 1], high[Math.max(0, day - 2)]];
    if (long && today > Math.min(...lows)) today = Math.min(...lows);
    if (!long && today < Math.max(...highs)) today = Math.max(...highs);
    const touched = long ? low[day] <= today : high[day] >= today;
    if (touched) {
      today = long ? Math.max(extreme, high[day]) : Math.min(extreme, low[day]);
      long = !long;
      extreme = long ? high[day] : low[day];
      factor = 0.02;
    } else {
      const further = long ? Math.max(extreme, high[day]) : Math.min(extreme, low[day]);
      if (further !== extreme) factor = Math.min(0.2, factor + 0.02);
      extreme = further;
    }
    sar = today;
    answer = { line: today, direction: long ? 1 : -1 };
  }
  return answer;
}

/** Wilder's own bookkeeping: sums of n bars, from which a n-th is taken off every day, and then the mean of the index. */
function slowAdx({ high, low, close }: Columns, n: number): Record<string, number> {
  const days = [...close.keys()].slice(1).map((i) => {
    const [up, down] = [high[i] - high[i - 1], low[i - 1] - low[i]];
    const range = Math.max(high[i] - low[i], Math.abs(high[i] - close[i - 1]), Math.abs(low[i] - close[i - 1]));
    return { plus: up > down && up > 0 ? up : 0, minus: down > up && down > 0 ? down : 0, range };
  });
  const answer = { adx: Number.NaN, plus: Number.NaN, minus: Number.NaN };
  const sums = { plus: 0, minus: 0, range: 0 };
  const indices: number[] = [];
  days.forEach((day, k) => {
    for (const key of ['plus', 'minus', 'range'] as const) sums[key] += day[key] - (k >= n ? sums[key] / n : 0);
    if (k < n - 1) return;
    answer.plus = sums.range === 0 ? 0 : (100 * sums.plus) / sums.range;
    answer.minus = sums.range === 0 ? 0 : (100 * sums.minus) / sums.range;
    const both = answer.plus + answer.minus;
    indices.push(both === 0 ? 0 : (100 * Math.abs(answer.plus - answer.minus)) / both);
    if (indices.length === n) answer.adx = total(indices) / n;
    if (indices.length > n) answer.adx = (answer.adx * (n - 1) + indices[indices.length - 1]) / n;
  });
  return answer;
}
