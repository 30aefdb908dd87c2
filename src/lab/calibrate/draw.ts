import type { Summary } from './report.ts';

const WIDTH = 720;
const HEIGHT = 420;
const LEFT = 60;
const TOP = 40;
const PLOT = { width: 400, height: 320 };
const SHARPES = [1, 1.5, 2, 2.5];
const INKS = ['#1b6ca8', '#b5542b', '#3d7d3a', '#6b4a8e'];

/**
 * The report as one SVG: power curves (rate of searches with a keep against the planted net Sharpe ratio, 95% intervals, thick the planted
 * markets together, the demanded 70% and 90% as open squares) and beside them the searches without an edge against the demanded 5%. Real
 * bars as they were stand below as a number: nobody knows what edge they hold.
 */
export function drawPower(summaries: readonly Summary[]): string {
  const planted = summaries.filter(({ experiment }) => experiment.sharpe !== undefined);
  const empty = summaries.filter(({ experiment: { sharpe, market } }) => sharpe === undefined && market !== 'real');
  const real = summaries.filter(({ experiment }) => experiment.market === 'real');
  const markets = [...new Set(planted.map(({ experiment }) => experiment.market))];
  const curves = markets.map((market, k) => {
    const own = planted.filter(({ experiment }) => experiment.market === market);
    const points = own.map((each) => `${x(each.experiment.sharpe ?? 0)},${y(each.keeps / each.searches)}`).join(' ');
    const whiskers = own.map((each) => {
      const at = x(each.experiment.sharpe ?? 0) + (k - 1) * 3;
      return `<line x1="${at}" x2="${at}" y1="${y(each.low)}" y2="${y(each.high)}" stroke="${INKS[k]}" opacity="0.5"/>`;
    });
    return `<polyline points="${points}" fill="none" stroke="${INKS[k]}" stroke-width="2"/>${whiskers.join('')}${text(LEFT + 12, TOP + 16 + 16 * k, market, INKS[k])}`;
  });
  const together = SHARPES.flatMap((sharpe) => {
    const own = planted.filter(({ experiment }) => experiment.sharpe === sharpe && experiment.market !== 'daily');
    const searches = own.reduce((sum, each) => sum + each.searches, 0);
    return searches === 0 ? [] : [`${x(sharpe)},${y(own.reduce((sum, each) => sum + each.keeps, 0) / searches)}`];
  });
  const thick = `<polyline points="${together.join(' ')}" fill="none" stroke="#222" stroke-width="4"/>${text(LEFT + 12, TOP + 16 + 16 * markets.length, 'planted together')}`;
  const demanded = [
    [2, 0.7],
    [2.5, 0.9],
  ].map(([s, p]) => `<rect x="${x(s) - 5}" y="${y(p) - 5}" width="10" height="10" fill="none" stroke="#444"/>`);
  const grid = [0, 0.25, 0.5, 0.75, 1].map(
    (p) =>
      `<line x1="${LEFT}" x2="${LEFT + PLOT.width}" y1="${y(p)}" y2="${y(p)}" stroke="#ddd"/>${text(LEFT - 42, y(p) + 4, `${p * 100}%`)}`,
  );
  const ticks = SHARPES.map((s) => text(x(s) - 8, TOP + PLOT.height + 18, String(s)));
  const bars = empty.map((each, i) => {
    const top = TOP + 30 + i * 40;
    const scale = (share: number) => LEFT + PLOT.width + 40 + Math.min(1, share / 0.2) * 180;
    return [
      text(scale(0), top - 4, `${each.experiment.name} ${each.keeps}/${each.searches}`),
      `<rect x="${scale(0)}" y="${top}" width="${scale(each.keeps / each.searches) - scale(0)}" height="12" fill="${INKS[3]}"/>`,
      `<line x1="${scale(each.low)}" x2="${scale(each.high)}" y1="${top + 6}" y2="${top + 6}" stroke="#222"/>`,
      `<line x1="${scale(0.05)}" x2="${scale(0.05)}" y1="${top - 2}" y2="${top + 14}" stroke="#c22"/>`,
    ].join('');
  });
  const body = [
    ...grid,
    ...ticks,
    ...curves,
    thick,
    ...demanded,
    ...bars,
    text(LEFT, 24, 'Searches that keep something, by net Sharpe (squares: asked for)'),
    text(LEFT + PLOT.width + 40, 24, 'Without an edge (red: 5%)'),
    ...real.map(({ keeps, searches }) =>
      text(LEFT + PLOT.width + 40, HEIGHT - 16, `real bars as they were: ${keeps}/${searches}`),
    ),
  ];
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif"><rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>${body.join('')}</svg>\n`;
}

function x(sharpe: number): number {
  return LEFT + 30 + ((sharpe - 1) / 1.5) * (PLOT.width - 60);
}

function y(share: number): number {
  return TOP + (1 - share) * PLOT.height;
}

function text(atX: number, atY: number, words: string, ink = '#222'): string {
  return `<text x="${atX}" y="${atY}" font-size="12" fill="${ink}">${words}</text>`;
}
