import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { execa } from 'execa';
import { AGENTS } from '../../src/agent/external/configs.ts';
import { listen } from '../../src/agent/external/line-socket.ts';
import { specFor } from '../agent/fixtures/desk.ts';

const ralph = (...args: string[]) => execa(process.execPath, ['ralph.ts', 'agent-config', ...args], { reject: false });

const FILES = {
  claude: '.mcp.json',
  codex: '.codex/config.toml',
  opencode: 'opencode.json',
  qwen: '.qwen/settings.json',
} as const;

/** The tools that the configured server lists, started as the program would: with the socket of a session in its environment. */
async function toolsOf(config: string, socket: string): Promise<string> {
  const words = /\[mcp_servers/.test(config)
    ? [/command = (.*)/, /args = (.*)/].map((pattern) => JSON.parse(pattern.exec(config)?.[1] ?? ''))
    : null;
  const entry = words ? null : JSON.parse(config);
  const own = entry?.mcpServers?.ralph ?? entry?.mcp?.ralph;
  const [command, ...args] = (words ?? (Array.isArray(own.command) ? own.command : [own.command, own.args])).flat();
  const server = spawn(command, args, { env: { RALPH_TOOLS: socket }, stdio: ['pipe', 'pipe', 'inherit'] });
  const hello = { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'x', version: '1' } };
  const lines = [
    { jsonrpc: '2.0', id: 1, method: 'initialize', params: hello },
    { jsonrpc: '2.0', method: 'notifications/initialized' },
    { jsonrpc: '2.0', id: 2, method: 'tools/list', params: {} },
  ];
  server.stdin.end(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  return text(server.stdout);
}

test('the configuration of every program is written where it looks, and its server offers the session’s tools', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'ralph-config-'));
  const desk = { tools: specFor('').tools, call: async () => ({ ok: true, content: '' }) };
  const server = await listen(desk, join(dir, 's'));
  assert.deepEqual(Object.keys(FILES).sort(), [...AGENTS].sort());
  for (const name of AGENTS) {
    const { exitCode, stdout, stderr } = await ralph(name, join(dir, name), '--json');
    assert.equal(exitCode, 0, stderr);
    const path = join(dir, name, FILES[name]);
    const { file, command } = JSON.parse(stdout);
    assert.equal(file, path);
    assert.ok(command.length > 0);
    assert.match(await toolsOf(readFileSync(path, 'utf8'), join(dir, 's')), /"name":"run_check"/, name);
  }
  server.close();
  rmSync(dir, { recursive: true });
});

test('an unknown program is refused with the list, and a file of the user’s stays', async () => {
  const unknown = await ralph('cursor');
  assert.equal(unknown.exitCode, 2);
  assert.match(unknown.stderr, /no agent program "cursor"[\s\S]*claude, codex, opencode, qwen/);
  assert.match((await ralph('qwn')).stderr, /did you mean "qwen"\?/);
  assert.match((await ralph()).stderr, /NAME \[DIR\] is missing/);
  const dir = mkdtempSync(join(tmpdir(), 'ralph-config-'));
  writeFileSync(join(dir, '.mcp.json'), '{"mcpServers":{"mine":{}}}');
  const taken = await ralph('claude', dir);
  assert.equal(taken.exitCode, 1);
  assert.match(taken.stderr, /exists with other content[\s\S]*"ralph"/);
  assert.equal(readFileSync(join(dir, '.mcp.json'), 'utf8'), '{"mcpServers":{"mine":{}}}');
  rmSync(dir, { recursive: true });
});

test('outside a session the server says why it offers nothing', async () => {
  const mcp = join(import.meta.dirname, '../../src/agent/external/mcp.ts');
  const { exitCode, stderr } = await execa(process.execPath, [mcp], { reject: false, extendEnv: false, env: {} });
  assert.equal(exitCode, 1);
  assert.match(stderr, /RALPH_TOOLS is not set/);
});
