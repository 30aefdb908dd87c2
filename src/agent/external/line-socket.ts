import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { jsonIn } from '../../base/json.ts';
import type { ToolDefinition, ToolResult } from '../contract.ts';

type Request = { readonly id: number } & (
  | { readonly op: 'list' }
  | { readonly op: 'call'; readonly name: string; readonly args: unknown }
  /** `id` is that of the call. */
  | { readonly op: 'cancel' }
);
type Reply = { readonly id: number; readonly tools?: readonly ToolDefinition[]; readonly result?: ToolResult };

interface Desk {
  readonly tools: readonly ToolDefinition[];
  call(name: string, args: unknown, signal?: AbortSignal): Promise<ToolResult>;
}

/** Why a call was aborted whose client is gone: one that waits is not run, one that runs is judged to its end. */
export const HUNG_UP = 'the client hung up';

/** Offers a desk on a Unix socket: one JSON request a line, one JSON reply a line. */
export function listen(desk: Desk, path: string): Promise<Server> {
  const server = createServer((socket) => {
    const running = new Map<number, AbortController>();
    // A client that hung up wants no answer.
    socket.on('close', () => {
      for (const call of running.values()) call.abort(HUNG_UP);
    });
    linesOf(socket, (line) => {
      const request = requestIn(line);
      if (request?.op === 'cancel') return running.get(request.id)?.abort();
      const call = new AbortController();
      if (request) running.set(request.id, call);
      void reply(desk, request, call.signal).then((answer) => {
        running.delete(answer.id);
        if (socket.writable) socket.write(`${JSON.stringify(answer)}\n`);
      });
    });
  });
  return new Promise((done, fail) => {
    server.once('error', fail);
    server.listen(path, () => done(server));
  });
}

/** Lines end with a line feed alone: readline would end one at U+2028, which JSON leaves as it is. A peer that was killed resets the line. */
function linesOf(socket: Socket, onLine: (line: string) => void): void {
  let rest = '';
  socket.setEncoding('utf8');
  socket.on('error', () => socket.destroy());
  socket.on('data', (piece: string) => {
    const lines = (rest + piece).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) onLine(line);
  });
}

async function reply(desk: Desk, request: Request | null, signal: AbortSignal): Promise<Reply> {
  if (!request) return { id: 0, result: { ok: false, content: 'error: a request is one line with a JSON object' } };
  if (request.op === 'list') return { id: request.id, tools: desk.tools };
  const { name, args } = request as { name?: unknown; args?: unknown };
  return { id: request.id, result: await desk.call(String(name), args, signal) };
}

function requestIn(line: string): Request | null {
  const value = jsonIn(line);
  return typeof value === 'object' ? (value as Request | null) : null;
}

/** The other end: what the MCP server and the small commands use. Rejects when the session is gone. */
export function connect(path: string): {
  list(): Promise<readonly ToolDefinition[]>;
  call(name: string, args: unknown, signal?: AbortSignal): Promise<ToolResult>;
  closed: Promise<void>;
  close(): void;
} {
  const socket = createConnection(path);
  const waiting = new Map<number, { done: (reply: Reply) => void; fail: (error: Error) => void }>();
  let ids = 0;
  const closed = new Promise<void>((done) => {
    socket.once('close', () => {
      for (const { fail } of waiting.values()) fail(new Error('the session is over'));
      done();
    });
  });
  linesOf(socket, (line) => {
    const answer = JSON.parse(line) as Reply;
    waiting.get(answer.id)?.done(answer);
    waiting.delete(answer.id);
  });
  const send = (request: object) =>
    new Promise<Reply>((done, fail) => {
      const id = ++ids;
      waiting.set(id, { done, fail });
      if (socket.destroyed) fail(new Error('the session is over'));
      else socket.write(`${JSON.stringify({ id, ...request })}\n`);
    });
  return {
    list: async () => (await send({ op: 'list' })).tools ?? [],
    call: async (name, args, signal) => {
      const answer = send({ op: 'call', name, args });
      const id = ids;
      signal?.addEventListener('abort', () => socket.write(`${JSON.stringify({ id, op: 'cancel' })}\n`), {
        once: true,
      });
      return (await answer).result ?? { ok: false, content: 'error: no answer' };
    },
    closed,
    close: () => socket.destroy(),
  };
}
