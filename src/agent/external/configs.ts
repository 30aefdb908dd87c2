import { join } from 'node:path';
import { MODULE_ENDING } from '../../base/module-ending.ts';

/** Agent programs for which a ready configuration can be written. */
export const AGENTS = ['claude', 'codex', 'opencode', 'qwen'] as const;
export type AgentName = (typeof AGENTS)[number];

/** How the MCP server of the tools is started. */
export interface ToolServer {
  readonly command: string;
  readonly args: readonly string[];
}

/** The server of this Ralph. Without a socket it asks at the one in RALPH_TOOLS, which every session sets for its agent. */
export function toolServer(...socket: string[]): ToolServer {
  return { command: process.execPath, args: [join(import.meta.dirname, `mcp${MODULE_ENDING}`), ...socket] };
}

export interface AgentConfig {
  /** Where the program looks for it, relative to its folder. */
  readonly file: string;
  readonly text: string;
  /** `agent.command` of config/ralph.yaml. */
  readonly command: readonly string[];
}

/** The configuration of one program: the tools, and for OpenCode and Qwen Code the metered model server of the session, too. */
export function agentConfig(name: AgentName, server: ToolServer): AgentConfig {
  const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;
  const { command, args } = server;
  switch (name) {
    case 'claude':
      return {
        file: '.mcp.json',
        // biome-ignore lint/suspicious/noTemplateCurlyInString: Claude Code fills it in
        text: json({ mcpServers: { ralph: { command, args, env: { RALPH_TOOLS: '${RALPH_TOOLS:-}' } } } }),
        command: ['claude', '-p', '--mcp-config', '{mcp}', '--allowedTools', 'mcp__ralph'],
      };
    case 'codex':
      return {
        file: '.codex/config.toml',
        text: [
          '[mcp_servers.ralph]',
          `command = ${JSON.stringify(command)}`,
          `args = ${JSON.stringify(args)}`,
          'env_vars = ["RALPH_TOOLS"]',
          'tool_timeout_sec = 1800',
          '',
        ].join('\n'),
        command: ['codex', 'exec', '--skip-git-repo-check', '-'],
      };
    case 'opencode':
      return {
        file: 'opencode.json',
        text: json({
          $schema: 'https://opencode.ai/config.json',
          mcp: { ralph: { type: 'local', command: [command, ...args], enabled: true, timeout: 1_800_000 } },
          provider: {
            ralph: {
              npm: '@ai-sdk/openai-compatible',
              options: { baseURL: '{env:OPENAI_BASE_URL}', apiKey: '{env:OPENAI_API_KEY}' },
            },
          },
        }),
        command: ['sh', '-c', 'opencode run "$(cat)"'],
      };
    case 'qwen':
      return {
        file: '.qwen/settings.json',
        text: json({
          mcpServers: {
            ralph: { command, args, env: { RALPH_TOOLS: '$RALPH_TOOLS' }, timeout: 1_800_000, trust: true },
          },
        }),
        command: ['qwen', '--yolo'],
      };
  }
}
