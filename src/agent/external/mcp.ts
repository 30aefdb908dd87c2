import { Server } from '@modelcontextprotocol/server';
import { StdioServerTransport } from '@modelcontextprotocol/server/stdio';
import { messageOf } from '../../base/errors.ts';
import { connect } from './line-socket.ts';

// The session's tools as an MCP server over stdio; an agent starts it from the mcp.json in its folder. Argument: the socket.
const desk = connect(process.argv[2] ?? process.env.RALPH_TOOLS ?? '');
const server = new Server({ name: 'ralph', version: '0.1.0' }, { capabilities: { tools: {} } });

server.setRequestHandler('tools/list', async () => ({
  tools: (await desk.list()).map(({ name, description, parameters }) => ({
    name,
    description,
    inputSchema: {
      type: 'object' as const,
      properties: parameters.properties as unknown as Record<string, Record<string, string>>,
      required: [...parameters.required],
    },
  })),
}));

server.setRequestHandler('tools/call', async ({ params }) => {
  const result = await desk
    .call(params.name, params.arguments ?? {})
    .catch((thrown: unknown) => ({ ok: false, content: `error: ${messageOf(thrown)}` }));
  return { content: [{ type: 'text' as const, text: result.content }], isError: !result.ok };
});

void desk.closed.then(() => process.exit(0));
await server.connect(new StdioServerTransport());
