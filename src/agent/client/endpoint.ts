import type { Endpoint } from '../contract.ts';

/** A server that is not there refuses at once. One that is busy, or on a machine with too much to do, may take this long. */
const PROBE_MS = 30_000;

/** Exact size of a prompt in tokens, and the window; null where the server has no /tokenize. */
export async function countTokens(
  endpoint: Endpoint,
  prompt: { model: string; messages: readonly unknown[]; tools: readonly unknown[] },
  signal?: AbortSignal,
): Promise<{ count: number; window: number | null } | null> {
  try {
    const { status, text } = await getPath(endpoint, '/tokenize', signal, { ...prompt, add_generation_prompt: true });
    if (status !== 200) return null;
    const answer = JSON.parse(text) as { count?: unknown; max_model_len?: unknown };
    const tokens = count(answer.count);
    return tokens === null ? null : { count: tokens, window: count(answer.max_model_len) };
  } catch {
    return null;
  }
}

/** GET of a path beside /v1, such as `/health`, or POST of `post`: status and body text. Throws when no server answers. */
export async function getPath(
  endpoint: Endpoint,
  path: string,
  signal?: AbortSignal,
  post?: object,
): Promise<{ status: number; text: string }> {
  const response = await fetch(`${root(endpoint)}${path}`, {
    method: post ? 'POST' : 'GET',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${endpoint.apiKey || 'none'}` },
    body: post && JSON.stringify(post),
    signal: within(signal),
  });
  return { status: response.status, text: await response.text() };
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
  return endpoint.baseUrl.replace(/\/+$/, '').replace(/\/v1$/, '');
}

function within(signal: AbortSignal | undefined): AbortSignal {
  const limit = AbortSignal.timeout(PROBE_MS);
  return signal ? AbortSignal.any([signal, limit]) : limit;
}

/** A positive number, or null. */
export function count(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : null;
}
