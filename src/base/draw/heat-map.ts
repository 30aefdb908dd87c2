import { bar, label, picture } from './svg.ts';

/** One side of the map: a parameter and its values, or words for them. */
export interface Side {
  readonly name: string;
  readonly values: readonly (number | string)[];
}

const CELL = 36;
/** A cell that has room for a mark below its number. */
const MARKED = { width: 60, height: 44 };
const MOST_WIDTH = 1200;
const LEFT = 80;
const TOP = 40;

/**
 * Values over two parameters, the first downwards, row by row: red below zero, green above, white at zero, grey where there is none. `marks` are
 * words in the cells, one a cell.
 */
export function heatMap(
  what: string,
  [down, across]: readonly Side[],
  values: readonly (number | null)[],
  marks?: readonly string[],
): string {
  const most = Math.max(1e-9, ...values.map((value) => Math.abs(value ?? 0)));
  const width = marks ? MARKED.width : Math.min(CELL, (MOST_WIDTH - LEFT) / across.values.length);
  const height = marks ? MARKED.height : width;
  const cells = values.map((value, i) => {
    const [row, column] = [Math.floor(i / across.values.length), i % across.values.length];
    const [x, y] = [LEFT + column * width, TOP + row * height];
    const middle = y + height / 2 + (marks ? -3 : 4);
    const text = width >= CELL && value !== null ? label(x + width / 2, middle, shown(value), MIDDLE) : '';
    const mark = marks?.[i] ? label(x + width / 2, y + height - 7, marks[i], MIDDLE) : '';
    return bar(x, y, width - 1, height - 1, colourOf(value, most)) + text + mark;
  });
  const every = (side: Side) => Math.ceil(side.values.length / 20);
  const ticks = [
    ...across.values.flatMap((value, i) =>
      i % every(across) ? [] : [label(LEFT + (i + 0.5) * width, TOP - 6, String(value), MIDDLE)],
    ),
    ...down.values.flatMap((value, i) =>
      i % every(down) ? [] : [label(LEFT - 6, TOP + (i + 0.5) * height + 4, String(value), { anchor: 'end' })],
    ),
    label(LEFT, 16, `${what}: ${down.name} downwards, ${across.name} to the right`),
  ];
  const whole = LEFT + across.values.length * width + 20;
  return picture(Math.max(whole, 380), TOP + down.values.length * height + 20, [...cells, ...ticks]);
}

function shown(value: number): string {
  const text = value.toFixed(1);
  return text === '-0.0' ? '0.0' : text;
}

const MIDDLE = { anchor: 'middle' } as const;

function colourOf(value: number | null, most: number): string {
  if (value === null) return '#ccc';
  const fade = Math.round(255 * (1 - Math.min(1, Math.abs(value) / most)));
  const other = Math.round(160 + (95 * fade) / 255);
  return value < 0 ? `rgb(${other},${fade},${fade})` : `rgb(${fade},${other},${fade})`;
}
