import { Component, createRef } from 'preact';
import type uPlot from 'uplot';

/** Charts that are drawn anew when the page changes its colours or its width. */
export abstract class Plotted<Props> extends Component<Props> {
  readonly box = createRef<HTMLDivElement>();
  plots: uPlot[] = [];
  readonly dark = matchMedia('(prefers-color-scheme: dark)');
  readonly redraw = () => this.draw();
  readonly resize = () => this.resized();

  override componentDidMount(): void {
    this.draw();
    this.dark.addEventListener('change', this.redraw);
    addEventListener('resize', this.resize);
  }

  override componentWillUnmount(): void {
    this.dark.removeEventListener('change', this.redraw);
    removeEventListener('resize', this.resize);
    for (const plot of this.plots) plot.destroy();
  }

  width(): number {
    return this.box.current?.clientWidth || 320;
  }

  draw(): void {
    for (const plot of this.plots) plot.destroy();
    this.plots = this.plotted();
  }

  resized(): void {
    this.draw();
  }

  /** Draws into the box. */
  abstract plotted(): uPlot[];
}

/** A colour of the page. */
export function inkOf(variable: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(variable).trim();
}

/** An axis in the colours of the page. */
export function axisInks() {
  return { stroke: inkOf('--ink'), grid: { stroke: inkOf('--line'), width: 1 }, ticks: { stroke: inkOf('--line') } };
}

const DAY_S = 86_400;

/** A tick that is named `each`, with `year` beneath it where one begins, and `day` where a day does. */
function named(seconds: number, each: string, year: string | null, day: string | null = null) {
  return [seconds, each, year, null, day, null, null, null, 1];
}

/** Names of ticks by their distance in seconds. Months are written out: 12/3 is one day here and another there. */
export const DATES: uPlot.Axis.TimeValuesConfig = [
  named(365 * DAY_S, '{YYYY}', null),
  named(28 * DAY_S, '{MMM}', '\n{YYYY}'),
  named(DAY_S, '{D} {MMM}', '\n{YYYY}'),
  named(60, '{HH}:{mm}', '\n{D} {MMM} {YYYY}', '\n{D} {MMM}'),
];
