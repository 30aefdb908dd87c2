import type { Draft } from './draft.ts';

/** One thing that happens on the line. */
export type Wire =
  | { readonly json: unknown }
  | { readonly raw: string }
  | { readonly waitMs: number }
  /** The socket dies. */
  | { readonly cut: true };

export interface Envelope {
  readonly id: string;
  readonly model: string;
  readonly created: number;
  readonly promptTokens: number;
  readonly cachedTokens: number;
}

/** A stream as vLLM sends it: role first, pieces of a few characters, a finish, usage with empty choices, [DONE]. */
export function streamOf(draft: Draft, envelope: Envelope, withUsage: boolean, pieceLength: number): Wire[] {
  const chunk = (delta: unknown, finish: string | null = null): Wire => ({
    json: {
      ...frame(envelope, 'chat.completion.chunk'),
      choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
    },
  });
  const wires: Wire[] = [chunk({ role: 'assistant', content: '' })];
  for (const piece of pieces(draft.reasoning, pieceLength)) wires.push(chunk({ reasoning: piece }));
  for (const piece of pieces(draft.content, pieceLength)) wires.push(chunk({ content: piece }));
  draft.calls.forEach((call, index) => {
    wires.push(
      chunk({ tool_calls: [{ index, id: call.id, type: 'function', function: { name: call.name, arguments: '' } }] }),
    );
    for (const piece of pieces(call.arguments, pieceLength))
      wires.push(chunk({ tool_calls: [{ index, function: { arguments: piece } }] }));
  });
  if (draft.finish !== null) wires.push(chunk({}, draft.finish));
  if (withUsage && draft.completionTokens !== null) wires.push(usageChunk(draft, envelope));
  wires.push({ raw: '[DONE]' });
  return wires;
}

/** A stream in which nothing is left to chance: usage first, so that a client that hangs up has it, and each channel in one piece. */
export function wholeStreamOf(draft: Draft, envelope: Envelope): Wire[] {
  return [usageChunk(draft, envelope), ...streamOf(draft, envelope, false, Number.POSITIVE_INFINITY)];
}

/** The same answer in one piece. */
export function messageOf(draft: Draft, envelope: Envelope): unknown {
  const message = {
    role: 'assistant',
    content: draft.content === '' ? null : draft.content,
    reasoning: draft.reasoning === '' ? null : draft.reasoning,
    tool_calls: draft.calls.map((call) => ({
      id: call.id,
      type: 'function',
      function: { name: call.name, arguments: call.arguments },
    })),
  };
  return {
    ...frame(envelope, 'chat.completion'),
    choices: [{ index: 0, message, logprobs: null, finish_reason: draft.finish }],
    usage: draft.completionTokens === null ? null : usageOf(draft, envelope),
  };
}

function usageChunk(draft: Draft, envelope: Envelope): Wire {
  return { json: { ...frame(envelope, 'chat.completion.chunk'), choices: [], usage: usageOf(draft, envelope) } };
}

function frame({ id, model, created }: Envelope, object: string) {
  return { id, object, created, model };
}

function usageOf(draft: Draft, { promptTokens, cachedTokens }: Envelope) {
  const completion = draft.completionTokens ?? 0;
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completion,
    total_tokens: promptTokens + completion,
    prompt_tokens_details: { cached_tokens: cachedTokens },
  };
}

function pieces(text: string, length: number): string[] {
  const result: string[] = [];
  for (let at = 0; at < text.length; ) {
    // A surrogate pair stays whole, as a tokeniser keeps it.
    const end = at + length + (/[\ud800-\udbff]/.test(text[at + length - 1] ?? '') ? 1 : 0);
    result.push(text.slice(at, end));
    at = end;
  }
  return result;
}
