/**
 * Words from outside (a model, a candidate, a file) as one line that a terminal, a table, a database and a commit message
 * take for text and for nothing else: white space becomes a space, and control characters, changes of direction and halves of
 * characters become question marks.
 */
export function plainLine(text: string, length = Number.POSITIVE_INFINITY): string {
  const cut = text.length > length ? text.slice(0, length) : text;
  return cut.replaceAll(/\s+/g, ' ').replaceAll(/\p{C}/gu, '?').trim();
}
