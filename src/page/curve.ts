import { chart, escapeXml, type Line, legend } from '../base/svg.ts';

/** Values that are drawn against their place. */
export interface Series {
  readonly name: string;
  readonly values: readonly (number | null)[];
  /** Points instead of a line. */
  readonly dots?: boolean;
}

const BOX = { left: 52, top: 10, width: 580, height: 168 };

/** A small line chart for a page: inline SVG without script, font or request. */
export function lineChart(title: string, series: readonly Series[], xName: string): string {
  const lines: Line[] = series.map(({ values, ...rest }) => ({
    ...rest,
    points: values.map((value, i) => [i + 1, value] as const),
  }));
  const drawn = chart(lines, BOX, xName);
  if (drawn === null) return `<p class="none">${escapeXml(title)}: nothing to draw yet.</p>`;
  return [
    `<figure><figcaption>${escapeXml(title)}</figcaption>`,
    `<svg viewBox="0 0 640 200" role="img" aria-label="${escapeXml(title)}">`,
    drawn,
    legend(lines, BOX.left, 194),
    '</svg></figure>',
  ].join('\n');
}
