/** A line cut with an ellipsis to the width of the terminal; whole in a pipe. */
export function fitted(line: string, stream: { isTTY?: boolean; columns?: number } = process.stdout): string {
  const width = stream.isTTY ? (stream.columns ?? 80) : Number.POSITIVE_INFINITY;
  const letters = [...line];
  return letters.length <= width ? line : `${letters.slice(0, Math.max(1, width - 1)).join('')}…`;
}

/** A line folded between words to the width of the terminal, later lines indented by that many blanks; whole in a pipe. */
export function folded(
  line: string,
  indent: number,
  stream: { isTTY?: boolean; columns?: number } = process.stdout,
): string[] {
  const width = stream.isTTY ? Math.max(stream.columns ?? 80, indent + 10) : Number.POSITIVE_INFINITY;
  const lines: string[] = [];
  let rest = [...line];
  while (rest.length > width) {
    const blank = rest.lastIndexOf(' ', width);
    const end = blank > indent ? blank : width;
    lines.push(rest.slice(0, end).join('').trimEnd());
    rest = [...' '.repeat(indent), ...rest.slice(rest[end] === ' ' ? end + 1 : end)];
  }
  return [...lines, rest.join('')];
}
