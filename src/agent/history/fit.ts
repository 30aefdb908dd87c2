import type { ToolDefinition } from '../contract.ts';
import { isQuery, type Message, withoutThinking } from './message.ts';
import { promptText } from './prefix.ts';
import { trimMiddle } from './trim.ts';

/** Characters per token, low on purpose: code and numbers take more tokens than prose. */
export const CHARS_PER_TOKEN = 3.2;

/** Rough size of a prompt in tokens, on the high side. */
export function estimateTokens(tools: readonly ToolDefinition[], messages: readonly Message[]): number {
  return Math.ceil(promptText(tools, messages).length / CHARS_PER_TOKEN) + 8 * messages.length;
}

/**
 * Shortens a history to about `share` (0..1) of its size, in the order of what is missed least: thinking of old turns,
 * old tool results, whole old turns. The rules, the first query and the latest turn always stay. Whole steps at
 * once, because every change costs the prefix cache from there on.
 */
export function compact(messages: readonly Message[], share: number): Message[] {
  const size = (list: readonly Message[]) => promptText([], list).length;
  const goal = size(messages) * share;
  const pinned = messages.findIndex(isQuery) + 1;
  const latest = Math.max(
    pinned,
    messages.findLastIndex((message) => message.role === 'assistant'),
  );
  const old = (i: number) => i >= pinned && i < latest;

  let result = messages.map((message, i) => (old(i) ? withoutThinking(message) : message));
  if (size(result) <= goal) return result;
  result = result.map((message, i) => (old(i) ? shortened(message, 300) : message));
  if (size(result) <= goal) return result;
  const turns = turnStarts(result, pinned, latest);
  for (let drop = 1; drop <= turns.length; drop++) {
    const from = turns[drop] ?? latest;
    const kept = [...result.slice(0, pinned), ...result.slice(from)];
    if (size(kept) <= goal || drop === turns.length) {
      result = kept;
      break;
    }
  }
  if (size(result) <= goal) return result;
  // The latest turn itself is too big: its results shrink last.
  const room = Math.max(400, goal - size(result.slice(0, pinned)));
  const share2 = Math.floor(room / Math.max(1, result.length - pinned));
  return result.map((message, i) =>
    i >= pinned ? shortened(withoutThinking(message), Math.max(200, share2)) : message,
  );
}

function shortened(message: Message, limit: number): Message {
  const content =
    message.role === 'tool' || message.role === 'user' ? trimWrapped(message.content ?? '', limit) : message.content;
  if (!message.tool_calls) return { ...message, content };
  const calls = message.tool_calls.map((call) => ({
    ...call,
    function: { ...call.function, arguments: shortArguments(call.function.arguments, limit) },
  }));
  return { ...message, content, tool_calls: calls };
}

/** A note keeps its tags, or it would turn into a query. */
function trimWrapped(content: string, limit: number): string {
  const inner = /^<tool_response>\n([\s\S]*)\n<\/tool_response>$/.exec(content)?.[1];
  return inner === undefined
    ? trimMiddle(content, limit)
    : `<tool_response>\n${trimMiddle(inner, limit)}\n</tool_response>`;
}

/** Long text values of an old call, such as a whole file, are cut; the arguments stay a JSON object. */
function shortArguments(text: string, limit: number): string {
  const args = JSON.parse(text) as Record<string, unknown>;
  return JSON.stringify(
    Object.fromEntries(
      Object.entries(args).map(([key, value]) => [key, typeof value === 'string' ? trimMiddle(value, limit) : value]),
    ),
  );
}

function turnStarts(messages: readonly Message[], from: number, to: number): number[] {
  return messages.flatMap((message, i) => (message.role === 'assistant' && i >= from && i < to ? [i] : []));
}
