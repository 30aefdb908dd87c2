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
