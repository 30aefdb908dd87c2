import { jsonIn } from '../../base/json.ts';
import type { RawCall, Usage } from './completion.ts';

/** A chunk as servers really send it: every field may be missing or null. */
export interface LooseChunk {
  choices?:
    | ({
        delta?: LooseDelta | null;
        message?: LooseDelta | null;
        finish_reason?: string | null;
        index?: number | null;
      } | null)[]
    | null;
  usage?: LooseUsage | null;
}

interface LooseDelta {
  role?: string | null;
  content?: unknown;
  reasoning?: unknown;
  reasoning_content?: unknown;
  tool_calls?: (LooseCall | null)[] | null;
  function_call?: { name?: unknown; arguments?: unknown } | null;
}

interface LooseCall {
  index?: number | string | null;
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
    // Some servers send `data: null` to keep the line alive.
    if (chunk === null || typeof chunk !== 'object') return;
    const usage = chunk.usage;
    if (usage && typeof usage.completion_tokens === 'number')
      this.usage = {
        prompt: usage.prompt_tokens ?? 0,
        completion: usage.completion_tokens,
        cached: usage.prompt_tokens_details?.cached_tokens ?? null,
      };
    // Further choices were not asked for; mixed with the first they would make nonsense.
    const choice = listOf(chunk.choices).find((each) => (each?.index ?? 0) === 0);
    if (!choice) return;
    if (choice.finish_reason) this.finish = choice.finish_reason;
    const delta = choice.delta ?? choice.message;
    // Words of another role are no answer of the model's.
    if (!delta || (delta.role && delta.role !== 'assistant')) return;
    this.content += textOf(delta.content);
    // Newer vLLM says `reasoning`, older ones and most others `reasoning_content`; some send both with the same text.
    this.reasoning += textOf(delta.reasoning) || textOf(delta.reasoning_content);
    for (const piece of listOf(delta.tool_calls)) if (piece) this.#addPiece(piece);
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
      this.#calls.push({ index: indexOf(piece), id: piece.id ?? '', name, arguments: text });
      return;
    }
    if (piece.id && !call.id) call.id = piece.id;
    if (isRepeat(piece, call, name, text)) return;
    if (name && name !== call.name) call.name += name;
    call.arguments += text;
  }

  /** The call at hand, when its first piece came without a number and this is a nameless piece of it. */
  #unnumbered(piece: LooseCall, name: string): OpenCall | undefined {
    const last = this.#calls.at(-1);
    return last?.index === null && !piece.id && name === '' ? last : undefined;
  }

  #target(piece: LooseCall, name: string): OpenCall | undefined {
    const index = indexOf(piece);
    const call =
      index === null
        ? (this.#calls.findLast((open) => piece.id && open.id === piece.id) ?? this.#calls.at(-1))
        : (this.#calls.findLast((open) => open.index === index) ?? this.#unnumbered(piece, name));
    if (!call || isRepeat(piece, call, name, argumentText(piece.function?.arguments))) return call;
    const newId = Boolean(piece.id && call.id && piece.id !== call.id);
    const newName =
      name !== '' && (jsonIn(call.arguments) !== undefined || (call.arguments !== '' && name !== call.name));
    return newId || newName ? undefined : call;
  }
}

/** A server that repeats a whole call, name and id, when it is done. */
function isRepeat(piece: LooseCall, call: OpenCall, name: string, text: string): boolean {
  if (!piece.id || piece.id !== call.id || name !== call.name) return false;
  return jsonIn(call.arguments) !== undefined && (text.trim() === '' || text === call.arguments);
}

function indexOf(piece: LooseCall): number | null {
  const { index } = piece;
  if (index === null || index === undefined || index === '') return null;
  return Number.isInteger(Number(index)) ? Number(index) : null;
}

/** One where a list belongs is a list of one; anything else is none. */
function listOf<T>(value: readonly T[] | T | null | undefined): readonly T[] {
  if (Array.isArray(value)) return value;
  return value !== null && typeof value === 'object' ? [value as T] : [];
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
