import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { seededRandom } from '../../base/random.ts';
import { ChatRoute, type ServerStats } from './chat.ts';
import type { Engine } from './fault-mode.ts';
import type { ModelServerOptions } from './options.ts';
import { metricsText, type Quirks } from './quirks.ts';
import { send } from './respond.ts';
import { STYLES, type Style } from './styles.ts';

export interface ModelServer {
  /** Such as http://127.0.0.1:40123/v1 */
  readonly baseUrl: string;
  stats(): ServerStats;
  close(): Promise<void>;
}

/**
 * A model server that speaks OpenAI's protocol the way vLLM does, with a scripted brain in place of weights and, at the
 * wished rate, the failures of the catalogue. Requests that a real server's template would refuse are refused.
 */
export async function startModelServer(options: ModelServerOptions): Promise<ModelServer> {
  const quirks = options.quirks ?? {};
  const engine: Engine = {
    deadUntil: 0,
    poisoned: 0,
    running: 0,
    generated: 0,
    prefixQueries: 0,
    prefixHits: 0,
  };
  const chat = new ChatRoute(options, engine, seededRandom(options.seed));
  const server = createServer((request, response) => {
    void route(request, response, chat, engine, quirks).catch(() => response.destroy());
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((done, fail) => {
    server.once('error', fail);
    server.listen(options.port ?? 0, '127.0.0.1', done);
  });
  const { port } = server.address() as AddressInfo;
  return {
    baseUrl: `http://127.0.0.1:${port}/v1`,
    stats: () => chat.stats,
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

async function route(
  request: IncomingMessage,
  response: ServerResponse,
  chat: ChatRoute,
  engine: Engine,
  quirks: Quirks,
): Promise<void> {
  // A dead engine: the process is gone, and the port with it.
  if (Date.now() < engine.deadUntil || quirks.dead === 'refused') return void request.socket.destroy();
  const path = (request.url ?? '').split('?')[0];
  if (quirks.style) return routeStyled(request, response, chat, path, quirks);
  if (path === '/health') return send(response, quirks.dead === 'engine' ? 503 : 200, '');
  if (path === '/version')
    return quirks.version === null
      ? send(response, 404, { detail: 'Not Found' })
      : send(response, 200, { version: quirks.version ?? '0.29.0' });
  if (path === '/metrics') return send(response, 200, metricsText(engine));
  if (path === '/v1/models') return send(response, 200, chat.models());
  if (request.method !== 'POST') return send(response, 404, { detail: 'Not Found' });
  const body = await readBody(request);
  if (path === '/tokenize' && quirks.tokenize !== false) return send(response, 200, chat.tokenize(body));
  if (path === '/v1/chat/completions') return chat.answer(body, response);
  return send(response, 404, { detail: 'Not Found' });
}

/** The same for a server of another make. */
async function routeStyled(
  request: IncomingMessage,
  response: ServerResponse,
  chat: ChatRoute,
  path: string,
  { style: name = 'vllm', model = 'scripted', window = 32_768 }: Quirks,
): Promise<void> {
  const style: Style = STYLES[name];
  if (style.key && request.headers.authorization !== `Bearer ${style.key}`)
    return send(response, 401, style.errorBody({ status: 401, message: 'No api key passed in.', type: 'auth_error' }));
  const body = request.method === 'POST' ? await readBody(request) : {};
  if (path === '/v1/chat/completions') return chat.answer(body, response);
  const data = path === '/v1/models' ? style.models(model, window) : null;
  if (data) return send(response, 200, { object: 'list', data });
  const known = style.paths(model, window)[`${request.method} ${path}`];
  if (known !== undefined) return send(response, 200, known);
  send(response, style.unknownPath.status, style.unknownPath.body);
}

async function readBody(request: IncomingMessage): Promise<Record<string, unknown>> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return JSON.parse(Buffer.concat(parts).toString('utf8')) as Record<string, unknown>;
}
