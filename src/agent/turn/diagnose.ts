import { jsonrepair } from 'jsonrepair';

/**
 * Where a text stops being JSON, in words for the model: what a repair would change first. The repaired text itself is
 * never used: a guess must not be run.
 */
export function whereBroken(text: string): string {
  let repaired: string;
  try {
    repaired = jsonrepair(text);
  } catch (error) {
    return (error as Error).message.slice(0, 80);
  }
  let at = 0;
  while (at < Math.min(text.length, repaired.length) && text[at] === repaired[at]) at += 1;
  if (/[\n\r\t]/.test(text[at] ?? ''))
    return `a raw line break or tab at character ${at}; inside a string write \\n or \\t`;
  const before = text.slice(Math.max(0, at - 20), at);
  return `it breaks at character ${at}, after ${JSON.stringify(before)}`;
}
