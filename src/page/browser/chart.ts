import { Component, createRef, h } from 'preact';
import uPlot from 'uplot';
import type { Curve } from '../view.ts';

const HEIGHTS = { equity: 220, drawdown: 120 };

/** Equity over the days of train on a log scale, the drawdown beneath it, with one cursor. */
export class Curves extends Component<{ curve: Curve; label: string }> {
  readonly box = createRef<HTMLDivElement>();
  plots: uPlot[] = [];
  readonly dark = matchMedia('(prefers-color-scheme: dark)');
  readonly redraw = () => this.draw();
  readonly resize = () => {
    for (const plot of this.plots) plot.setSize({ width: this.width(), height: plot.height });
  };

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

  override shouldComponentUpdate(): boolean {
    return false;
  }

  override render() {
    return h('div', { class: 'chart', role: 'img', 'aria-label': this.props.label, ref: this.box });
  }

  width(): number {
    return this.box.current?.clientWidth || 320;
  }

  draw(): void {
    for (const plot of this.plots) plot.destroy();
    const { times, equity, drawdown } = this.props.curve;
    this.plots = [
      this.plot('equity', [[...times], [...equity]], {
        distr: 3,
        range: (_, least, most) => [least * 0.97, most * 1.03],
      }),
      this.plot('drawdown', [[...times], [...drawdown]], {}),
    ];
  }

  plot(name: keyof typeof HEIGHTS, data: uPlot.AlignedData, scale: uPlot.Scale): uPlot {
    const inkOf = (variable: string) => getComputedStyle(document.documentElement).getPropertyValue(variable).trim();
    const axis = {
      stroke: inkOf('--ink'),
      grid: { stroke: inkOf('--line'), width: 1 },
      ticks: { stroke: inkOf('--line') },
    };
    const shown = (value: number | null) =>
      value === null ? '–' : name === 'equity' ? value.toFixed(3) : `${(value * 100).toFixed(1)}%`;
    const drawdown = name === 'drawdown';
    return new uPlot(
      {
        width: this.width(),
        height: HEIGHTS[name],
        cursor: { sync: { key: 'trial' } },
        tzDate: (time) => uPlot.tzDate(new Date(time * 1000), 'Etc/UTC'),
        scales: { y: scale },
        series: [
          { label: 'Day' },
          {
            label: drawdown ? 'Drawdown' : 'Equity on train',
            stroke: inkOf(drawdown ? '--wrong' : '--link'),
            fill: drawdown ? `${inkOf('--wrong')}33` : undefined,
            width: 1.5,
            value: (_, value) => shown(value),
          },
        ],
        axes: [
          axis,
          {
            ...axis,
            size: 56,
            values: (_, values) =>
              values.map((value) =>
                value === null ? '' : drawdown ? shown(value) : String(Number(value.toPrecision(3))),
              ),
          },
        ],
      },
      data,
      this.box.current!,
    );
  }
}
