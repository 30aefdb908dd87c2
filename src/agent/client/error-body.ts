import { jsonIn } from '../../base/json.ts';

/** What a server says went wrong; `status` where the body carries one of its own. */
export interface SaidError {
  readonly message: string;
  readonly status: number | undefined;
}

const LONGEST = 2000;

/**
 * The error inside a parsed answer, or null when it is no error. Shapes seen: `{error: {message, code}}` (OpenAI, vLLM),
 * `{error: "text"}` (Ollama, LM Studio), `{object: "error", message, code}` (SGLang), `{detail}` with a text or a list (FastAPI).
 */
export function errorIn(value: unknown): SaidError | null {
  if (value === null || typeof value !== 'object') return null;
  const { error, object, type, message, detail, code, choices } = value as Record<string, unknown>;
  if (error) {
    const inner = (typeof error === 'object' ? error : { message: error }) as Record<string, unknown>;
    return { message: textOf(inner.message ?? inner), status: statusOf(inner.code ?? inner.status ?? code) };
  }
  if (choices !== undefined) return null;
  if (object === 'error' || type === 'error') return { message: textOf(message ?? value), status: statusOf(code) };
  return detail ? { message: textOf(detail), status: statusOf(code) } : null;
}

/** The error in the text of a refused request: JSON of any shape, a page of HTML, or plain words. */
export function errorInText(text: string): SaidError {
  const value = jsonIn(text);
  if (typeof value === 'string') return { message: value.slice(0, LONGEST), status: undefined };
  if (value !== undefined) {
    const { message } = (value ?? {}) as { message?: unknown };
    return errorIn(value) ?? { message: textOf(message ?? value), status: undefined };
  }
  const plain = /<html|<!doctype|<body/i.test(text) ? withoutTags(text) : text;
  return { message: plain.trim().slice(0, LONGEST), status: undefined };
}

/**
 * fetch for the SDK, which reads errors only as `{error}` and streams only as events. Every error body becomes `{error: {message}}`, and
 * an answer in one piece to a request for a stream becomes a stream of one piece.
 */
export const readableFetch: typeof fetch = async (input, init) => {
  const response = await fetch(input, init);
  if (!response.ok) return refusal(response, errorInText(await response.text()), response.status);
  const json = /\bjson\b/.test(response.headers.get('content-type') ?? '');
  if (!json || typeof init?.body !== 'string' || !/"stream"\s*:\s*true/.test(init.body)) return response;
  const text = await response.text();
  const value = jsonIn(text);
  const error = errorIn(value);
  if (error) return refusal(response, error, error.status ?? 400);
  const events = value === undefined ? text : `data: ${JSON.stringify(value)}\n\ndata: [DONE]\n\n`;
  return new Response(events, { headers: { 'content-type': 'text/event-stream' } });
};

function refusal(response: Response, { message }: SaidError, status: number): Response {
  const retry = response.headers.get('retry-after');
  return new Response(JSON.stringify({ error: { message: message || response.statusText } }), {
    status,
    headers: { 'content-type': 'application/json', ...(retry === null ? {} : { 'retry-after': retry }) },
  });
}

/** FastAPI lists what it found wrong, each with its place. */
function textOf(value: unknown): string {
  const item = (each: unknown) => {
    const { loc, msg } = (each ?? {}) as { loc?: unknown[]; msg?: string };
    return msg ? `${(loc ?? []).join('.')}: ${msg}` : JSON.stringify(each);
  };
  const text =
    typeof value === 'string' ? value : Array.isArray(value) ? value.map(item).join('; ') : JSON.stringify(value);
  return text.slice(0, LONGEST);
}

/** An HTTP status of an error in a `code` field; undefined for anything else. */
export function statusOf(code: unknown): number | undefined {
  const value = Number(code);
  return Number.isInteger(value) && value >= 400 && value < 600 ? value : undefined;
}

function withoutTags(html: string): string {
  return html
    .replaceAll(/<(style|script)[\s\S]*?<\/\1>/gi, ' ')
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll(/\s+/g, ' ');
}
