import type { Message } from '../../agent/history/message.ts';
import { bad, type Refusal } from './acceptance.ts';
import type { Wire } from './chunks.ts';

/** A prompt that does not fit, in tokens. */
export interface TooLong {
  readonly prompt: number;
  readonly asked: number;
  readonly window: number;
}

/** What becomes of such a prompt: a refusal, an error inside a 200 stream, a 200 with nothing in it, or a silent cut. */
export type OnTooLong = Refusal | { readonly stream: readonly Wire[] } | 'nothing' | 'cut';

interface Reply {
  readonly status: number;
  readonly body: unknown;
}

/** How a model server other than vLLM differs from it. */
export interface Style {
  /** Entry of the model list; null: no such list. */
  models(model: string, window: number): readonly unknown[] | null;
  /** Paths beside /v1/models and the chat, by `METHOD path`. vLLM's own are gone. */
  paths(model: string, window: number): Readonly<Record<string, unknown>>;
  readonly unknownPath: Reply;
  errorBody(refusal: Refusal): unknown;
  /** Null: the server takes it, with a shorter answer. */
  tooLong(need: TooLong): OnTooLong | null;
  /** Parameters that it refuses, and in which words. */
  readonly refuses?: { readonly names: readonly string[]; said(name: string): string };
  readonly key?: string;
  /** How a streamed event is written; default: `data: …`, a blank line, no comments. */
  readonly event?: (data: string) => string;
  readonly neverEnds?: true;
  readonly streamsBroken?: true;
  /** Templates complain with this status. */
  readonly templateStatus?: number;
}

const nested = ({ status, message, type, param = null }: Refusal) => ({
  error: { message, type, param, code: status },
});
const NOT_FOUND = { status: 404, body: { detail: 'Not Found' } };
const listed = (more: (window: number) => object) => (model: string, window: number) => [
  { id: model, object: 'model', ...more(window) },
];
const EMBEDDING = { id: 'text-embedding-nomic-embed-text-v1.5', object: 'model', owned_by: 'organization_owner' };

const VLLM: Style = {
  models: listed((window) => ({ owned_by: 'vllm', max_model_len: window })),
  paths: () => ({ 'GET /version': { version: '0.29.0' } }),
  unknownPath: NOT_FOUND,
  errorBody: nested,
  tooLong: ({ prompt, asked, window }) =>
    asked >= window
      ? bad(
          `max_tokens=${asked}cannot be greater than max_model_len=max_total_tokens=${window}. Please request fewer output tokens.`,
        )
      : bad(
          `You passed ${prompt} input tokens and requested ${asked} output tokens. However, the model's context length is only ${window} tokens, resulting in a maximum input length of ${window - asked} tokens. Please reduce the length of the input prompt.`,
        ),
};

const LLAMA_CPP: Style = {
  models: listed(() => ({ owned_by: 'llamacpp', meta: { n_ctx_train: 262_144 } })),
  paths: (_, window) => ({
    'GET /props': { default_generation_settings: { n_ctx: window }, total_slots: 1, build_info: 'b10434' },
  }),
  unknownPath: { status: 404, body: { error: { code: 404, message: 'File Not Found', type: 'not_found_error' } } },
  errorBody: nested,
  tooLong: ({ prompt, window }) =>
    prompt % 2 === 0
      ? bad(`request (${prompt} tokens) exceeds the available context size (${window} tokens), try increasing it`)
      : { ...bad('Context size has been exceeded.'), status: 500, type: 'server_error' },
  templateStatus: 500,
};

const OLLAMA: Style = {
  models: listed(() => ({ owned_by: 'library' })),
  paths: (model, window) => ({
    'GET /api/version': { version: '0.13.1' },
    'POST /api/show': { model_info: { 'general.architecture': 'qwen3', 'qwen3.context_length': 262_144 } },
    'GET /api/ps': { models: [{ name: model, context_length: window }] },
  }),
  unknownPath: { status: 404, body: '404 page not found' },
  errorBody: nested,
  tooLong: ({ prompt, window }) => (prompt > window ? 'cut' : null),
};

const LM_STUDIO: Style = {
  models: (model) => [EMBEDDING, { id: model, object: 'model', owned_by: 'organization_owner' }],
  paths: (model, window) => ({
    'GET /api/v0/models': {
      data: [
        { id: EMBEDDING.id, type: 'embeddings', state: 'not-loaded' },
        { id: model, type: 'llm', state: 'loaded', max_context_length: 262_144, loaded_context_length: window },
      ],
    },
  }),
  unknownPath: { status: 200, body: { error: 'Unexpected endpoint or method.' } },
  errorBody: ({ message }) => ({ error: message }),
  tooLong: ({ prompt, window }) =>
    prompt % 2 === 0
      ? 'nothing'
      : {
          stream: [
            {
              json: {
                error: {
                  message: `Trying to keep the first ${prompt} tokens when context the overflows. However, the model is loaded with context length of only ${window} tokens, which is not enough.`,
                },
              },
            },
          ],
        },
  event: (data) => (data.startsWith('{"error"') ? `event: error\ndata: ${data}\n\n` : `data: ${data}\n\n`),
};

const SGLANG: Style = {
  models: listed((window) => ({ owned_by: 'sglang', max_model_len: window })),
  paths: () => ({ 'GET /get_model_info': { model_path: 'scripted' } }),
  unknownPath: NOT_FOUND,
  errorBody: ({ status, message, type }) => ({ object: 'error', message, type, param: null, code: status }),
  tooLong: ({ prompt, asked, window }) =>
    bad(
      `Requested token count exceeds the model's maximum context length of ${window} tokens. You requested a total of ${prompt + asked} tokens: ${prompt} tokens from the input messages and ${asked} tokens for the completion.`,
    ),
};

const LITELLM: Style = {
  models: listed(() => ({ owned_by: 'openai' })),
  paths: () => ({ 'GET /health/liveliness': "I'm alive!" }),
  unknownPath: NOT_FOUND,
  errorBody: nested,
  tooLong: ({ prompt, asked, window }) =>
    bad(
      `litellm.ContextWindowExceededError: litellm.BadRequestError: OpenAIException - This model's maximum context length is ${window} tokens. However, you requested ${prompt + asked} tokens (${prompt} in the messages, ${asked} in the completion).`,
    ),
  refuses: {
    names: ['chat_template_kwargs', 'top_k', 'min_p'],
    said: (name) =>
      `litellm.UnsupportedParamsError: openai does not support parameters: ['${name}'], for model=scripted.`,
  },
  key: 'sk-litellm',
};

const OPENROUTER: Style = {
  models: listed((window) => ({ context_length: window })),
  paths: () => ({}),
  unknownPath: { status: 404, body: '<!DOCTYPE html><html><body><h1>Not Found</h1></body></html>' },
  errorBody: nested,
  tooLong: ({ prompt, asked, window }) =>
    bad(
      `This endpoint's maximum context length is ${window} tokens. However, you requested about ${prompt + asked} tokens (${prompt} of text input, ${asked} in the output).`,
    ),
  refuses: {
    names: ['max_tokens'],
    said: () =>
      "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
  },
  event: (data) => `: OPENROUTER PROCESSING\r\n\r\ndata: ${data}\r\n\r\n`,
};

const GATEWAY: Style = {
  models: () => null,
  paths: () => ({}),
  unknownPath: { status: 404, body: '<html><head><title>404 Not Found</title></head><body>nginx</body></html>' },
  errorBody: ({ message }) => ({ detail: [{ type: 'value_error', loc: ['body'], msg: message }] }),
  tooLong: ({ prompt, window }) => ({
    ...bad(`prompt is too long: ${prompt} tokens > ${window} maximum`),
    status: 422,
  }),
  refuses: {
    names: ['tool_choice', 'stream_options'],
    said: (name) => `Extra inputs are not permitted: ${name}`,
  },
  neverEnds: true,
};

/** The servers of the table in the order of that table; `buffering` is the gateway whose streams never arrive. */
export const STYLES = {
  vllm: VLLM,
  'llama.cpp': LLAMA_CPP,
  ollama: OLLAMA,
  'lm-studio': LM_STUDIO,
  sglang: SGLANG,
  litellm: LITELLM,
  openrouter: OPENROUTER,
  gateway: GATEWAY,
  buffering: { ...GATEWAY, streamsBroken: true },
} as const satisfies Record<string, Style>;

export type StyleName = keyof typeof STYLES;

/** What a server that cuts keeps of a conversation, in tokens. */
export const keptOf = (window: number) => Math.floor(window / 2) + 3;

/** The newest messages that fit; the system text is the first to go. */
export function newestWithin(messages: readonly Message[], tokens: number): readonly Message[] {
  const from = messages.findIndex(
    (message, i) => message.role !== 'tool' && JSON.stringify(messages.slice(i)).length / 4 <= tokens,
  );
  return messages.slice(from === -1 ? -1 : from);
}

/** vLLM's answer, the default. */
export function tooLong({ prompt, asked, window }: TooLong): Refusal {
  return bad(
    `This model's maximum context length is ${window} tokens. However, you requested ${asked} output tokens and your prompt contains at least ${Math.min(prompt, window + 1 - asked)} input tokens, for a total of at least ${window + 1} tokens. Please reduce the length of the input prompt or the number of requested output tokens.`,
    'input_tokens',
  );
}
