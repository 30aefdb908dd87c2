import { inkOf, label, path, picture, bar as rect } from '../../base/draw/svg.ts';
import { isCross } from './ground.ts';
import type { Summary } from './report.ts';

const WIDTH = 720;
const HEIGHT = 420;
const LEFT = 60;
const TOP = 40;
const PLOT = { width: 400, height: 320 };
const SHARPES = [1, 1.5, 2, 2.5];

/**
 * The report as one SVG: power curves (rate of searches with a keep against the planted net Sharpe ratio, 95% intervals, thick the planted
 * markets together, the demanded 70% and 90% as open squares) and beside them the searches without an edge against the demanded 5%. Real
 * bars stand below as a number: the edge they hold is unknown.
 */
export function drawPower(summaries: readonly Summary[]): string {
  const planted = summaries.filter(({ experiment }) => experiment.sharpe !== undefined);
  const empty = summaries.filter(({ experiment: { sharpe, market } }) => sharpe === undefined && market !== 'real');
  const real = summaries.filter(({ experiment }) => experiment.market === 'real');
  const markets = [...new Set(planted.map(({ experiment }) => experiment.market))];
  const curves = markets.map((market, k) => {
    const own = planted.filter(({ experiment }) => experiment.market === market);
    const points = own.map((each) => [x(each.experiment.sharpe ?? 0), y(each.keeps / each.searches)] as const);
    const whiskers = own.map((each) => {
      const at = x(each.experiment.sharpe ?? 0) + (k - 1) * 3;
      return stroke(at, y(each.low), at, y(each.high), inkOf(k));
    });
    return [
      path(points, inkOf(k), 2),
      ...whiskers,
      label(LEFT + 12, TOP + 16 + 16 * k, market, { ink: inkOf(k) }),
    ].join('');
  });
  const together = SHARPES.flatMap((sharpe) => {
    const own = planted.filter(
      ({ experiment }) => experiment.sharpe === sharpe && experiment.market !== 'daily' && !isCross(experiment),
    );
    const searches = own.reduce((sum, each) => sum + each.searches, 0);
    return searches === 0 ? [] : [[x(sharpe), y(own.reduce((sum, each) => sum + each.keeps, 0) / searches)] as const];
  });
  const thick = path(together, '#222', 4) + label(LEFT + 12, TOP + 16 + 16 * markets.length, 'planted together');
  const demanded = [
    [2, 0.7],
    [2.5, 0.9],
  ].map(([s, p]) => `<rect x="${x(s) - 5}" y="${y(p) - 5}" width="10" height="10" fill="none" stroke="#444"/>`);
  const grid = [0, 0.25, 0.5, 0.75, 1].map(
    (p) => stroke(LEFT, y(p), LEFT + PLOT.width, y(p), '#ddd') + label(LEFT - 42, y(p) + 4, `${p * 100}%`),
  );
  const ticks = SHARPES.map((s) => label(x(s) - 8, TOP + PLOT.height + 18, String(s)));
  const bars = empty.map((each, i) => {
    const top = TOP + 30 + i * 40;
    const scale = (share: number) => LEFT + PLOT.width + 40 + Math.min(1, share / 0.2) * 180;
    return [
      label(scale(0), top - 4, `${each.experiment.name} ${each.keeps}/${each.searches}`),
      rect(scale(0), top, scale(each.keeps / each.searches) - scale(0), 12, inkOf(3)),
      stroke(scale(each.low), top + 6, scale(each.high), top + 6, '#222'),
      stroke(scale(0.05), top - 2, scale(0.05), top + 14, '#c22'),
    ].join('');
  });
  const body = [
    ...grid,
    ...ticks,
    ...curves,
    thick,
    ...demanded,
    ...bars,
    label(LEFT, 24, 'Searches that keep something, by net Sharpe (squares: asked for)'),
    label(LEFT + PLOT.width + 40, 24, 'Without an edge (red: 5%)'),
    ...real.map(({ keeps, searches }) =>
      label(LEFT + PLOT.width + 40, HEIGHT - 16, `real bars as they were: ${keeps}/${searches}`),
    ),
  ];
  return picture(WIDTH, HEIGHT, body);
}

function x(sharpe: number): number {
  return LEFT + 30 + ((sharpe - 1) / 1.5) * (PLOT.width - 60);
}

function y(share: number): number {
  return TOP + (1 - share) * PLOT.height;
}

function stroke(x1: number, y1: number, x2: number, y2: number, ink: string): string {
  return path(
    [
      [x1, y1],
      [x2, y2],
    ],
    ink,
    1,
  );
}
