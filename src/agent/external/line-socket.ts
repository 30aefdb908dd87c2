import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import type { ToolDefinition, ToolResult } from '../contract.ts';

type Request = { readonly id: number } & (
  | { readonly op: 'list' }
  | { readonly op: 'call'; readonly name: string; readonly args: unknown }
);
type Reply = { readonly id: number; readonly tools?: readonly ToolDefinition[]; readonly result?: ToolResult };

interface Desk {
  readonly tools: readonly ToolDefinition[];
  call(name: string, args: unknown): Promise<ToolResult>;
}

/** Offers a desk on a Unix socket: one JSON request a line, one JSON reply a line. */
export function listen(desk: Desk, path: string): Promise<Server> {
  const server = createServer((socket) => {
    linesOf(socket, (line) => {
      void reply(desk, line).then((answer) => socket.writable && socket.write(`${JSON.stringify(answer)}\n`));
    });
  });
  return new Promise((done, fail) => {
    server.once('error', fail);
    server.listen(path, () => done(server));
  });
}

/** A peer that was killed resets the line, and readline passes such an error on: neither may reach the harness. */
function linesOf(socket: Socket, onLine: (line: string) => void): void {
  socket.on('error', () => socket.destroy());
  createInterface({ input: socket })
    .on('error', () => socket.destroy())
    .on('line', onLine);
}

async function reply(desk: Desk, line: string): Promise<Reply> {
  const request = parsed(line);
  if (!request) return { id: 0, result: { ok: false, content: 'error: a request is one line with a JSON object' } };
  if (request.op === 'list') return { id: request.id, tools: desk.tools };
  return { id: request.id, result: await desk.call(String(request.name), request.args) };
}

function parsed(line: string): Request | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as Request) : null;
  } catch {
    return null;
  }
}

/** The other end: what the MCP server and the small commands use. Rejects when the session is gone. */
export function connect(path: string): {
  list(): Promise<readonly ToolDefinition[]>;
  call(name: string, args: unknown): Promise<ToolResult>;
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
    call: async (name, args) =>
      (await send({ op: 'call', name, args })).result ?? { ok: false, content: 'error: no answer' },
    closed,
    close: () => socket.destroy(),
  };
}
