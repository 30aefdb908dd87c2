import { h } from 'preact';
import uPlot from 'uplot';
import type { Curve, TrialView } from '../view.ts';
import { axisInks, DATES, inkOf, Plotted } from './plotted.ts';

type Windows = TrialView['windows'];

const HEIGHTS = { equity: 220, drawdown: 120 };

/** Equity over the days of train on a log scale, the drawdown beneath it, with one cursor; every window is marked, those held back are hatched. */
export class Curves extends Plotted<{ curve: Curve; windows: Windows; label: string }> {
  override shouldComponentUpdate(): boolean {
    return false;
  }

  override render() {
    return h('div', { class: 'chart', role: 'img', 'aria-label': this.props.label, ref: this.box });
  }

  override resized(): void {
    for (const plot of this.plots) plot.setSize({ width: this.width(), height: plot.height });
  }

  override plotted(): uPlot[] {
    const { times, equity, drawdown } = this.props.curve;
    return [
      this.plot('equity', [[...times], [...equity]], {
        distr: 3,
        range: (_, least, most) => [least * 0.97, most * 1.03],
      }),
      this.plot('drawdown', [[...times], [...drawdown]], {}),
    ];
  }

  plot(name: keyof typeof HEIGHTS, data: uPlot.AlignedData, scale: uPlot.Scale): uPlot {
    const axis = axisInks();
    const shown = (value: number | null) =>
      value === null ? '–' : name === 'equity' ? value.toFixed(3) : `${(value * 100).toFixed(1)}%`;
    const drawdown = name === 'drawdown';
    const { windows } = this.props;
    const days = data[0];
    const end = Math.max(days[days.length - 1], ...windows.map(({ to }) => to / 1000));
    return new uPlot(
      {
        width: this.width(),
        height: HEIGHTS[name],
        cursor: { sync: { key: 'trial' } },
        tzDate: (time) => uPlot.tzDate(new Date(time * 1000), 'Etc/UTC'),
        scales: { x: { range: (_, from, to) => [from, to === days[days.length - 1] ? end : to] }, y: scale },
        hooks: {
          drawClear: [(plot) => mark(plot, windows, { ink: inkOf('--ink'), line: inkOf('--line'), named: !drawdown })],
        },
        series: [
          { label: 'Day', value: '{YYYY}-{MM}-{DD}' },
          {
            label: drawdown ? 'Drawdown' : 'Equity on train',
            stroke: inkOf(drawdown ? '--wrong' : '--link'),
            fill: drawdown ? `${inkOf('--wrong')}33` : undefined,
            width: 1.5,
            value: (_, value) => shown(value),
          },
        ],
        axes: [
          { ...axis, values: DATES },
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

interface Inks {
  readonly ink: string;
  readonly line: string;
  /** Whether the windows are named as well. */
  readonly named: boolean;
}

/** Draws where each window begins and ends, and hatches what is held back. */
function mark(plot: uPlot, windows: Windows, { ink, line, named }: Inks): void {
  const { ctx, bbox } = plot;
  const px = devicePixelRatio;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  ctx.font = `${11 * px}px sans-serif`;
  for (const { name, from, to } of windows) {
    const [left, right] = [from, to].map((time) => plot.valToPos(time / 1000, 'x', true));
    ctx.strokeStyle = line;
    ctx.lineWidth = px;
    ctx.beginPath();
    for (const x of [left, right]) {
      ctx.moveTo(x, bbox.top);
      ctx.lineTo(x, bbox.top + bbox.height);
    }
    ctx.stroke();
    if (name !== 'train') hatch(ctx, left, right, bbox, px);
    if (!named) continue;
    ctx.fillStyle = ink;
    const label = name.replace('selection ', '');
    if (ctx.measureText(label).width < right - left) ctx.fillText(label, left + 3 * px, bbox.top + 12 * px);
  }
  ctx.restore();
}

function hatch(
  ctx: CanvasRenderingContext2D,
  left: number,
  right: number,
  { top, height }: uPlot.BBox,
  px: number,
): void {
  ctx.save();
  ctx.beginPath();
  ctx.rect(left, top, right - left, height);
  ctx.clip();
  ctx.beginPath();
  for (let x = left - height; x < right; x += 8 * px) {
    ctx.moveTo(x, top + height);
    ctx.lineTo(x + height, top);
  }
  ctx.stroke();
  ctx.restore();
}
