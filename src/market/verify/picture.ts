import { bar, label, line, type Point, path, picture } from '../../base/draw/svg.ts';
import { isoDay } from '../../base/numbers.ts';
import { DAY } from '../bars.ts';
import type { DayPoint } from './inspect.ts';

const WIDTH = 1000;
const HEIGHT = 360;
const LEFT = 64;
const RIGHT = 12;
const TOP = 34;
const PRICE_BOTTOM = 250;
const STRIP_TOP = 272;
const STRIP_BOTTOM = 312;
/** Where a line breaks. */
const BREAK: Point = [0, null];

/**
 * An SVG of a symbol: daily range and close on a logarithmic scale above, below it the share of minutes that have a bar,
 * a column a day (red none, through yellow, to green all). Days outside the data stay empty.
 */
export function drawCoverage(symbol: string, days: readonly DayPoint[]): string {
  const first = days[0].day;
  const last = days[days.length - 1].day + DAY;
  const x = (time: number) => LEFT + ((time - first) / (last - first)) * (WIDTH - LEFT - RIGHT);
  const low = Math.log(Math.min(...days.map((day) => day.low)));
  const high = Math.log(Math.max(...days.map((day) => day.high)));
  const y = (price: number) => PRICE_BOTTOM - ((Math.log(price) - low) / (high - low || 1)) * (PRICE_BOTTOM - TOP);
  const wide = Math.max(0.6, x(first + DAY) - x(first));
  const bars = days.reduce((sum, day) => sum + day.bars, 0);
  const share = ((bars / ((last - first) / 60_000)) * 100).toFixed(1);
  const title = `${symbol}: ${bars} bars, ${isoDay(first)} to ${isoDay(last - DAY)}, ${share}% of the minutes`;
  return picture(WIDTH, HEIGHT, [
    label(LEFT, 20, title),
    ...priceTicks(Math.exp(low), Math.exp(high)).flatMap((price) => [
      line([LEFT, y(price)], [WIDTH - RIGHT, y(price)], '#ddd'),
      label(LEFT - 6, y(price) + 4, String(price), { anchor: 'end' }),
    ]),
    ...timeTicks(first, last).flatMap(([time, words]) => [
      line([x(time), TOP], [x(time), STRIP_BOTTOM], '#eee'),
      label(x(time), STRIP_BOTTOM + 18, words, { anchor: 'middle' }),
    ]),
    path(
      days.flatMap((day): Point[] => {
        const middle = x(day.day + DAY / 2);
        return [[middle, y(day.high)], [middle, y(day.low)], BREAK];
      }),
      '#9bb8d3',
      wide,
    ),
    path(closes(days, x, y), '#1f4e79', 1),
    ...days.map((day) => bar(x(day.day), STRIP_TOP, wide + 0.05, STRIP_BOTTOM - STRIP_TOP, colour(day.bars / 1440))),
    label(LEFT - 6, (STRIP_TOP + STRIP_BOTTOM) / 2 + 4, 'coverage', { anchor: 'end' }),
  ]);
}

/** The line breaks where days are missing: a gap is a gap in the picture too. */
function closes(days: readonly DayPoint[], x: (time: number) => number, y: (price: number) => number): Point[] {
  return days.flatMap((day, k) => {
    const broken = k > 0 && day.day - days[k - 1].day !== DAY;
    return [...(broken ? [BREAK] : []), [x(day.day + DAY / 2), y(day.close)] as const];
  });
}

function colour(share: number): string {
  return `hsl(${Math.round(120 * Math.min(1, share))} 65% 45%)`;
}

/** 1, 2 and 5 times powers of ten within the range. */
function priceTicks(low: number, high: number): number[] {
  const ticks: number[] = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high); power++) {
    for (const step of [1, 2, 5]) {
      const price = Number((step * 10 ** power).toPrecision(3));
      if (price >= low && price <= high) ticks.push(price);
    }
  }
  return ticks;
}

/** Months, quarters or years, whichever gives at most a dozen. */
function timeTicks(first: number, last: number): [number, string][] {
  const months = (last - first) / (30 * DAY);
  const every = months <= 12 ? 1 : months <= 36 ? 3 : 12;
  const ticks: [number, string][] = [];
  const start = new Date(first);
  for (let k = 0; k < 600; k++) {
    const time = Date.UTC(start.getUTCFullYear(), k, 1);
    if (time >= last) break;
    if (time >= first && k % every === 0) ticks.push([time, isoDay(time).slice(0, every === 12 ? 4 : 7)]);
  }
  return ticks;
}
