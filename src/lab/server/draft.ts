import type { BrainTurn } from './brain.ts';

/** An answer on its way out, where faults can still get at it. */
export interface Draft {
  reasoning: string;
  content: string;
  calls: DraftCall[];
  /** Null: the server never says. */
  finish: string | null;
  /** What usage will claim; null: no usage at all. */
  completionTokens: number | null;
  /** What usage will claim of the prompt; absent or null: what was counted. */
  promptTokens?: number | null;
  /** A recorded answer: not cut to the cap again, and streamed without chance. */
  verbatim?: boolean;
}

export interface DraftCall {
  id: string;
  name: string;
  /** Text as sent; valid JSON unless a fault made it otherwise. */
  arguments: string;
}

/** Characters per token of the scripted model. */
const CHARS = 4;

export function draftOf(turn: BrainTurn, id: () => string): Draft {
  if (turn.verbatim) {
    const { calls, finish, completionTokens, promptTokens } = turn.verbatim;
    return {
      reasoning: turn.reasoning ?? '',
      content: turn.content ?? '',
      calls: calls.map((call) => ({ ...call })),
      finish,
      completionTokens,
      promptTokens,
      verbatim: true,
    };
  }
  const calls = turn.calls.map(({ name, args }) => ({ id: id(), name, arguments: JSON.stringify(args) }));
  const draft = {
    reasoning: turn.reasoning ?? '',
    content: turn.content ?? '',
    calls,
    finish: calls.length > 0 ? 'tool_calls' : 'stop',
  };
  return { ...draft, completionTokens: sizeOf(draft) };
}

/** Tokens of an answer, by the scripted model's rule. */
function sizeOf(draft: Pick<Draft, 'reasoning' | 'content' | 'calls'>): number {
  const chars = draft.calls.reduce(
    (sum, call) => sum + call.name.length + call.arguments.length + 20,
    draft.reasoning.length + draft.content.length,
  );
  return Math.max(1, Math.ceil(chars / CHARS));
}

/** Cuts an answer to a number of tokens, as max_tokens does: thinking first, then text, then calls. */
export function cutTo(draft: Draft, tokens: number): Draft {
  let room = tokens * CHARS;
  const take = (text: string) => {
    const part = text.slice(0, Math.max(0, room));
    room -= text.length;
    return part;
  };
  const reasoning = take(draft.reasoning);
  const content = take(draft.content);
  const calls: DraftCall[] = [];
  for (const call of draft.calls) {
    if (room <= 0) break;
    room -= call.name.length + 20;
    calls.push({ ...call, arguments: take(call.arguments) });
  }
  return { reasoning, content, calls, finish: 'length', completionTokens: tokens };
}
