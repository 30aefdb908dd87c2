import { h } from 'preact';
import uPlot from 'uplot';
import type { Tape } from '../tape.ts';
import { axisInks, DATES, inkOf, Plotted } from './plotted.ts';

const HEIGHT = 320;
const FILL_SIZE = 6;

interface Props {
  readonly tape: Tape;
  /** A stretch that was marked with the mouse, epoch ms. */
  readonly onMarked: (from: number, to: number) => void;
}

/** Candles with a triangle at each fill: up is bought, down is sold. */
export class Candles extends Plotted<Props> {
  override componentDidUpdate({ tape }: Props): void {
    if (tape !== this.props.tape) this.draw();
  }

  override render() {
    const { symbol, fills, low, high } = this.props.tape;
    const between = `between ${Math.min(...low)} and ${Math.max(...high)}`;
    const label = `Candles of ${symbol} ${between}, with ${fills.length} fills; the trades stand in the list below`;
    return h('div', { class: 'chart candles', role: 'img', 'aria-label': label, ref: this.box });
  }

  override plotted(): uPlot[] {
    const { tape, onMarked } = this.props;
    const colours = { rise: inkOf('--right'), fall: inkOf('--wrong'), fill: inkOf('--link') };
    const axis = axisInks();
    const { times, open, high, low, close } = tape;
    const unseen = { stroke: 'transparent', points: { show: false } };
    const plot = new uPlot(
      {
        width: this.width(),
        height: HEIGHT,
        tzDate: (time) => uPlot.tzDate(new Date(time * 1000), 'Etc/UTC'),
        // What is marked is asked for anew, in finer candles.
        cursor: { drag: { x: true, y: false, setScale: false } },
        scales: { x: { range: [tape.from / 1000, tape.to / 1000] } },
        series: [
          { label: 'Candle', value: '{YYYY}-{MM}-{DD} {HH}:{mm}' },
          { label: 'Open', ...unseen },
          { label: 'High', ...unseen },
          { label: 'Low', ...unseen },
          { label: 'Close', ...unseen },
        ],
        axes: [
          { ...axis, values: DATES },
          { ...axis, size: 64 },
        ],
        hooks: {
          draw: [(plot) => drawCandles(plot, tape, colours)],
          setSelect: [
            (plot) => {
              const { left, width } = plot.select;
              if (width > 5) onMarked(plot.posToVal(left, 'x') * 1000, plot.posToVal(left + width, 'x') * 1000);
            },
          ],
        },
      },
      [times, open, high, low, close].map((column) => [...column]) as unknown as uPlot.AlignedData,
      this.box.current!,
    );
    return [plot];
  }
}

interface Colours {
  readonly rise: string;
  readonly fall: string;
  readonly fill: string;
}

function drawCandles(plot: uPlot, tape: Tape, { rise, fall, fill }: Colours): void {
  const { ctx } = plot;
  const x = (seconds: number) => plot.valToPos(seconds, 'x', true);
  const y = (price: number) => plot.valToPos(price, 'y', true);
  const width = Math.max(1, (x(tape.times[0] + tape.interval / 1000) - x(tape.times[0])) * 0.7);
  ctx.save();
  ctx.beginPath();
  ctx.rect(plot.bbox.left, plot.bbox.top, plot.bbox.width, plot.bbox.height);
  ctx.clip();
  for (let i = 0; i < tape.times.length; i++) {
    const middle = x(tape.times[i] + tape.interval / 2000);
    const [top, bottom] = [y(Math.max(tape.open[i], tape.close[i])), y(Math.min(tape.open[i], tape.close[i]))];
    ctx.fillStyle = tape.close[i] >= tape.open[i] ? rise : fall;
    ctx.fillRect(middle - devicePixelRatio / 2, y(tape.high[i]), devicePixelRatio, y(tape.low[i]) - y(tape.high[i]));
    ctx.fillRect(middle - width / 2, top, width, Math.max(1, bottom - top));
  }
  const size = FILL_SIZE * devicePixelRatio;
  ctx.fillStyle = fill;
  for (const { at, price, quantity } of tape.fills) {
    const [middle, tip] = [x(at / 1000), y(price)];
    const base = tip + (quantity > 0 ? size * 1.6 : -size * 1.6);
    ctx.beginPath();
    ctx.moveTo(middle, tip);
    ctx.lineTo(middle - size, base);
    ctx.lineTo(middle + size, base);
    ctx.fill();
  }
  ctx.restore();
}
