/** Longest tool result that goes into history, in characters: about 2,000 tokens. */
const RESULT_CHARS = 8000;

/** Shortens a text in its middle: heads say what it is, tails hold the error. */
export function trimMiddle(text: string, limit: number = RESULT_CHARS): string {
  if (text.length <= limit) return text;
  const head = Math.floor(limit * 0.6);
  const tail = limit - head;
  return `${text.slice(0, head)}\n[… ${text.length - limit} characters left out …]\n${text.slice(-tail)}`;
}
