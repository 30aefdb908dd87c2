import type { ChatBody } from '../client/complete.ts';
import type { Sampling, ToolDefinition } from '../contract.ts';
import { flatten } from '../history/flat.ts';
import { type Message, withoutThinking } from '../history/message.ts';

/** Which luxuries a request still has. Each refusal takes one away, so the same refused request is never sent twice. */
export interface RequestShape {
  /** Fields beyond OpenAI's, reasoning in history among them. */
  readonly extras: boolean;
  readonly tools: 'full' | 'plain';
  readonly history: 'turns' | 'flat';
  /** Nothing but what every server since the first has known. */
  readonly bare?: boolean;
  /** Parameters that the server refused by name. */
  readonly without?: readonly string[];
}

/** What a recovery changes for the next request alone. */
export interface Overlay {
  readonly seedShift: number;
  readonly temperature?: number;
  readonly presencePenalty?: number;
  readonly thinking?: boolean;
  readonly stream: boolean;
  readonly cap: number;
}

/** The body of one chat request. */
export function buildBody(
  model: string,
  messages: readonly Message[],
  tools: readonly ToolDefinition[],
  sampling: Sampling,
  shape: RequestShape,
  overlay: Overlay,
): ChatBody {
  const { bare, extras } = shape;
  const turns = shape.history === 'flat' ? flatten(messages) : messages;
  const seeded = sampling.seed !== undefined || overlay.seedShift !== 0;
  const body = {
    model,
    messages: extras ? turns : turns.map(withoutThinking),
    tools: tools.length > 0 ? tools.map((tool) => offered(tool, shape)) : undefined,
    tool_choice: bare || tools.length === 0 ? undefined : 'auto',
    temperature: overlay.temperature ?? sampling.temperature,
    top_p: sampling.topP,
    presence_penalty: bare ? undefined : (overlay.presencePenalty ?? sampling.presencePenalty),
    seed: bare || !seeded ? undefined : (sampling.seed ?? 0) + overlay.seedShift,
    max_tokens: overlay.cap,
    stream: overlay.stream,
    stream_options: overlay.stream && !bare ? { include_usage: true } : undefined,
    top_k: extras ? sampling.topK : undefined,
    min_p: extras ? sampling.minP : undefined,
    chat_template_kwargs: extras ? { enable_thinking: overlay.thinking ?? sampling.thinking } : undefined,
  };
  return withoutParameters(body, shape.without ?? []);
}

/** The next simpler request after a refusal of this kind, or null when nothing is left to take away. */
export function simpler(shape: RequestShape, kind: 'template' | 'schema' | 'extras' | 'refused'): RequestShape | null {
  const steps: (RequestShape | null)[] = [
    shape.tools === 'full' ? { ...shape, tools: 'plain' } : null,
    shape.extras ? { ...shape, extras: false } : null,
    shape.history === 'turns' ? { ...shape, history: 'flat' } : null,
    shape.bare ? null : { ...shape, bare: true },
  ];
  const order = { schema: [0, 1, 3, 2], template: [1, 2, 0, 3], extras: [1, 3, 0, 2], refused: [1, 0, 3, 2] }[kind];
  return order.map((i) => steps[i]).find((step) => step !== null) ?? null;
}

/** A tool as the request offers it; `plain` with name, description and bare types: what every grammar compiler takes. */
function offered(tool: ToolDefinition, shape: RequestShape): unknown {
  if (shape.tools === 'full') return { type: 'function', function: tool };
  const { properties, required } = tool.parameters;
  const bare = Object.entries(properties).map(([key, { type, description }]) => [key, { type, description }]);
  const parameters = { type: 'object', properties: Object.fromEntries(bare), required };
  return { type: 'function', function: { name: tool.name, description: tool.description, parameters } };
}

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

/** The body without what is undefined and without the named parameters. The cap on the answer stays, under its other name. */
export function withoutParameters<T extends Record<string, unknown>>(body: T, names: readonly string[]): T {
  const kept = Object.entries(body).map(([key, value]) =>
    key === 'max_tokens' && names.includes(key) ? ['max_completion_tokens', value] : [key, value],
  );
  return Object.fromEntries(kept.filter(([key, value]) => value !== undefined && !names.includes(key as string))) as T;
}
