import { escapeXml, inkOf, label, legend, line, type Point, path } from '../base/draw/svg.ts';
import type { ReportTable } from '../base/draw/terminal.ts';
import { percent } from '../base/numbers.ts';
import { levelsOf } from '../metrics/returns.ts';

/** Daily returns of a trial on train. */
export interface Curve {
  readonly name: string;
  readonly returns: Float64Array;
}

const DAY_MS = 86_400_000;
const GRID = '#8886';
const [LEFT, WIDTH, HEIGHT] = [52, 580, 352];
const EQUITY = { top: 10, height: 200 };
const DRAWDOWN = { top: 236, height: 84 };
const MOST_POINTS = 600;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** Equity on a log scale with the drawdown beneath it, over the days since `from` (epoch ms UTC). Nothing without curves. */
export function equityFigure(curves: readonly Curve[], from: number): string {
  const drawn = curves.map(({ returns }) => levelsOf(returns));
  const days = Math.max(0, ...drawn.map(({ equity }) => equity.length));
  if (days === 0) return '';
  const title =
    'Equity on train, log scale, and the drawdown beneath; kept trials first, then the highest Sharpe ratios';
  const x = (day: number) => LEFT + (WIDTH * (day + 1)) / days;
  const all = drawn.flatMap(({ equity }) => equity).filter((value) => value > 0);
  const least = Math.min(1, ...all.map((value) => value * 0.97));
  const most = Math.max(1, ...all.map((value) => value * 1.03));
  const up = (value: number) =>
    value > 0
      ? EQUITY.top + (EQUITY.height * Math.log(most / value)) / Math.log(most / least)
      : EQUITY.top + EQUITY.height;
  const worst = Math.max(0.01, ...drawn.flatMap(({ lost }) => lost));
  const down = (value: number) => DRAWDOWN.top + (DRAWDOWN.height * value) / worst;
  const step = Math.max(1, Math.ceil(days / MOST_POINTS));
  const points = (values: readonly number[], y: (value: number) => number): Point[] =>
    values.flatMap((value, day) =>
      day % step === 0 || day === values.length - 1 ? [[x(day), y(value)] as const] : [],
    );
  const names = curves.map(({ name }) => ({ name, points: [] }));
  const across = (y: number, words: string) =>
    line([LEFT, y], [LEFT + WIDTH, y], GRID) + label(LEFT - 6, y + 4, words, { anchor: 'end' });
  return [
    `<figure><figcaption>${escapeXml(title)}</figcaption>`,
    `<svg viewBox="0 0 640 ${HEIGHT}" role="img" aria-label="${escapeXml(title)}">`,
    ...logTicks(least, most).map((value) => across(up(value), String(value))),
    ...[0, worst / 2, worst].map((value) => across(down(value), value === 0 ? '0%' : percent(-value, 0))),
    ...yearTicks(from, days).map(([day, words]) => {
      const at = x(day);
      return line([at, EQUITY.top], [at, DRAWDOWN.top + DRAWDOWN.height], GRID) + label(at + 3, HEIGHT - 6, words);
    }),
    ...drawn.map(({ equity }, i) => path(points(equity, up), inkOf(i))),
    ...drawn.map(({ lost }, i) => path(points(lost, down), inkOf(i), 1)),
    legend(names, LEFT + 6, EQUITY.top + 14),
    '</svg></figure>',
  ].join('\n');
}

/** The returns of each month of a trial, a row for each year. */
export function monthlyTable({ name, returns }: Curve, from: number): ReportTable {
  const months = new Map<string, number>();
  for (const [day, value] of returns.entries()) {
    const key = new Date(from + day * DAY_MS).toISOString().slice(0, 7);
    months.set(key, (months.get(key) ?? 1) * (1 + value));
  }
  const years = [...new Set([...months.keys()].map((key) => key.slice(0, 4)))];
  return {
    title: `Months of ${name}`,
    note: 'Returns on train by calendar month (UTC), after costs.',
    head: ['year', ...MONTHS, 'whole'],
    rows: years.map((year) => {
      const own = MONTHS.map((_, i) => months.get(`${year}-${String(i + 1).padStart(2, '0')}`) ?? null);
      const whole = own.reduce<number>((product, growth) => product * (growth ?? 1), 1);
      return [year, ...own.map((growth) => (growth === null ? '' : percent(growth - 1))), percent(whole - 1)];
    }),
  };
}

/** 1, 2 and 5 times powers of ten within the range; the ends where none is. */
function logTicks(least: number, most: number): number[] {
  const ticks: number[] = [];
  for (let power = Math.floor(Math.log10(least)); power <= Math.log10(most); power++)
    for (const digit of [1, 2, 5]) ticks.push(Number((digit * 10 ** power).toPrecision(3)));
  const within = ticks.filter((value) => value >= least && value <= most);
  return within.length > 1 ? within : [least, 1, most].map((value) => Number(value.toPrecision(3)));
}

/** First days of years, or of every third month of a short window. */
function yearTicks(from: number, days: number): [day: number, words: string][] {
  const ticks: [number, string][] = [];
  const every = days > 1000 ? 12 : 3;
  for (let day = 0; day < days; day++) {
    const date = new Date(from + day * DAY_MS);
    if (date.getUTCDate() !== 1 || date.getUTCMonth() % every !== 0) continue;
    ticks.push([day, date.toISOString().slice(0, every === 12 ? 4 : 7)]);
  }
  return ticks;
}
