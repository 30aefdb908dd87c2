import { canonicalArguments, safeName, wellFormed } from './arguments.ts';
import {
  cleanText,
  isQuery,
  type LooseMessage,
  type Message,
  type MessageCall,
  note,
  withoutThinking,
} from './message.ts';

/** Answer for a call that never got one. */
const NOT_RUN = 'error: this call was not run. Send it again if you still need it.';

/**
 * Turns any sequence of messages into one that chat templates accept. What holds afterwards:
 * one system message, first; a real user query before anything else; every call answered, once, in the order of the
 * calls; arguments are JSON objects without nulls; reasoning only after the last query; no other roles; blank content
 * is null and a turn without content and calls is gone; the last message is not the assistant's; no half of a character is left (where
 * a long text was cut, an emoji may have been), because a server in Python cannot encode it and would refuse every later turn.
 * Deterministic and local: a longer sequence keeps the messages of a shorter one as its prefix.
 */
export function normalise(messages: readonly LooseMessage[], start: { system: string; task: string }): Message[] {
  const out: Message[] = [];
  const rest = [...messages];
  const system = asText(
    rest[0]?.role === 'system' || rest[0]?.role === 'developer' ? rest.shift()?.content : undefined,
  );
  const rules = system.trim() === '' ? start.system : system;
  if (rules.trim() !== '') out.push({ role: 'system', content: rules.toWellFormed() });
  const rulesLength = out.length;

  let ids = 0;
  for (let i = 0; i < rest.length; i++) {
    const message = rest[i];
    if (message.role === 'assistant') {
      const answers = answersAfter(rest, i);
      const turn = assistantTurn(message, () => `call_${++ids}`);
      const chosen = matchAnswers(turn?.calls ?? [], answers);
      if (turn) out.push(turn.message, ...inOrder(turn.calls, chosen));
      for (const orphan of answers) if (!chosen.includes(orphan)) pushNote(out, asText(orphan.content));
    } else if (message.role === 'user') {
      const text = asText(message.content);
      if (text.trim() !== '') out.push({ role: 'user', content: text });
    } else if (!isAnswer(message) || !isClaimed(rest, i)) {
      pushNote(out, asText(message.content));
    }
  }
  const first = out[rulesLength];
  if (!first || !isQuery(first))
    out.splice(rulesLength, 0, {
      role: 'user',
      content: start.task.trim() === '' ? 'Begin.' : start.task.toWellFormed(),
    });
  if (out.at(-1)?.role === 'assistant') out.push(note('Go on: call a tool, or call finish when the work is done.'));
  return withoutOldReasoning(out);
}

/** Tool messages between this assistant turn and the next one. */
function answersAfter(messages: readonly LooseMessage[], at: number): LooseMessage[] {
  const next = messages.findIndex((message, i) => i > at && message.role === 'assistant');
  return messages.slice(at + 1, next === -1 ? undefined : next).filter(isAnswer);
}

function isAnswer(message: LooseMessage): boolean {
  return message.role === 'tool' || message.role === 'function';
}

/** A tool message with an assistant turn before it is dealt with there. */
function isClaimed(messages: readonly LooseMessage[], at: number): boolean {
  return messages.slice(0, at).some((message) => message.role === 'assistant');
}

function pushNote(out: Message[], text: string): void {
  if (text.trim() !== '') out.push(note(text));
}

interface KnownCall {
  /** Id under which the turn itself named the call; answers refer to it. */
  readonly givenId: string | undefined;
  readonly call: MessageCall;
}

function assistantTurn(message: LooseMessage, nextId: () => string): { message: Message; calls: KnownCall[] } | null {
  const calls: KnownCall[] = [];
  for (const raw of Array.isArray(message.tool_calls) ? message.tool_calls : []) {
    const given = raw as { id?: unknown; function?: { name?: unknown; arguments?: unknown } | null } | null;
    const name = safeName(given?.function?.name);
    if (!name) continue;
    const call = { name, arguments: canonicalArguments(given?.function?.arguments) };
    calls.push({
      givenId: typeof given?.id === 'string' && given.id !== '' ? given.id : undefined,
      call: { id: nextId(), type: 'function', function: call },
    });
  }
  const text = stripMarkup(asText(message.content));
  const content = text.trim() === '' ? null : text;
  if (content === null && calls.length === 0) return null;
  const reasoning = stripMarkup(asText(message.reasoning) || asText(message.reasoning_content)).trim();
  return {
    message: {
      role: 'assistant',
      content,
      ...(reasoning === '' ? {} : { reasoning, reasoning_content: reasoning }),
      ...(calls.length === 0 ? {} : { tool_calls: calls.map(({ call }) => call) }),
    },
    calls,
  };
}

/** The answers that were chosen for the calls, a stand-in where there is none. */
function inOrder(calls: readonly KnownCall[], chosen: readonly (LooseMessage | undefined)[]): Message[] {
  return calls.map(({ call }, i) => {
    const text = asText(chosen[i]?.content);
    return { role: 'tool', tool_call_id: call.id, content: cleanText(text.trim() === '' ? NOT_RUN : text) };
  });
}

/** One answer per call: by id where ids match, else the next one that no id claims. */
function matchAnswers(calls: readonly KnownCall[], answers: readonly LooseMessage[]): (LooseMessage | undefined)[] {
  const free = new Set(answers);
  const chosen = calls.map(({ givenId }) => {
    const match = givenId === undefined ? undefined : answers.find((a) => free.has(a) && a.tool_call_id === givenId);
    if (match) free.delete(match);
    return match;
  });
  const known = new Set(calls.map(({ givenId }) => givenId));
  return chosen.map((match) => {
    if (match) return match;
    const next = [...free].find(
      (answer) => !known.has(answer.tool_call_id as string | undefined) || answer.tool_call_id === undefined,
    );
    if (next) free.delete(next);
    return next;
  });
}

/** Orphan tags that leaked out of a parser would change how the template reads the turn. */
function stripMarkup(text: string): string {
  return cleanText(text.replaceAll(/<\/?(think|tool_call|tool_response)>|<\|(im_start|im_end|endoftext)\|>/g, ''));
}

/** Templates drop thinking before the last query; sending it would only cost bytes. */
function withoutOldReasoning(messages: readonly Message[]): Message[] {
  const lastQuery = messages.findLastIndex(isQuery);
  return messages.map((message, i) => {
    return i > lastQuery || message.role !== 'assistant' ? message : withoutThinking(message);
  });
}

function asText(value: unknown): string {
  if (typeof value === 'string') return value.toWellFormed();
  if (Array.isArray(value))
    return value
      .map((part) => (typeof part === 'string' ? part : asText((part as { text?: unknown } | null)?.text)))
      .join('\n');
  return value === null || value === undefined ? '' : (JSON.stringify(value, wellFormed) ?? '');
}
