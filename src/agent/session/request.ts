import type { ChatBody } from '../client/complete.ts';
import type { Sampling, ToolDefinition } from '../contract.ts';
import { flatten } from '../history/flat.ts';
import type { Message } from '../history/message.ts';

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
  const turns = shape.history === 'flat' ? flatten(messages) : messages;
  const thinking = overlay.thinking ?? sampling.thinking;
  const penalty = overlay.presencePenalty ?? sampling.presencePenalty;
  const body = {
    model,
    messages: shape.extras ? turns : turns.map(withoutReasoning),
    ...(tools.length === 0
      ? {}
      : {
          tools: tools.map((tool) => ({
            type: 'function',
            function: shape.tools === 'plain' ? plainTool(tool) : tool,
          })),
        }),
    ...(shape.bare || tools.length === 0 ? {} : { tool_choice: 'auto' }),
    temperature: overlay.temperature ?? sampling.temperature,
    top_p: sampling.topP,
    ...(penalty === undefined || shape.bare ? {} : { presence_penalty: penalty }),
    ...(shape.bare || (sampling.seed === undefined && overlay.seedShift === 0)
      ? {}
      : { seed: (sampling.seed ?? 0) + overlay.seedShift }),
    max_tokens: overlay.cap,
    stream: overlay.stream,
    ...(overlay.stream && !shape.bare ? { stream_options: { include_usage: true } } : {}),
    ...(shape.extras
      ? {
          ...(sampling.topK === undefined ? {} : { top_k: sampling.topK }),
          ...(sampling.minP === undefined ? {} : { min_p: sampling.minP }),
          chat_template_kwargs: { enable_thinking: thinking },
        }
      : {}),
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

function withoutReasoning(message: Message): Message {
  const { reasoning: _, reasoning_content: __, ...rest } = message;
  return rest;
}

/** Name, description and bare types: what every grammar compiler takes. */
function plainTool(tool: ToolDefinition): unknown {
  const properties = Object.entries(tool.parameters.properties).map(([key, { type, description }]) => [
    key,
    { type, ...(description === undefined ? {} : { description }) },
  ]);
  const { required } = tool.parameters;
  return {
    name: tool.name,
    description: tool.description,
    parameters: { type: 'object', properties: Object.fromEntries(properties), required },
  };
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

/** The body without the named parameters. The cap on the answer stays, under its other name. */
export function withoutParameters<T extends Record<string, unknown>>(body: T, names: readonly string[]): T {
  const kept = Object.entries(body).map(([key, value]) =>
    key === 'max_tokens' && names.includes(key) ? ['max_completion_tokens', value] : [key, value],
  );
  return Object.fromEntries(kept.filter(([key]) => !names.includes(key as string))) as T;
}
