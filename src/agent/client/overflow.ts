/** What an overflow message says, in tokens; null where it is silent. */
export interface Overflow {
  readonly window: number | null;
  readonly prompt: number | null;
  /** True when the count is only a lower bound: the server stopped counting at its limit. */
  readonly lowerBound: boolean;
  /** The prompt alone is too long; asking for a shorter answer cannot help. */
  readonly promptAlone: boolean;
}

const FAMILY = [
  /maximum context length/i,
  /context[ _](length|window|size)/i,
  /maximum (allowed|prompt|input|sequence) length/i,
  /max_(new_)?tokens`? must be (at least 1, got -|<=)/i,
  /tokens exceeds? .*(limit|maximum)/i,
  /max_(completion_)?tokens'? .*too large/i,
  /(prompt|input)( is|'s length)? too (long|large)/i,
  /exceeds? .*(max_model_len|max_seq_len|n_ctx|context)/i,
  /longer than .*(maximum|model)/i,
  /too many (input |prompt )?tokens/i,
  /reduce the length/i,
  /exceed_context_size/i,
  /context_?window_?exceeded/i,
  /max_tokens\s*=.*cannot be greater than/i,
];

/** Reads any wording of "does not fit"; undefined when the message is about something else. Source: what vLLM, llama.cpp, SGLang, LM Studio, LiteLLM, TGI and Mistral send. */
export function overflowOf(message: string): Overflow | undefined {
  if (!FAMILY.some((pattern) => pattern.test(message))) return undefined;
  const window = first(message, [
    /maximum context length (?:is|of) (\d+)/i,
    /context length (?:is|of) only (\d+)/i,
    /(\d+) maximum context length/i,
    /\d+(?: tokens)? > (\d+)/,
    /must be <= (\d+)/i,
    /maximum (?:allowed|prompt|input|sequence) length\D{0,20}(\d+)/i,
    /(?:max_model_len|max_seq_len|n_ctx|context (?:size|length|window))\D{0,20}(\d+)/i,
    /(?:maximum|limit)\D{0,30}(\d+)/i,
  ]);
  const prompt = first(message, [
    /at least (\d+) input tokens/i,
    /(\d+) in the messages/i,
    /(?:passed|first) (\d+)(?: input)? tokens/i,
    /(\d+) (?:tokens from the input|of text input)/i,
    /(?:has|contains|with) (?:at least )?(\d+) (?:(?:input|prompt) )?tokens/i,
    /given: (\d+)/i,
    /(\d+)(?: tokens)? > \d+/,
    /(?:prompt|input|request)\b[^\d=.]{0,30}\(?(\d+)(?: tokens)?/i,
  ]);
  const asked = first(message, [
    /requested (\d+) output tokens/i,
    /(\d+) (?:in the completion|tokens for the completion)/i,
  ]);
  return {
    window,
    prompt,
    lowerBound: prompt !== null && /at least/i.test(message),
    promptAlone: asked === 0 || (window !== null && prompt !== null && prompt >= window),
  };
}

function first(message: string, patterns: readonly RegExp[]): number | null {
  for (const pattern of patterns) {
    const found = pattern.exec(message)?.[1];
    if (found) return Number(found);
  }
  return null;
}
