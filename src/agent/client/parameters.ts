/** Parameters that a request can do without. */
const OPTIONAL = [
  'chat_template_kwargs',
  'top_k',
  'min_p',
  'stream_options',
  'tool_choice',
  'presence_penalty',
  'seed',
  'top_p',
  'temperature',
  'response_format',
];

/** The parameters of the body that a refusal names; `max_tokens` when it asks for `max_completion_tokens` instead. */
export function refusedParameters(message: string, body: Readonly<Record<string, unknown>>): string[] {
  const named = (name: string) => name in body && new RegExp(`(?<![\\w])${name}(?![\\w])`).test(message);
  const found = OPTIONAL.filter(named);
  return named('max_tokens') && message.includes('max_completion_tokens') ? [...found, 'max_tokens'] : found;
}

/** The body without the named parameters. The cap on the answer stays, under its other name. */
export function withoutParameters<T extends Record<string, unknown>>(body: T, names: readonly string[]): T {
  const kept = Object.entries(body).map(([key, value]) =>
    key === 'max_tokens' && names.includes(key) ? ['max_completion_tokens', value] : [key, value],
  );
  return Object.fromEntries(kept.filter(([key]) => !names.includes(key as string))) as T;
}
