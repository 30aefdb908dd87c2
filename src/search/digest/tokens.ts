/** Characters of English and code that one token covers, on the careful side for Qwen's tokenizer. */
const CHARACTERS_PER_TOKEN = 3.5;

/** Tokens that a text will cost, estimated from its length: no tokenizer to load, and the same on every machine. */
export function estimateTokens(text: string): number {
  return Math.ceil(text.length / CHARACTERS_PER_TOKEN);
}

/** A number of the server's own tokens in estimated ones, by the characters that it was seen to count for one; unknown: as they are. */
export function estimatedOf(tokens: number, charactersPerToken: number | undefined): number {
  return Math.floor((tokens * (charactersPerToken ?? CHARACTERS_PER_TOKEN)) / CHARACTERS_PER_TOKEN);
}

/** Cuts a text to a number of estimated tokens at a line end, and says that it did. */
export function clipToTokens(text: string, tokens: number, notice: string): string {
  if (estimateTokens(text) <= tokens) return text;
  const room = Math.max(0, Math.floor(tokens * CHARACTERS_PER_TOKEN) - notice.length - 1);
  const end = text.lastIndexOf('\n', room);
  return `${text.slice(0, end > 0 ? end : room)}\n${notice}`;
}
