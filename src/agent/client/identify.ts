import { jsonIn } from '../../base/json.ts';
import type { Endpoint } from '../contract.ts';
import { count, getPath } from './endpoint.ts';
import { errorIn, errorInText } from './error-body.ts';

/** A model as /v1/models names it; the window is null where the server does not say. */
export interface ServedModel {
  readonly id: string;
  /** Tokens that a request may have. */
  readonly window: number | null;
  /** Tokens that the model was trained for. */
  readonly trained: number | null;
  /** Who serves it, in the server's own word: `vllm`, `llamacpp`, `sglang`, `library` (Ollama). */
  readonly owner: string;
}

/** The endpoint serves other models than the one that was named. */
export class NotServed extends Error {
  constructor({ baseUrl, model }: Endpoint, served: readonly string[]) {
    const names = served.join(', ') || 'nothing';
    super(
      model
        ? `${baseUrl} does not serve "${model}"; it serves: ${names}`
        : `${baseUrl} serves no model that can chat; it serves: ${names}`,
    );
    this.name = 'NotServed';
  }
}

/** The endpoint answers and will not list its models. */
export class ListRefused extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = 'ListRefused';
    this.status = status;
  }
}

const NO_CHAT = /embed|rerank|whisper|\b(bge|gte|e5)-|minilm|-tts\b/i;

/**
 * The model to ask: the one that the endpoint names, else the first that can chat. A named model is believed where there is no list.
 * Throws NotServed, ListRefused, or what fetch throws when no server answers.
 */
export async function findModel(endpoint: Endpoint, signal?: AbortSignal): Promise<ServedModel> {
  const named = endpoint.model;
  const believed = { id: named, window: null, trained: null, owner: '' };
  let models: ServedModel[];
  try {
    models = await listModels(endpoint, signal);
  } catch (thrown) {
    const unlisted = thrown instanceof ListRefused && thrown.status < 500 && ![401, 403].includes(thrown.status);
    if (unlisted && named) return believed;
    throw thrown;
  }
  if (named && models.length === 0) return believed;
  // Ollama lists `qwen3:latest` for what its users call `qwen3`.
  const found = named
    ? models.find(({ id }) => id === named || id === `${named}:latest`)
    : models.find(({ id }) => !NO_CHAT.test(id));
  if (found) return found;
  throw new NotServed(
    endpoint,
    models.map(({ id }) => id),
  );
}

async function listModels(endpoint: Endpoint, signal?: AbortSignal): Promise<ServedModel[]> {
  const path = /\/v1\/*$/.test(endpoint.baseUrl) ? '/v1/models' : '/models';
  const { status, text } = await getPath(endpoint, path, signal);
  if (status !== 200) throw new ListRefused(status, `${path} answered ${status}: ${errorInText(text).message}`);
  const answer = jsonIn(text) as { data?: unknown } | null | undefined;
  if (answer === undefined)
    throw new ListRefused(404, `${path} answered something else than JSON: ${errorInText(text).message.slice(0, 200)}`);
  const error = errorIn(answer);
  if (error) throw new ListRefused(error.status ?? 404, `${path} answered: ${error.message}`);
  return (Array.isArray(answer?.data) ? answer.data : []).flatMap(modelOf);
}

interface Entry {
  id?: unknown;
  type?: unknown;
  owned_by?: unknown;
  max_model_len?: unknown;
  context_length?: unknown;
  meta?: { n_ctx?: unknown; n_ctx_train?: unknown } | null;
}

function modelOf(entry: Entry | null): ServedModel[] {
  if (typeof entry?.id !== 'string' || entry.type === 'embeddings') return [];
  return [
    {
      id: entry.id,
      window: count(entry.max_model_len) ?? count(entry.context_length) ?? count(entry.meta?.n_ctx),
      trained: count(entry.meta?.n_ctx_train),
      owner: String(entry.owned_by ?? ''),
    },
  ];
}

export type ServerKind = 'vllm' | 'llama.cpp' | 'ollama' | 'lm-studio' | 'sglang' | 'litellm' | 'openrouter' | 'other';

/** What is behind an endpoint. */
export interface Server {
  readonly kind: ServerKind;
  readonly version: string | null;
  /** Tokens that a request may have; null where nothing says. */
  readonly window: number | null;
  /** Tokens that the model was trained for; null where nothing says. */
  readonly trained: number | null;
}

/** What Ollama gives a model that sets no `num_ctx`. */
const OLLAMA_WINDOW = 4096;

/** Tells which server serves the model and how large its window really is, by the paths that only that server has. */
export async function identify(endpoint: Endpoint, model: ServedModel, signal?: AbortSignal): Promise<Server> {
  const get = async <T extends object>(path: string, post?: object): Promise<Partial<T>> => {
    try {
      const { status, text } = await getPath(endpoint, path, signal, post);
      const value: unknown = status === 200 ? JSON.parse(text) : null;
      return value !== null && typeof value === 'object' ? (value as T) : {};
    } catch {
      return {};
    }
  };
  const known = { version: null, window: model.window, trained: model.trained };
  if (/openrouter\.ai/.test(endpoint.baseUrl)) return { kind: 'openrouter', ...known };

  const owners: Record<string, ServerKind> = { vllm: 'vllm', sglang: 'sglang' };
  const { version } = await get<{ version: string }>('/version');
  if (model.owner in owners || (version && model.owner === ''))
    return { kind: owners[model.owner] ?? 'vllm', ...known, version: version ?? null };

  const props = await get<{ default_generation_settings: { n_ctx?: unknown }; build_info: string }>('/props');
  if (props.default_generation_settings)
    return {
      kind: 'llama.cpp',
      version: props.build_info ?? null,
      window: count(props.default_generation_settings.n_ctx) ?? model.window,
      trained: model.trained,
    };

  const ollama = await get<{ version: string }>('/api/version');
  if (ollama.version) return { kind: 'ollama', version: ollama.version, ...(await ollamaWindow(model.id, get)) };

  const studio = await get<{ data: Record<string, unknown>[] }>('/api/v0/models');
  const own = Array.isArray(studio.data) ? studio.data.find(({ id }) => id === model.id) : undefined;
  if (own && 'type' in own)
    return {
      kind: 'lm-studio',
      version: null,
      window: count(own.loaded_context_length) ?? model.window,
      trained: count(own.max_context_length),
    };

  const alive = await getPath(endpoint, '/health/liveliness', signal).catch(() => null);
  if (alive?.status === 200 && /alive/i.test(alive.text)) return { kind: 'litellm', ...known };
  return { kind: version ? 'vllm' : 'other', ...known, version: version ?? null };
}

/** `num_ctx` of the loaded model, else of its Modelfile, else Ollama's default. */
async function ollamaWindow(
  model: string,
  get: <T extends object>(path: string, post?: object) => Promise<Partial<T>>,
): Promise<Pick<Server, 'window' | 'trained'>> {
  const { models } = await get<{ models: { name?: string; context_length?: unknown }[] }>('/api/ps');
  const loaded = models?.find(({ name }) => name === model);
  const { parameters, model_info } = await get<{ parameters: string; model_info: Record<string, unknown> }>(
    '/api/show',
    { model },
  );
  const trained = Object.entries(model_info ?? {}).find(([key]) => key.endsWith('.context_length'))?.[1];
  const set = /num_ctx\s+(\d+)/.exec(parameters ?? '')?.[1];
  return { window: count(loaded?.context_length) ?? count(Number(set)) ?? OLLAMA_WINDOW, trained: count(trained) };
}
