/**
 * A line as this terminal can show it: cut with an ellipsis where it is narrower, so that nothing wraps and nothing looks
 * complete that is not; whole in a pipe.
 */
export function fitted(line: string, stream: { isTTY?: boolean; columns?: number } = process.stdout): string {
  const width = stream.isTTY ? (stream.columns ?? 80) : Number.POSITIVE_INFINITY;
  const letters = [...line];
  return letters.length <= width ? line : `${letters.slice(0, Math.max(1, width - 1)).join('')}…`;
}
