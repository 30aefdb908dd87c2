/**
 * Text from outside (a model, a candidate, a file) as one safe line: white space becomes a space; control characters, direction
 * marks and lone surrogates become question marks.
 */
export function plainLine(text: string, length = Number.POSITIVE_INFINITY): string {
  const cut = text.length > length ? text.slice(0, length) : text;
  return cut.replaceAll(/\s+/g, ' ').replaceAll(/\p{C}/gu, '?').trim();
}

/** The same for text of several lines that goes to a terminal, a page or a file that people read: lines and tabs stay. */
export function plainText(text: string): string {
  return text.replaceAll(/(?![\n\t])[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, '?');
}
