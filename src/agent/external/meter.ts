import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { messageOf } from '../../base/errors.ts';
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
      response.writeHead(429, { 'content-type': 'application/json' });
      response.end(
        JSON.stringify({ error: { message: 'the token budget of this session is spent', type: 'budget', code: 429 } }),
      );
      return;
    }
    void forward(request, response, spec, tally).catch((thrown: unknown) => {
      if (!response.headersSent) response.writeHead(502, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ error: { message: messageOf(thrown), type: 'bad_gateway', code: 502 } }));
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
    },
    body: request.method === 'GET' || request.method === 'HEAD' ? undefined : withUsage(Buffer.concat(parts)),
  });
  response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? 'application/json' });
  const text = new TextDecoder();
  let tail = '';
  for await (const chunk of answer.body ?? []) {
    response.write(chunk);
    // Usage comes last, in a stream as in one piece.
    tail = (tail + text.decode(chunk as Uint8Array, { stream: true })).slice(-4000);
  }
  response.end();
  tally.promptTokens += last(tail, 'prompt_tokens');
  tally.completionTokens += last(tail, 'completion_tokens');
}

/** Asks for usage in streams, which many clients do not. */
function withUsage(body: Buffer): Buffer | string {
  try {
    const parsed = JSON.parse(body.toString('utf8')) as Record<string, unknown>;
    return parsed.stream === true ? JSON.stringify({ ...parsed, stream_options: { include_usage: true } }) : body;
  } catch {
    return body;
  }
}

function last(text: string, field: string): number {
  return Number([...text.matchAll(new RegExp(`"${field}"\\s*:\\s*(\\d+)`, 'g'))].at(-1)?.[1] ?? 0);
}
