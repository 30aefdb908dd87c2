/**
 * Text from outside (a model, a candidate, a file) as one safe line: white space becomes a space; control characters, direction
 * marks and lone surrogates become question marks.
 */
export function plainLine(text: string, length = Number.POSITIVE_INFINITY): string {
  const cut = text.length > length ? text.slice(0, length) : text;
  return cut.replaceAll(/\s+/g, ' ').replaceAll(/\p{C}/gu, '?').trim();
}
