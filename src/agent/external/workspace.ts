import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { MODULE_ENDING } from '../../base/module-ending.ts';
import type { SessionSpec } from '../contract.ts';
import { AGENTS, agentConfig, toolServer } from './configs.ts';

/** The folder that an external agent works in. Nothing in it is ever read by the harness. */
export interface Workspace {
  readonly dir: string;
  readonly socket: string;
  readonly mcpConfig: string;
  readonly promptFile: string;
  readonly prompt: string;
  /** Goes first in the agent's PATH; `npx ralph-tool` finds it too. */
  readonly bin: string;
  remove(): void;
}

export function makeWorkspace(spec: SessionSpec): Workspace {
  const dir = mkdtempSync(join(tmpdir(), 'ralph-agent-'));
  const socket = join(dir, 'tools.sock');
  const bin = join(dir, 'node_modules', '.bin');
  mkdirSync(bin, { recursive: true });
  const script = (name: string) => join(import.meta.dirname, `${name}${MODULE_ENDING}`);
  const command = join(bin, 'ralph-tool');
  writeFileSync(command, `#!/bin/sh\nexec ${quoted(process.execPath)} ${quoted(script('tool'))} "$@"\n`);
  chmodSync(command, 0o755);
  const mcpConfig = join(dir, 'mcp.json');
  const server = toolServer(socket);
  writeFileSync(mcpConfig, JSON.stringify({ mcpServers: { ralph: server } }, null, 2));
  for (const name of AGENTS) {
    const { file, text } = agentConfig(name, server);
    mkdirSync(dirname(join(dir, file)), { recursive: true });
    writeFileSync(join(dir, file), text);
  }
  const prompt = promptFor(spec);
  const promptFile = join(dir, 'prompt.md');
  writeFileSync(promptFile, prompt);
  return {
    dir,
    socket,
    mcpConfig,
    promptFile,
    prompt,
    bin,
    remove: () => rmSync(dir, { recursive: true, force: true }),
  };
}

function promptFor({ system, task, limits }: SessionSpec): string {
  const how = [
    '# How to call the tools',
    '',
    'They are offered by the MCP server "ralph" (configuration: mcp.json in this folder), and as a command:',
    '`ralph-tool` lists them, `ralph-tool NAME key=value key=@file` or `ralph-tool NAME \'{"key": "value"}\'` calls one.',
    'Over MCP, a tool whose name your own tools may have is offered with `ralph_` before it.',
    `Nothing else you do counts: files are written with the tools alone, and only finish ends the work. You have ${limits.turns} calls and ${Math.round(limits.wallMs / 60_000)} minutes.`,
  ];
  return `${system}\n\n${how.join('\n')}\n\n${task}\n`;
}

function quoted(path: string): string {
  return `'${path.replaceAll("'", `'\\''`)}'`;
}
