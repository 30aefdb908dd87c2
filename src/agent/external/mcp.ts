import { PassThrough } from 'node:stream';
import { Server } from '@modelcontextprotocol/server';
import { StdioServerTransport } from '@modelcontextprotocol/server/stdio';
import { messageOf } from '../../base/errors.ts';
import { connect } from './line-socket.ts';

// The session's tools as an MCP server over stdio; an agent starts it from the mcp.json in its folder. Argument: the socket.
const PROGRESS_MS = 5000;
/** Names that agent programs give to tools of their own. */
const TAKEN = new Set([
  ...['bash', 'edit', 'edit_file', 'fetch', 'glob', 'grep', 'list_directory', 'list_files', 'patch', 'read'],
  ...['read_file', 'read_many_files', 'run_command', 'run_shell_command', 'shell', 'todo_write', 'write'],
  ...['write_file', 'web_fetch', 'web_search'],
]);
const PREFIX = 'ralph_';
const socket = process.argv[2] || process.env.RALPH_TOOLS;
if (!socket) {
  process.stderr.write('RALPH_TOOLS is not set: Ralph’s tools exist while a run holds a session with this agent\n');
  process.exit(1);
}
const desk = connect(socket);
const server = new Server({ name: 'ralph', version: '0.1.0' }, { capabilities: { tools: {} } });
const running = new Set<Promise<unknown>>();

server.setRequestHandler('tools/list', async () => ({
  tools: (await desk.list()).map(({ name, description, parameters }) => ({
    name: offeredName(name),
    description,
    inputSchema: {
      type: 'object' as const,
      properties: parameters.properties as unknown as Record<string, Record<string, string>>,
      required: [...parameters.required],
    },
  })),
}));

server.setRequestHandler('tools/call', async ({ params }, { mcpReq }) => {
  const call = desk
    .call(ownName(params.name), params.arguments ?? {}, mcpReq.signal)
    .catch((thrown: unknown) => ({ ok: false, content: `error: ${messageOf(thrown)}` }));
  running.add(call);
  const progressToken = params._meta?.progressToken;
  // A backtest may take minutes: a client that sees progress does not give it up.
  const began = Date.now();
  const tell = () => {
    if (progressToken === undefined) return;
    const progress = Math.round((Date.now() - began) / 1000);
    const message = `${params.name}: ${progress} s`;
    void mcpReq
      .notify({ method: 'notifications/progress', params: { progressToken, progress, message } })
      .catch(() => {});
  };
  tell();
  using _progress = setInterval(tell, PROGRESS_MS);
  const result = await call;
  running.delete(call);
  return { content: [{ type: 'text' as const, text: result.content }], isError: !result.ok };
});

// A client may send its calls and close its end: what was asked is still answered.
const input = new PassThrough();
process.stdin.pipe(input, { end: false });
process.stdin.once('end', () => setTimeout(() => void endWhenIdle(), 50));
async function endWhenIdle(): Promise<void> {
  while (running.size > 0) await Promise.allSettled(running);
  setTimeout(() => process.exit(0), 50);
}

void desk.closed.then(() => process.exit(0));
await server.connect(new StdioServerTransport(input));

/** The name under which a tool is offered: with a prefix where the agent program may have one of the same name. */
function offeredName(name: string): string {
  return TAKEN.has(name) ? PREFIX + name : name;
}

/** The session's own name for what was called. */
function ownName(name: string): string {
  const own = name.startsWith(PREFIX) ? name.slice(PREFIX.length) : name;
  return TAKEN.has(own) ? own : name;
}
