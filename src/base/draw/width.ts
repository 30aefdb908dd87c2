/** Columns that text on stdout may take: those of the terminal, else those of COLUMNS, else 80. */
export function screenWidth(): number {
  const columns = process.stdout.isTTY ? process.stdout.columns : Number(process.env.COLUMNS);
  return columns > 0 ? columns : 80;
}

/** A line folded between words to `width` columns; the lines behind the first are indented by `indent` blanks. A longer word stays whole. */
export function folded(line: string, indent: number, width = screenWidth()): string[] {
  const lines: string[] = [];
  let rest = line;
  while (rest.length > width) {
    const blank = rest.lastIndexOf(' ', width);
    const end = blank > indent ? blank : rest.indexOf(' ', Math.max(width, indent));
    if (end === -1) break;
    lines.push(rest.slice(0, end).trimEnd());
    rest = `${' '.repeat(indent)}${rest.slice(end).trimStart()}`;
  }
  return [...lines, rest];
}

/**
 * Widths of the columns of a table, two blanks apart, so that it fits `width` where words allow: the widest column gives way first, and
 * none becomes narrower than its longest word.
 */
export function columnWidths(rows: readonly (readonly string[])[], width: number): number[] {
  const longest = (texts: readonly string[]) => Math.max(1, ...texts.map((text) => text.length));
  const columns = rows[0].map((_, i) => rows.map((row) => row[i]));
  const widths = columns.map(longest);
  const least = columns.map((column) => longest(column.flatMap((text) => text.split(' '))));
  const total = () => widths.reduce((sum, each) => sum + each, 2 * (widths.length - 1));
  for (let over = total() - width; over > 0; over--) {
    const room = widths.map((each, i) => (each > least[i] ? each : 0));
    const widest = Math.max(...room);
    if (widest === 0) break;
    widths[room.indexOf(widest)] -= 1;
  }
  return widths;
}
