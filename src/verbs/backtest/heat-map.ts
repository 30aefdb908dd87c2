import { bar, label, picture } from '../../base/svg.ts';
import type { Axis, GridPoint } from './grid.ts';

const CELL = 36;
const MOST_WIDTH = 1200;
const LEFT = 80;
const TOP = 40;

/** Sharpe ratios over two parameters, the first downwards: red below zero, green above, white at zero, grey where there is none. */
export function heatMap([down, across]: readonly Axis[], points: readonly GridPoint[]): string {
  const size = Math.min(CELL, (MOST_WIDTH - LEFT) / across.values.length);
  const most = Math.max(1e-9, ...points.map(({ value }) => Math.abs(value ?? 0)));
  const cells = points.map(({ value }, i) => {
    const [row, column] = [Math.floor(i / across.values.length), i % across.values.length];
    const [x, y] = [LEFT + column * size, TOP + row * size];
    const text = size === CELL && value !== null ? label(x + size / 2, y + size / 2 + 4, value.toFixed(1), MIDDLE) : '';
    return bar(x, y, size - 1, size - 1, colourOf(value, most)) + text;
  });
  const every = (axis: Axis) => Math.ceil(axis.values.length / 20);
  const ticks = [
    ...across.values.flatMap((value, i) =>
      i % every(across) ? [] : [label(LEFT + (i + 0.5) * size, TOP - 6, String(value), MIDDLE)],
    ),
    ...down.values.flatMap((value, i) =>
      i % every(down) ? [] : [label(LEFT - 6, TOP + (i + 0.5) * size + 4, String(value), { anchor: 'end' })],
    ),
    label(LEFT, 16, `Sharpe ratio: ${down.name} downwards, ${across.name} to the right`),
  ];
  const width = LEFT + across.values.length * size + 20;
  return picture(Math.max(width, 380), TOP + down.values.length * size + 20, [...cells, ...ticks]);
}

const MIDDLE = { anchor: 'middle' } as const;

function colourOf(value: number | null, most: number): string {
  if (value === null) return '#ccc';
  const fade = Math.round(255 * (1 - Math.min(1, Math.abs(value) / most)));
  const other = Math.round(160 + (95 * fade) / 255);
  return value < 0 ? `rgb(${other},${fade},${fade})` : `rgb(${fade},${other},${fade})`;
}
