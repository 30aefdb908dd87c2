import { isQuery, type Message } from '../../agent/history/message.ts';

/** A refusal as vLLM words it. */
export interface Refusal {
  readonly status: number;
  readonly message: string;
  readonly type: string;
  readonly param?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
}

const PLAIN_KEYS = new Set(['type', 'properties', 'required', 'enum', 'items', 'description']);

/**
 * What the official templates and vLLM's own parsing demand of a request, plus the order of tool results, which
 * templates do not check and silently get wrong. Null when the request is good.
 */
export function refuseRequest(messages: unknown, tools: unknown): Refusal | null {
  if (!Array.isArray(messages) || messages.length === 0) return bad('messages: list should have at least 1 item');
  return refuseMessages(messages as Message[]) ?? refuseTools(tools);
}

function refuseMessages(messages: readonly Message[]): Refusal | null {
  let open: string[] = [];
  for (const [i, message] of messages.entries()) {
    if (message.role === 'system' && i > 0) return bad('System message must be at the beginning.');
    if (!['system', 'user', 'assistant', 'tool'].includes(message.role)) return bad('Unexpected message role.');
    if (message.content !== null && typeof message.content !== 'string')
      return bad(`messages.${i}.content: input should be a valid string`);
    if (hasHalves(message))
      return bad("'utf-8' codec can't encode character '\\ud83d' in position 0: surrogates not allowed");
    if (message.role === 'tool') {
      if (open[0] !== message.tool_call_id)
        return bad(`messages.${i}: tool result ${message.tool_call_id} answers no open call in order`);
      open = open.slice(1);
      continue;
    }
    if (open.length > 0) return bad(`messages.${i}: the calls ${open.join(', ')} have no answer`);
    if (message.role !== 'assistant') continue;
    const refusal = refuseCalls(message, i);
    if (refusal) return refusal;
    open = (message.tool_calls ?? []).map((call) => call.id);
  }
  if (open.length > 0) return bad(`the calls ${open.join(', ')} have no answer`);
  if (!messages.some(isQuery)) return bad('No user query found in messages.');
  if (messages.at(-1)?.role === 'assistant') return bad('the last message is the assistant turn itself');
  return null;
}

/** Whether a text of the message holds half of a character. JSON escapes one, and nothing else that begins with d8 to df. */
function hasHalves(message: Message): boolean {
  return (
    /[^\\](?:\\\\)*\\ud[89a-f]/i.test(JSON.stringify(message)) ||
    /[^\\](?:\\\\)*\\ud[89a-f]/i.test(argumentsOf(message))
  );
}

function argumentsOf({ tool_calls }: Message): string {
  return (tool_calls ?? []).map((call) => call.function.arguments).join();
}

function refuseCalls(message: Message, at: number): Refusal | null {
  if (message.content === null && (message.tool_calls ?? []).length === 0)
    return bad(`messages.${at}: an assistant turn without content and calls`);
  if (message.content !== null && message.content.trim() === '') return bad(`messages.${at}: blank content`);
  const ids = new Set<string>();
  for (const call of message.tool_calls ?? []) {
    let args: unknown;
    try {
      args = JSON.parse(call.function.arguments);
    } catch {
      return bad("Expecting ',' delimiter: line 1 column 54 (char 53)");
    }
    if (args === null || typeof args !== 'object' || Array.isArray(args))
      return bad('Can only get item pairs from a mapping.');
    if (Object.values(args).includes(null))
      return bad(`messages.${at}: a null argument, which the template prints as None`);
    if (!/^[\w-]{1,64}$/.test(call.function.name)) return bad(`messages.${at}: bad function name`);
    if (ids.has(call.id) || !call.id) return bad(`messages.${at}: call ids must differ`);
    ids.add(call.id);
  }
  return null;
}

function refuseTools(tools: unknown): Refusal | null {
  for (const tool of Array.isArray(tools) ? tools : []) {
    const odd = oddKey((tool as { function?: { parameters?: unknown } }).function?.parameters);
    if (odd === 'format') return bad('Unknown format: uri');
    if (odd) return bad(`Grammar error: Unimplemented keys: ["${odd}"]`);
  }
  return null;
}

function oddKey(schema: unknown): string | null {
  if (schema === null || typeof schema !== 'object') return null;
  for (const [key, value] of Object.entries(schema)) {
    if (!PLAIN_KEYS.has(key)) return key;
    const inner = key === 'properties' ? Object.values(value as object) : key === 'items' ? [value] : [];
    for (const part of inner) {
      const odd = oddKey(part);
      if (odd) return odd;
    }
  }
  return null;
}

export function bad(message: string, param: string | null = null): Refusal {
  return { status: 400, message, type: 'BadRequestError', param };
}
