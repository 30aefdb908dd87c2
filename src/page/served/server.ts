import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { EXIT, messageOf, RalphError } from '../../base/errors.ts';
import { isObject, jsonIn } from '../../base/json.ts';
import type { TapeRequest } from '../tape.ts';
import { type Asset, asset, POLICY, shell } from './assets.ts';
import { outerAddress, refusal } from './guard.ts';
import { type Source, Streams } from './stream.ts';

const MOST_BODY = 16_384;

/** What stands behind the page. */
export interface Behind extends Source {
  readonly tag: string;
  /** Everything about one trial as JSON; null when there is none. */
  trial(name: string): unknown;
  /** Bars and fills of a stretch of a trial as JSON; null when there is none. Rejects with a RalphError when it cannot be played again. */
  tape(name: string, request: TapeRequest): Promise<unknown>;
  /** The transcript of a cycle as text; null when there is none. */
  transcript(cycle: number): string | null;
  /** Does what a person asked for and says what comes of it. Throws RalphError for what cannot be done. */
  act(name: string, body: Readonly<Record<string, unknown>>): Promise<string>;
}

export interface Served {
  /** With the token: whoever knows it can steer the run. */
  readonly address: string;
  close(): Promise<void>;
}

/** Serves the page of a run. Port 0 takes any that is free. Throws RalphError when the port is taken or the address is not ours. */
export async function servePage(behind: Behind, { listen = '127.0.0.1', port = 0 } = {}): Promise<Served> {
  const token = randomBytes(16).toString('hex');
  const streams = new Streams(behind);
  const server = createServer((request, response) => {
    answer(request, response, { behind, streams, token }).catch((thrown) => fail(response, thrown));
  });
  server.listen(port, listen);
  await once(server, 'listening').catch((thrown) => refuseAddress(thrown, listen, port));
  server.unref();
  // Put together while the person reads the address.
  asset('page.js').catch(() => {});
  const { port: taken } = server.address() as AddressInfo;
  const all = listen === '0.0.0.0' || listen === '::';
  const name = all ? outerAddress() : listen.includes(':') ? `[${listen}]` : listen;
  return {
    address: `http://${name}:${taken}/${token}/`,
    close: async () => {
      streams.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function refuseAddress(cause: NodeJS.ErrnoException, host: string, port: number): never {
  throw new RalphError(`the page cannot be served at ${host}, port ${port}: ${messageOf(cause)}`, {
    expected: 'an address of this machine and a free port',
    remedy:
      cause.code === 'EADDRNOTAVAIL'
        ? 'Give --listen an address of this machine, or 0.0.0.0 for all of them.'
        : 'Leave --port out: any free port is taken then.',
    exitCode: EXIT.usage,
    cause,
  });
}

interface Parts {
  readonly behind: Behind;
  readonly streams: Streams;
  readonly token: string;
}

async function answer(request: IncomingMessage, response: ServerResponse, parts: Parts): Promise<void> {
  response.setHeader('content-security-policy', POLICY);
  response.setHeader('x-content-type-options', 'nosniff');
  response.setHeader('referrer-policy', 'no-referrer');
  response.setHeader('cache-control', 'no-store');
  response.setHeader('cross-origin-resource-policy', 'same-origin');
  const refused = refusal(request, parts.token);
  if (refused) return reply(response, 403, { error: refused });
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://page');
  const path = pathname.split('/').slice(2);
  if (request.method === 'POST') return act(request, response, parts, path);
  const [what = '', name = ''] = path.map(decodeURIComponent);
  const { behind, streams } = parts;
  if (what === '') return path.length > 0 ? give(response, shell(behind.tag)) : reply(response, 404, 'no such page');
  if (what === 'page.js' || what === 'page.css') return give(response, await asset(what));
  if (what === 'stream') return stream(request, response, streams);
  const found = await foundAt(what, name, searchParams, behind);
  reply(response, found === null ? 404 : 200, found ?? { error: `This run has no such ${what}.` });
}

function foundAt(what: string, name: string, asked: URLSearchParams, behind: Behind): unknown {
  if (what === 'trial') return behind.trial(name);
  if (what === 'transcript') return behind.transcript(Number(name));
  if (what !== 'tape') return null;
  const time = (key: string) => Number(asked.get(key) ?? Number.NaN);
  return behind.tape(name, { symbol: asked.get('symbol'), from: time('from'), to: time('to') });
}

function stream(request: IncomingMessage, response: ServerResponse, streams: Streams): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  // A browser that lost the stream asks for what came after this.
  streams.add(response, Number(request.headers['last-event-id']) || 0);
}

async function act(request: IncomingMessage, response: ServerResponse, parts: Parts, path: string[]): Promise<void> {
  if (path[0] !== 'act' || request.headers['content-type'] !== 'application/json')
    return reply(response, 404, { error: 'no such action' });
  const said = await parts.behind.act(path[1] ?? '', await bodyOf(request));
  parts.streams.look();
  reply(response, 200, { said });
}

async function bodyOf(request: IncomingMessage): Promise<Record<string, unknown>> {
  let text = '';
  for await (const chunk of request) {
    text += chunk;
    if (text.length > MOST_BODY) break;
  }
  const value = jsonIn(text);
  if (isObject(value)) return value;
  throw new RalphError('the request is no JSON object of at most 16 kB', { remedy: 'Reload the page.' });
}

function fail(response: ServerResponse, thrown: unknown): void {
  const known = thrown instanceof RalphError;
  if (response.headersSent) response.end();
  else reply(response, known ? 409 : 500, { error: messageOf(thrown), remedy: known ? thrown.remedy : null });
}

function give(response: ServerResponse, { type, body }: Asset): void {
  response.writeHead(200, { 'content-type': type }).end(body);
}

function reply(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(value));
}
