import type { Endpoint } from '../contract.ts';
import { count, getPath } from './endpoint.ts';
import type { ServedModel } from './models.ts';

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
