/** One line of a chart. Undefined values leave a gap. */
export interface Series {
  readonly name: string;
  readonly values: readonly (number | null)[];
  /** Points instead of a line. */
  readonly dots?: boolean;
}

const WIDTH = 640;
const HEIGHT = 200;
const LEFT = 52;
const BOTTOM = 22;
const TOP = 10;
const COLOURS = ['#1f6feb', '#bf5b04', '#1a7f37', '#8250df', '#cf222e', '#57606a'];
const MOST_POINTS = 600;

/** A small line chart as inline SVG: no script, no font, no request. Values share one axis; the horizontal axis counts. */
export function lineChart(title: string, series: readonly Series[], xName: string): string {
  const all = series.flatMap(
    ({ values }) => values.filter((value) => value !== null && Number.isFinite(value)) as number[],
  );
  if (all.length === 0) return `<p class="none">${escapeHtml(title)}: nothing to draw yet.</p>`;
  const [low, high] = padded(
    all.reduce((a, b) => Math.min(a, b)),
    all.reduce((a, b) => Math.max(a, b)),
  );
  const length = Math.max(...series.map(({ values }) => values.length));
  const x = (i: number) => LEFT + ((WIDTH - LEFT - 8) * i) / Math.max(1, length - 1);
  const y = (value: number) => TOP + ((HEIGHT - TOP - BOTTOM) * (high - value)) / (high - low);
  const ticks = [low, (low + high) / 2, high].map(
    (value) =>
      `<line x1="${LEFT}" x2="${WIDTH - 8}" y1="${fixed(y(value))}" y2="${fixed(y(value))}" class="grid"/><text x="${LEFT - 6}" y="${fixed(y(value) + 4)}" text-anchor="end">${shortNumber(value)}</text>`,
  );
  const lines = series.map(({ values, dots }, i) => (dots ? dotMarks(values, x, y, i) : path(values, x, y, i)));
  const names = series.map(
    ({ name }, i) => `<tspan fill="${COLOURS[i % COLOURS.length]}">${i > 0 ? ' · ' : ''}${escapeHtml(name)}</tspan>`,
  );
  return [
    `<figure><figcaption>${escapeHtml(title)}</figcaption>`,
    `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escapeHtml(title)}">`,
    ...ticks,
    ...lines,
    `<text x="${WIDTH - 8}" y="${HEIGHT - 6}" text-anchor="end">${escapeHtml(xName)} ${length}</text>`,
    `<text x="${LEFT}" y="${HEIGHT - 6}">${names.join('')}</text>`,
    '</svg></figure>',
  ].join('\n');
}

/** Text made safe for HTML: names and reasons may come from a model. */
export function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);
}

function path(
  values: Series['values'],
  x: (i: number) => number,
  y: (value: number) => number,
  colour: number,
): string {
  const step = Math.max(1, Math.ceil(values.length / MOST_POINTS));
  let pen = 'M';
  let drawn = '';
  for (const [i, value] of values.entries()) {
    if (i % step !== 0 && i !== values.length - 1) continue;
    if (value === null || !Number.isFinite(value)) pen = 'M';
    else {
      drawn += `${pen}${fixed(x(i))} ${fixed(y(value))}`;
      pen = 'L';
    }
  }
  return `<path d="${drawn}" fill="none" stroke="${COLOURS[colour % COLOURS.length]}" stroke-width="1.5"/>`;
}

function dotMarks(
  values: Series['values'],
  x: (i: number) => number,
  y: (value: number) => number,
  colour: number,
): string {
  const step = Math.max(1, Math.ceil(values.length / MOST_POINTS));
  return values
    .flatMap((value, i) =>
      value === null || !Number.isFinite(value) || i % step !== 0
        ? []
        : [`<circle cx="${fixed(x(i))}" cy="${fixed(y(value))}" r="1.8" fill="${COLOURS[colour % COLOURS.length]}"/>`],
    )
    .join('');
}

function padded(low: number, high: number): [number, number] {
  const room = high > low ? (high - low) * 0.05 : Math.max(Math.abs(high) * 0.1, 1e-6);
  return [low - room, high + room];
}

function shortNumber(value: number): string {
  return Number(value.toPrecision(3)).toString();
}

function fixed(value: number): string {
  return value.toFixed(1);
}
