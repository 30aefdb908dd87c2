/** Longest line that is still a row; a file without line ends must not fill the memory. */
const LONGEST = 65_536;

/** Cuts pieces of text into lists of whole lines, without their ends. The last line needs no end. */
export async function* linesOf(pieces: AsyncIterable<string>): AsyncIterable<string[]> {
  let rest = '';
  for await (const piece of pieces) {
    const lines = (rest + piece).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > LONGEST) {
      lines.push(rest);
      rest = '';
    }
    if (lines.length > 0) yield lines.map(trimEnd);
  }
  if (rest.length > 0) yield [trimEnd(rest)];
}

function trimEnd(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line;
}
