import { DAY } from '../bars.ts';
import { isoDay } from '../windows.ts';
import type { DayPoint } from './inspect.ts';

const WIDTH = 1000;
const HEIGHT = 360;
const LEFT = 64;
const RIGHT = 12;
const TOP = 34;
const PRICE_BOTTOM = 250;
const STRIP_TOP = 272;
const STRIP_BOTTOM = 312;

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
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>`,
    `<text x="${LEFT}" y="20" font-size="15">${plain(symbol)}: ${bars} bars, ${isoDay(first)} to ${isoDay(last - DAY)}, ${share}% of the minutes</text>`,
    ...priceTicks(Math.exp(low), Math.exp(high)).map(
      (price) =>
        `<path d="M${LEFT} ${y(price).toFixed(1)}H${WIDTH - RIGHT}" stroke="#ddd"/><text x="${LEFT - 6}" y="${(y(price) + 4).toFixed(1)}" text-anchor="end">${price}</text>`,
    ),
    ...timeTicks(first, last).map(
      ([time, label]) =>
        `<path d="M${x(time).toFixed(1)} ${TOP}V${STRIP_BOTTOM}" stroke="#eee"/><text x="${x(time).toFixed(1)}" y="${STRIP_BOTTOM + 18}" text-anchor="middle">${label}</text>`,
    ),
    `<path fill="none" stroke="#9bb8d3" stroke-width="${wide.toFixed(2)}" d="${days.map((day) => `M${x(day.day + DAY / 2).toFixed(1)} ${y(day.high).toFixed(1)}V${y(day.low).toFixed(1)}`).join('')}"/>`,
    `<path fill="none" stroke="#1f4e79" d="${closes(days, x, y)}"/>`,
    ...days.map(
      (day) =>
        `<rect x="${x(day.day).toFixed(2)}" y="${STRIP_TOP}" width="${(wide + 0.05).toFixed(2)}" height="${STRIP_BOTTOM - STRIP_TOP}" fill="${colour(day.bars / 1440)}"/>`,
    ),
    `<text x="${LEFT - 6}" y="${(STRIP_TOP + STRIP_BOTTOM) / 2 + 4}" text-anchor="end">coverage</text>`,
    '</svg>\n',
  ].join('\n');
}

/** The line breaks where days are missing: a gap is a gap in the picture too. */
function closes(days: readonly DayPoint[], x: (time: number) => number, y: (price: number) => number): string {
  return days
    .map((day, k) => {
      const joined = k > 0 && day.day - days[k - 1].day === DAY;
      return `${joined ? 'L' : 'M'}${x(day.day + DAY / 2).toFixed(1)} ${y(day.close).toFixed(1)}`;
    })
    .join('');
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

function plain(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
