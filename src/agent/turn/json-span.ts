/**
 * The end (exclusive) of the JSON object or array that starts at `from`, found by brackets and strings alone, or -1 when
 * the text ends inside it.
 */
export function jsonEnd(text: string, from: number): number {
  let depth = 0;
  let inString = false;
  for (let i = from; i < text.length; i++) {
    const char = text[i];
    if (inString) {
      if (char === '\\') i += 1;
      else if (char === '"') inString = false;
    } else if (char === '"') inString = true;
    else if (char === '{' || char === '[') depth += 1;
    else if (char === '}' || char === ']') {
      depth -= 1;
      if (depth === 0) return i + 1;
    }
  }
  return -1;
}

/** Whether a text begins like a JSON value but stops before its end: an answer that was cut. */
export function isUnterminated(text: string): boolean {
  const trimmed = text.trim();
  return /^[{[]/.test(trimmed) && jsonEnd(trimmed, 0) === -1;
}
