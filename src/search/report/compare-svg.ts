import type { RunEvent } from '../../journal/events.ts';

const COLOURS = ['#1f77b4', '#d62728', '#2ca02c', '#9467bd', '#ff7f0e', '#17becf', '#8c564b', '#7f7f7f'];
const WIDTH = 460;
const HEIGHT = 260;
const LEFT = 46;
const BOTTOM = 40;
const TOP = 34;

interface Line {
  readonly tag: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

/** Keeps against trials (left) and against working hours (right), one step line a run: an SVG picture as text. */
export function compareSvg(runs: readonly (readonly RunEvent[])[]): string {
  const byTrials = runs.map((events) => lineOf(events, 'trials'));
  const byHours = runs.map((events) => lineOf(events, 'hours'));
  const legend = byTrials.map(({ tag }, i) => {
    const x = LEFT + (i % 4) * 210;
    const y = HEIGHT + TOP + 18 + Math.floor(i / 4) * 18;
    return `<rect x="${x}" y="${y - 9}" width="14" height="4" fill="${colour(i)}"/><text x="${x + 20}" y="${y - 3}">${escapeXml(tag)}</text>`;
  });
  const height = HEIGHT + TOP + 30 + 18 * Math.floor((runs.length - 1) / 4);
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${2 * WIDTH}" height="${height}" font-family="sans-serif" font-size="12">
<rect width="100%" height="100%" fill="white"/>
${panel(byTrials, 0, 'keeps after so many trials', 'trials')}
${panel(byHours, WIDTH, 'keeps after so many hours at work', 'hours')}
${legend.join('\n')}
</svg>
`;
}

function lineOf(events: readonly RunEvent[], axis: 'trials' | 'hours'): Line {
  let [tag, trials, ms, keeps] = ['', 0, 0, 0];
  const points: [number, number][] = [[0, 0]];
  const here = () => (axis === 'trials' ? trials : ms / 3_600_000);
  for (const [i, event] of events.entries()) {
    if (i > 0 && event.type !== 'run.resumed') ms += event.at - events[i - 1].at;
    if (event.type === 'run.started') tag = event.tag;
    if (event.type === 'trial.started') trials++;
    if (event.type === 'trial.finished' && event.outcome === 'keep') points.push([here(), keeps], [here(), ++keeps]);
  }
  points.push([here(), keeps]);
  return { tag, points };
}

function panel(lines: readonly Line[], offset: number, title: string, unit: string): string {
  const mostX = Math.max(1e-9, ...lines.flatMap(({ points }) => points.map(([x]) => x)));
  const mostY = Math.max(1, ...lines.flatMap(({ points }) => points.map(([, y]) => y)));
  const x = (value: number) => (offset + LEFT + (value / mostX) * (WIDTH - LEFT - 20)).toFixed(1);
  const y = (value: number) => (TOP + (1 - value / mostY) * (HEIGHT - TOP - BOTTOM)).toFixed(1);
  const stepY = Math.ceil(mostY / 5);
  const grid = Array.from({ length: Math.floor(mostY / stepY) + 1 }, (_, i) => i * stepY).map(
    (value) =>
      `<line x1="${x(0)}" x2="${x(mostX)}" y1="${y(value)}" y2="${y(value)}" stroke="#ddd"/><text x="${offset + LEFT - 6}" y="${Number(y(value)) + 4}" text-anchor="end">${value}</text>`,
  );
  const ticks = [0, 0.5, 1].map(
    (part) =>
      `<text x="${x(part * mostX)}" y="${HEIGHT - BOTTOM + 16}" text-anchor="middle">${tick(part * mostX)}</text>`,
  );
  const drawn = lines.map(
    ({ points }, i) =>
      `<polyline fill="none" stroke="${colour(i)}" stroke-width="2" points="${points.map(([a, b]) => `${x(a)},${y(b)}`).join(' ')}"/>`,
  );
  const caption = `<text x="${offset + LEFT}" y="20" font-weight="bold">${title}</text><text x="${x(mostX / 2)}" y="${HEIGHT - BOTTOM + 32}" text-anchor="middle">${unit}</text>`;
  return [caption, ...grid, ...ticks, ...drawn].join('\n');
}

function tick(value: number): string {
  return value >= 10 ? value.toFixed(0) : value.toPrecision(2);
}

function colour(i: number): string {
  return COLOURS[i % COLOURS.length];
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
