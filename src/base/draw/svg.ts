import { plainText } from '../plain.ts';

/** Lines of a chart are told apart by these, in order. */
const INKS = ['#1f6feb', '#bf5b04', '#1a7f37', '#8250df', '#cf222e', '#57606a', '#0b7285', '#8c564b'];
const GRID = '#8886';
/** A line with more points is thinned. */
const MOST_POINTS = 600;

export type Point = readonly [x: number, y: number | null];

/** One line of a chart: a null breaks it. */
export interface Line {
  readonly name: string;
  readonly points: readonly Point[];
  /** Points instead of a line. */
  readonly dots?: boolean;
}

/** Where a chart lies within a picture, pixels. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export function inkOf(i: number): string {
  return INKS[i % INKS.length];
}

/** Text made safe for HTML and SVG: names and reasons may come from a model. */
export function escapeXml(text: string): string {
  return plainText(text).replaceAll(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);
}

/** A whole picture on white, as the text of a file. */
export function picture(width: number, height: number, parts: readonly string[]): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12"><rect width="${width}" height="${height}" fill="#fff"/>\n${parts.join('\n')}\n</svg>\n`;
}

export function label(
  x: number,
  y: number,
  words: string,
  how: { anchor?: 'middle' | 'end'; ink?: string } = {},
): string {
  const anchor = how.anchor ? ` text-anchor="${how.anchor}"` : '';
  return `<text x="${fixed(x)}" y="${fixed(y)}"${anchor}${how.ink ? ` fill="${how.ink}"` : ''}>${escapeXml(words)}</text>`;
}

/** A path through the points; a null lifts the pen. */
export function path(points: readonly Point[], ink: string, width = 1.5): string {
  let pen = 'M';
  const drawn = points.map(([x, y]) => {
    const step = y === null ? '' : `${pen}${fixed(x)} ${fixed(y)}`;
    pen = y === null ? 'M' : 'L';
    return step;
  });
  return `<path d="${drawn.join('')}" fill="none" stroke="${ink}" stroke-width="${width}"/>`;
}

/** A straight thin line. */
export function line(from: readonly [number, number], to: readonly [number, number], ink: string): string {
  return path([from, to], ink, 1);
}

export function bar(x: number, y: number, width: number, height: number, ink: string): string {
  return `<rect x="${fixed(x)}" y="${fixed(y)}" width="${width.toFixed(2)}" height="${fixed(height)}" fill="${ink}"/>`;
}

/** Lines over one another with grid, y ticks and the end of the x axis; null when there is nothing to draw. */
export function chart(lines: readonly Line[], box: Box, xName: string): string | null {
  const drawn = lines.map((line) => ({ ...line, points: thinned(line.points) }));
  const known = drawn.flatMap(({ points }) => points.flatMap(([x, y]) => (y === null ? [] : [[x, y] as const])));
  if (known.length === 0) return null;
  const [low, high] = padded(extent(known.map(([, y]) => y)));
  const [, end] = extent(drawn.flatMap(({ points }) => points.map(([x]) => x)));
  const place = ([x, y]: Point): Point => [
    box.left + (box.width * x) / (end || 1),
    y === null ? null : box.top + (box.height * (high - y)) / (high - low),
  ];
  const bottom = box.top + box.height;
  return [
    ...[low, (low + high) / 2, high].flatMap((value) => {
      const [, y = 0] = place([0, value]) as [number, number];
      const across = line([box.left, y], [box.left + box.width, y], GRID);
      return [across, label(box.left - 6, y + 4, String(Number(value.toPrecision(3))), { anchor: 'end' })];
    }),
    ...drawn.map(({ points, dots }, i) => {
      const placed = points.map(place);
      return dots ? placed.map((point) => dot(point, inkOf(i))).join('') : path(placed, inkOf(i));
    }),
    label(box.left + box.width, bottom + 16, `${xName} ${Number(end.toPrecision(3))}`, { anchor: 'end' }),
  ].join('\n');
}

/** The names of the lines in their inks, from `left` on. */
export function legend(lines: readonly Line[], left: number, y: number): string {
  const names = lines.map(({ name }, i) => `<tspan fill="${inkOf(i)}">${i > 0 ? ' · ' : ''}${escapeXml(name)}</tspan>`);
  return `<text x="${left}" y="${y}">${names.join('')}</text>`;
}

function dot([x, y]: Point, ink: string): string {
  return y === null ? '' : `<circle cx="${fixed(x)}" cy="${fixed(y)}" r="1.8" fill="${ink}"/>`;
}

function thinned(points: readonly Point[]): Point[] {
  const step = Math.max(1, Math.ceil(points.length / MOST_POINTS));
  return points
    .filter((_, i) => i % step === 0 || i === points.length - 1)
    .map(([x, y]) => [x, y !== null && Number.isFinite(y) ? y : null]);
}

function extent(values: readonly number[]): [number, number] {
  return [values.reduce((a, b) => Math.min(a, b)), values.reduce((a, b) => Math.max(a, b))];
}

function padded([low, high]: readonly [number, number]): [number, number] {
  const room = high > low ? (high - low) * 0.05 : Math.max(Math.abs(high) * 0.1, 1e-6);
  return [low - room, high + room];
}

function fixed(value: number): string {
  return value.toFixed(1);
}
