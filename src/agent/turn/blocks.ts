/** A fenced block of an answer. */
export interface Block {
  /** What stands behind the opening fence, in lower case; empty when nothing does. */
  readonly language: string;
  readonly text: string;
}

/** The fenced blocks of a text, in order. A fence that is left open reaches to the end of the text: the caller knows whether it was cut. */
export function blocksOf(text: string): Block[] {
  const blocks: Block[] = [];
  let open: { fence: string; language: string; lines: string[] } | null = null;
  for (const line of text.replaceAll('\r\n', '\n').split('\n')) {
    const [, fence, info] = /^[ \t]*(`{3,}|~{3,})[ \t]*([^`]*)$/.exec(line) ?? [];
    if (open && fence && fence[0] === open.fence[0] && fence.length >= open.fence.length && info.trim() === '') {
      blocks.push({ language: open.language, text: open.lines.join('\n') });
      open = null;
    } else if (open) open.lines.push(line);
    else if (fence) open = { fence, language: (info.trim().split(/\s+/)[0] ?? '').toLowerCase(), lines: [] };
  }
  if (open && open.lines.length > 0) blocks.push({ language: open.language, text: open.lines.join('\n') });
  return blocks;
}

/**
 * The one strategy that an answer proposes, or null: the only block with `defineStrategy(`, the last of several, or the whole answer where
 * a model left the fences out. Prose that quotes a line of an example is no candidate: a candidate exports its definition.
 */
export function candidateIn(answer: string): string | null {
  const whole = (text: string) => /\bdefineStrategy\s*\(/.test(text) && /\bdecide\b/.test(text);
  const blocks = blocksOf(answer).filter(({ text }) => whole(text));
  if (blocks.length > 0) return blocks[blocks.length - 1].text;
  const start = answer.search(/^(?:import\b.*\n\s*)?(?:export default )?defineStrategy\s*\(/m);
  if (start === -1 || answer.includes('```')) return null;
  const end = answer.lastIndexOf('});');
  const source = end > start ? answer.slice(start, end + 3) : '';
  return whole(source) ? source : null;
}

/** Whether a text ends inside a code fence that was opened and not closed. */
export function endsInFence(text: string): boolean {
  let open: string | null = null;
  for (const line of text.split('\n')) {
    const fence = /^[ \t]*(`{3,}|~{3,})/.exec(line)?.[1];
    if (!fence) continue;
    if (open === null) open = fence;
    else if (fence[0] === open[0] && fence.length >= open.length) open = null;
  }
  return open !== null;
}
