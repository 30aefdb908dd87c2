/** A message as it goes over the wire. `reasoning` is sent under both names that servers read. */
export interface Message {
  readonly role: 'system' | 'user' | 'assistant' | 'tool';
  readonly content: string | null;
  readonly reasoning?: string;
  readonly reasoning_content?: string;
  readonly tool_calls?: readonly MessageCall[];
  readonly tool_call_id?: string;
}

export interface MessageCall {
  readonly id: string;
  readonly type: 'function';
  readonly function: { readonly name: string; readonly arguments: string };
}

/** A message as it may have come about: any field may be missing, of a wrong type, or out of place. */
export interface LooseMessage {
  readonly role?: unknown;
  readonly content?: unknown;
  readonly reasoning?: unknown;
  readonly reasoning_content?: unknown;
  readonly tool_calls?: unknown;
  readonly tool_call_id?: unknown;
}

/**
 * A note of the harness as a user message that does not count as a new query: templates tell real queries from tool
 * results by these tags, and a real query would make them drop all earlier thinking and recompute the cache from there.
 */
export function note(text: string): Message {
  return { role: 'user', content: `<tool_response>\n${cleanText(text)}\n</tool_response>` };
}

/** Whether a user message is a query of its own, and not tool results or a note. */
export function isQuery(message: Message): boolean {
  if (message.role !== 'user') return false;
  const text = (message.content ?? '').trim();
  return text !== '' && !(text.startsWith('<tool_response>') && text.endsWith('</tool_response>'));
}

/**
 * Takes the meaning from markup that a template or tokeniser would act on: text that was read from a file or made by a
 * model must not be able to end a message or pose as a call.
 */
export function cleanText(text: string): string {
  return text
    .replaceAll(/<\|(im_start|im_end|endoftext)\|>/g, '<|$1 |>')
    .replaceAll(/<(\/?)(tool_call|tool_response)>/g, '<$1$2 >');
}

/** A message without what the model thought before it. */
export function withoutThinking(message: Message): Message {
  const { reasoning: _, reasoning_content: __, ...rest } = message;
  return rest;
}
