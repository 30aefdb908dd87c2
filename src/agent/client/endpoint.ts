import type { Endpoint } from '../contract.ts';

/** A model as /v1/models names it; the window is null where the server does not say. */
export interface ServedModel {
  readonly id: string;
  readonly window: number | null;
}

/** A server that is not there refuses at once. One that is busy, or on a machine with too much to do, may take this long. */
const PROBE_MS = 30_000;

/** Lists the served models. Throws what fetch throws, or an Error with the status. */
export async function listModels(endpoint: Endpoint, signal?: AbortSignal): Promise<ServedModel[]> {
  const answer = (await getJson(endpoint, `${trimmed(endpoint)}/models`, signal)) as { data?: unknown } | null;
  const entries = Array.isArray(answer?.data) ? answer.data : [];
  return entries.flatMap((entry: { id?: unknown; max_model_len?: unknown; meta?: { n_ctx_train?: unknown } } | null) =>
    typeof entry?.id === 'string'
      ? [{ id: entry.id, window: count(entry.max_model_len) ?? count(entry.meta?.n_ctx_train) }]
      : [],
  );
}

/** Exact size of a prompt in tokens, and the window; null where the server has no /tokenize. */
export async function countTokens(
  endpoint: Endpoint,
  prompt: { model: string; messages: readonly unknown[]; tools: readonly unknown[] },
  signal?: AbortSignal,
): Promise<{ count: number; window: number | null } | null> {
  try {
    const response = await fetch(`${root(endpoint)}/tokenize`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${endpoint.apiKey || 'none'}` },
      body: JSON.stringify({ ...prompt, add_generation_prompt: true }),
      signal: within(signal),
    });
    if (!response.ok) return null;
    const answer = (await response.json()) as { count?: unknown; max_model_len?: unknown };
    const tokens = count(answer.count);
    return tokens === null ? null : { count: tokens, window: count(answer.max_model_len) };
  } catch {
    return null;
  }
}

/** GET of a path beside /v1, such as `/health` or `/version`: status and body text. Throws when nobody answers. */
export async function getPath(
  endpoint: Endpoint,
  path: string,
  signal?: AbortSignal,
): Promise<{ status: number; text: string }> {
  const response = await fetch(`${root(endpoint)}${path}`, {
    headers: { authorization: `Bearer ${endpoint.apiKey || 'none'}` },
    signal: within(signal),
  });
  return { status: response.status, text: await response.text() };
}

/**
 * True when the engine is at work on requests but has made no token for a second: the silent hang, which /health does
 * not see. Read from vLLM's /metrics; false when there are none.
 */
export async function isHung(endpoint: Endpoint, signal?: AbortSignal): Promise<boolean> {
  const before = await readMetrics(endpoint, signal);
  if (!before || before.running === 0) return false;
  await new Promise((done) => setTimeout(done, 1000));
  const after = await readMetrics(endpoint, signal);
  return after !== null && after.running > 0 && after.generated === before.generated;
}

/** Sums of vLLM's counters over all labels; null when there is no /metrics. */
export async function readMetrics(
  endpoint: Endpoint,
  signal?: AbortSignal,
): Promise<{ running: number; generated: number; prefixQueries: number; prefixHits: number } | null> {
  try {
    const { status, text } = await getPath(endpoint, '/metrics', signal);
    if (status !== 200) return null;
    const sum = (name: string) =>
      [...text.matchAll(new RegExp(`^vllm:${name}(?:_total)?(?:\\{[^}]*\\})? ([0-9.e+]+)`, 'gm'))].reduce(
        (total, [, value]) => total + Number(value),
        0,
      );
    return {
      running: sum('num_requests_running'),
      generated: sum('generation_tokens'),
      prefixQueries: sum('prefix_cache_queries'),
      prefixHits: sum('prefix_cache_hits'),
    };
  } catch {
    return null;
  }
}

/** The server's address without /v1: health, version, tokenize and metrics live there. */
function root(endpoint: Endpoint): string {
  return trimmed(endpoint).replace(/\/v1$/, '');
}

function trimmed(endpoint: Endpoint): string {
  return endpoint.baseUrl.replace(/\/+$/, '');
}

async function getJson(endpoint: Endpoint, url: string, signal?: AbortSignal): Promise<unknown> {
  const response = await fetch(url, {
    headers: { authorization: `Bearer ${endpoint.apiKey || 'none'}` },
    signal: within(signal),
  });
  if (!response.ok) throw Object.assign(new Error(`${url} answered ${response.status}`), { status: response.status });
  return response.json();
}

function within(signal: AbortSignal | undefined): AbortSignal {
  const limit = AbortSignal.timeout(PROBE_MS);
  return signal ? AbortSignal.any([signal, limit]) : limit;
}

function count(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : null;
}
