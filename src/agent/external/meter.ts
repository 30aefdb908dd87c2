import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { messageOf } from '../../base/errors.ts';
import { jsonIn } from '../../base/json.ts';
import type { SessionSpec } from '../contract.ts';
import type { Tally } from '../session/tally.ts';

/**
 * Stands between an external agent and the model server: holds the key, so that the agent never sees it, books the tokens, and
 * refuses when the budget is spent. Only an agent that uses OPENAI_BASE_URL is metered this way; any other has turns and time.
 */
export async function startMeter(
  spec: SessionSpec,
  tally: Tally,
  spent: () => void,
): Promise<{ baseUrl: string; close(): void }> {
  const server = createServer((request, response) => {
    if (tally.tokens >= spec.limits.tokens) {
      spent();
      return refuse(response, 429, 'budget', 'the token budget of this session is spent');
    }
    void forward(request, response, spec, tally).catch((thrown: unknown) => {
      refuse(response, 502, 'bad_gateway', messageOf(thrown));
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  return {
    baseUrl: `http://127.0.0.1:${port}/v1`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

function refuse(response: ServerResponse, code: number, type: string, message: string): void {
  if (!response.headersSent) response.writeHead(code, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ error: { message, type, code } }));
}

async function forward(
  request: IncomingMessage,
  response: ServerResponse,
  spec: SessionSpec,
  tally: Tally,
): Promise<void> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  const path = (request.url ?? '').replace(/^\/v1/, '');
  const answer = await fetch(spec.endpoint.baseUrl.replace(/\/+$/, '') + path, {
    method: request.method,
    headers: {
      'content-type': request.headers['content-type'] ?? 'application/json',
      authorization: `Bearer ${spec.endpoint.apiKey || 'none'}`,
      ...(path.startsWith('/messages') ? anthropicHeaders(request, spec.endpoint.apiKey) : {}),
    },
    body: request.method === 'GET' || request.method === 'HEAD' ? undefined : withUsage(Buffer.concat(parts), path),
  });
  response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? 'application/json' });
  const text = new TextDecoder();
  const usage = new UsageReader();
  for await (const chunk of answer.body ?? []) {
    response.write(chunk);
    usage.read(text.decode(chunk as Uint8Array, { stream: true }));
  }
  response.end();
  tally.promptTokens += usage.prompt;
  tally.completionTokens += usage.completion;
}

/** Anthropic's Messages take their key and their version in headers of their own. */
function anthropicHeaders({ headers }: IncomingMessage, key: string): Record<string, string> {
  return { 'x-api-key': key || 'none', 'anthropic-version': String(headers['anthropic-version'] ?? '2023-06-01') };
}

/** Finds the usage of an answer in the names of OpenAI's chat, of its Responses and of Anthropic's Messages, which say the prompt first and the rest last. */
export class UsageReader {
  readonly #most = new Map<string, number>();
  #tail = '';

  read(piece: string): void {
    const text = this.#tail + piece;
    for (const [, field, value] of text.matchAll(/"((?:\w+_)?(?:prompt|completion|input|output)_tokens)"\s*:\s*(\d+)/g))
      this.#most.set(field, Math.max(this.#most.get(field) ?? 0, Number(value)));
    this.#tail = text.slice(-100);
  }

  get prompt(): number {
    return (
      this.#of('prompt_tokens') ||
      this.#of('input_tokens') + this.#of('cache_read_input_tokens') + this.#of('cache_creation_input_tokens')
    );
  }

  get completion(): number {
    return this.#of('completion_tokens') || this.#of('output_tokens');
  }

  #of(field: string): number {
    return this.#most.get(field) ?? 0;
  }
}

/** Asks for usage in streams of chat, which many clients do not; other APIs always say it and refuse the option. */
function withUsage(body: Buffer, path: string): Buffer | string {
  if (!path.startsWith('/chat/completions')) return body;
  const asked = jsonIn(body.toString('utf8')) as Record<string, unknown> | null | undefined;
  if (asked?.stream !== true) return body;
  return JSON.stringify({ ...asked, stream_options: { ...(asked.stream_options as object), include_usage: true } });
}
