import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { AGENTS, agentConfig } from '../../../src/agent/external/configs.ts';
import { listen } from '../../../src/agent/external/line-socket.ts';
import { startMeter, UsageReader } from '../../../src/agent/external/meter.ts';
import { externalSession } from '../../../src/agent/external/run.ts';
import { Tally } from '../../../src/agent/session/tally.ts';
import { hold, lend, specFor } from '../fixtures/desk.ts';
import { listening } from '../fixtures/odd-server.ts';

/** No model server is asked there. */
const NOBODY = 'http://127.0.0.1:9/v1';
const fixture = (name: string) => join(import.meta.dirname, '../fixtures', name);
const MCP = [process.execPath, fixture('mcp-agent.ts'), '{mcp}'];

test('an agent program works over MCP, metered, without secrets, and is gone afterwards', async () => {
  process.env.WANDB_API_KEY ??= 'not-for-agents';
  const { end, files, entries } = await hold({}, {}, {}, externalSession(MCP));
  assert.equal(end.reason, 'finished', end.detail);
  assert.equal(files.get('a.ts'), '4 tools, prompt of the task, told off');
  assert.deepEqual(end.classes, { OK_CALLS: 2, MALFORMED_ARGS: 1 });
  assert.ok(end.promptTokens > 0 && end.completionTokens > 0, 'tokens are booked');
  const environment = JSON.parse(end.detail) as string[];
  assert.ok(!environment.some((name) => /WANDB|DATABASE|RALPH_API_KEY/.test(name)), environment.join());
  assert.ok(!JSON.stringify(entries).includes('secret-key-123'));
});

test('a shell script works with the same tools as small commands', async () => {
  const box = lend();
  const end = await externalSession(['sh', fixture('shell-agent.sh')])(specFor(NOBODY), box);
  assert.equal(end.reason, 'finished', end.detail);
  assert.equal(end.detail, 'from a shell');
  assert.equal(box.files.get('a.ts'), 'let x = 1;\n');
  assert.deepEqual(box.calls, ['write_file', 'run_check', 'finish']);
});

test('the limits of a session hold for an agent program too', async () => {
  const run = (limits: object, script: string, harness: object = {}) =>
    externalSession(['sh', '-c', script])(specFor(NOBODY, { limits }), lend(harness));
  const [turns, wall, idle, circles, missing] = await Promise.all([
    run({ turns: 2 }, 'for i in 1 2 3 4; do ralph-tool read_note name=$i; done; sleep 60'),
    run({ wallMs: 400 }, 'sleep 60'),
    run({}, 'echo tired >&2; exit 3'),
    run({}, 'while ralph-tool read_note name=x; do :; done; sleep 60'),
    externalSession(['no-such-agent'])(specFor(NOBODY), lend()),
  ]);
  assert.equal(turns.reason, 'turn_limit');
  assert.equal(wall.reason, 'wall_limit');
  assert.equal(idle.reason, 'gave_up');
  assert.match(idle.detail, /exit code 3.*tired/);
  assert.equal(circles.reason, 'gave_up');
  assert.match(missing.detail, /cannot start no-such-agent|execvp no-such-agent: No such file/);
  const rude = await run(
    {},
    `"${process.execPath}" -e 'const s = require("net").connect(process.env.RALPH_TOOLS, () => { s.write("null\\n7\\n{oops\\n{}\\n"); setTimeout(() => process.exit(4), 100); })'`,
  );
  assert.match(rude.detail, /exit code 4/);
  const stop = new AbortController();
  setTimeout(() => stop.abort(), 300);
  assert.equal((await run({}, 'sleep 60', { signal: stop.signal })).reason, 'aborted');
});

test('usage is read in the fields of every API, wherever it comes in the stream', () => {
  const count = (...pieces: string[]) => {
    const usage = new UsageReader();
    for (const piece of pieces) usage.read(piece);
    return [usage.prompt, usage.completion];
  };
  assert.deepEqual(count('{"usage":{"prompt_tokens":120,"completion_tokens":7}}'), [120, 7], 'chat');
  assert.deepEqual(
    count('{"usage":{"input_tokens":120,"output_to', 'kens":7}}'),
    [120, 7],
    'Responses, cut between two pieces',
  );
  const start =
    '{"type":"message_start","message":{"usage":{"input_tokens":20,"cache_read_input_tokens":100,"output_tokens":1}}}';
  assert.deepEqual(
    count(start, 'x'.repeat(9000), '{"type":"message_delta","usage":{"output_tokens":77}}'),
    [120, 77],
    'Messages',
  );
  assert.deepEqual(count(JSON.stringify({ text: '{"prompt_tokens": 9}' })), [0, 0], 'what the model says is no usage');
});

test('the meter leaves the bodies of other APIs alone', async () => {
  const seen: Record<string, Record<string, unknown>> = {};
  const upstream = await listening(async (request, response) => {
    seen[request.url ?? ''] = JSON.parse(await text(request)) as Record<string, unknown>;
    response.end('{"usage":{"input_tokens":3,"output_tokens":2}}');
  });
  const tally = new Tally();
  const meter = await startMeter(specFor(`${upstream.url}/v1`), tally, () => {});
  for (const path of ['/chat/completions', '/responses', '/messages'])
    await (await fetch(meter.baseUrl + path, { method: 'POST', body: '{"stream":true}' })).text();
  meter.close();
  upstream.close();
  assert.deepEqual(seen['/v1/chat/completions'].stream_options, { include_usage: true });
  assert.deepEqual([seen['/v1/responses'], seen['/v1/messages']], [{ stream: true }, { stream: true }]);
  assert.deepEqual([tally.promptTokens, tally.completionTokens], [9, 6]);
});

test('the MCP server keeps U+2028, prefixes names that collide, and answers after its stdin was closed', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ralph-mcp-'));
  const said: unknown[] = [];
  const signals: AbortSignal[] = [];
  const server = await listen(
    {
      tools: specFor('').tools,
      call: async (name, args, signal) => {
        said.push([name, args]);
        if (signal) signals.push(signal);
        if (name === 'run_check') await new Promise<void>((done) => signal?.addEventListener('abort', () => done()));
        return { ok: true, content: `ok ${name}` };
      },
    },
    join(folder, 's'),
  );
  const hello = { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'x', version: '1' } };
  const call = (id: number, name: string, args: object) => ({
    jsonrpc: '2.0',
    id,
    method: 'tools/call',
    params: { name, arguments: args, _meta: { progressToken: `p${id}` } },
  });
  const lines = [
    { jsonrpc: '2.0', id: 1, method: 'initialize', params: hello },
    { jsonrpc: '2.0', method: 'notifications/initialized' },
    { jsonrpc: '2.0', id: 2, method: 'tools/list', params: {} },
    call(3, 'ralph_write_file', { path: 'a', source: 'one\u2028two' }),
    call(4, 'run_check', { path: 'a' }),
    { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 4 } },
  ];
  const program = join(import.meta.dirname, '../../../src/agent/external/mcp.ts');
  const mcp = spawn(process.execPath, [program, join(folder, 's')], { stdio: ['pipe', 'pipe', 'inherit'] });
  mcp.stdin.end(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  const out = await text(mcp.stdout);
  server.close();
  assert.match(out, /"name":"ralph_write_file"/);
  assert.match(out, /"name":"run_check"/);
  assert.match(out, /ok write_file/);
  assert.match(out, /"notifications\/progress".*"progressToken":"p4".*"message":"run_check: 0 s"/);
  assert.deepEqual(said[0], ['write_file', { path: 'a', source: 'one\u2028two' }]);
  assert.equal(signals.at(-1)?.aborted, true, 'the cancelled call was told');
});

test('ready configurations are what each program reads', () => {
  const server = { command: '/node', args: ['/mcp.ts', '/s'] };
  for (const name of AGENTS) {
    const { file, text: config, command } = agentConfig(name, server);
    assert.ok(command.length > 0 && config.includes('/mcp.ts'), name);
    if (file.endsWith('json')) assert.ok(JSON.parse(config));
    else assert.match(config, /\[mcp_servers\.ralph\]\ncommand = "\/node"\nargs = \["\/mcp\.ts","\/s"\]/);
  }
});
