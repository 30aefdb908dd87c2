import type { RawCall, Usage } from './completion.ts';

/** A chunk as servers really send it: every field may be missing or null. */
export interface LooseChunk {
  choices?: ({ delta?: LooseDelta | null; message?: LooseDelta | null; finish_reason?: string | null } | null)[] | null;
  usage?: LooseUsage | null;
}

interface LooseDelta {
  content?: unknown;
  reasoning?: unknown;
  reasoning_content?: unknown;
  tool_calls?: (LooseCall | null)[] | null;
  function_call?: { name?: unknown; arguments?: unknown } | null;
}

interface LooseCall {
  index?: number | null;
  id?: string | null;
  function?: { name?: unknown; arguments?: unknown } | null;
}

interface LooseUsage {
  prompt_tokens?: number | null;
  completion_tokens?: number | null;
  prompt_tokens_details?: { cached_tokens?: number | null } | null;
}

interface OpenCall {
  index: number | null;
  id: string;
  name: string;
  arguments: string;
}

/**
 * Puts the pieces of a stream together. Calls are keyed by index, but servers also send several calls under one index,
 * or an id on the first piece alone: a new id, or a name that comes when the call at hand is complete, opens a new call.
 */
export class Accumulator {
  content = '';
  reasoning = '';
  finish: string | null = null;
  usage: Usage | null = null;
  readonly #calls: OpenCall[] = [];

  add(chunk: LooseChunk): void {
    const usage = chunk.usage;
    if (usage && typeof usage.completion_tokens === 'number') {
      this.usage = {
        prompt: usage.prompt_tokens ?? 0,
        completion: usage.completion_tokens,
        cached: usage.prompt_tokens_details?.cached_tokens ?? null,
      };
    }
    const choice = chunk.choices?.[0];
    if (!choice) return;
    if (choice.finish_reason) this.finish = choice.finish_reason;
    const delta = choice.delta ?? choice.message;
    if (!delta) return;
    this.content += textOf(delta.content);
    // Newer vLLM says `reasoning`, older ones and most others `reasoning_content`; some send both with the same text.
    this.reasoning += textOf(delta.reasoning) || textOf(delta.reasoning_content);
    for (const piece of delta.tool_calls ?? []) if (piece) this.#addPiece(piece);
    if (delta.function_call) this.#addPiece({ index: 0, function: delta.function_call });
  }

  get calls(): RawCall[] {
    return this.#calls.map(({ id, name, arguments: text }) => ({ id, name, arguments: text }));
  }

  /** The text of the call that is being received, for loop detection. */
  get lastArguments(): string {
    return this.#calls.at(-1)?.arguments ?? '';
  }

  #addPiece(piece: LooseCall): void {
    const name = textOf(piece.function?.name);
    const text = argumentText(piece.function?.arguments);
    const call = this.#target(piece, name);
    if (!call) {
      this.#calls.push({ index: piece.index ?? null, id: piece.id ?? '', name, arguments: text });
      return;
    }
    if (piece.id && !call.id) call.id = piece.id;
    if (name && name !== call.name) call.name += name;
    call.arguments += text;
  }

  #target(piece: LooseCall, name: string): OpenCall | undefined {
    const numbered = piece.index !== null && piece.index !== undefined;
    const call = numbered
      ? this.#calls.findLast((open) => open.index === piece.index)
      : (this.#calls.findLast((open) => piece.id && open.id === piece.id) ?? this.#calls.at(-1));
    if (!call) return undefined;
    const newId = Boolean(piece.id && call.id && piece.id !== call.id);
    const newName = name !== '' && (isCompleteJson(call.arguments) || (call.arguments !== '' && name !== call.name));
    return newId || newName ? undefined : call;
  }
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (!Array.isArray(value)) return '';
  return value.map((part) => textOf((part as { text?: unknown } | null)?.text)).join('');
}

/** Some servers hand the arguments over as an object. */
function argumentText(value: unknown): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function isCompleteJson(text: string): boolean {
  if (text.trim() === '') return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
