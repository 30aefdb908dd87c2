import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { AGENTS, agentConfig, toolServer } from '../agent/external/configs.ts';
import { print, printJson } from '../base/draw/terminal.ts';
import { RalphError, UsageError } from '../base/errors.ts';
import { nearest } from '../base/nearest.ts';
import type { Handler } from './table/table.ts';

/** Writes the configuration of one agent program into a folder. A file that is there with other content stays as it is. */
export const agentConfigVerb: Handler<'agent-config'> = async ({ json }, [asked, folder = '.']) => {
  const name = AGENTS.find((known) => known === asked);
  if (!name) {
    const near = nearest(asked, AGENTS);
    throw new UsageError(`no agent program "${asked}" is known${near ? `; did you mean "${near}"?` : ''}`, {
      remedy: `Name one of ${AGENTS.join(', ')}. Any other program takes {mcp} in agent.command of config/ralph.yaml.`,
    });
  }
  const { file, text, command } = agentConfig(name, toolServer());
  const path = resolve(join(folder, file));
  if (existsSync(path) && readFileSync(path, 'utf8') !== text)
    throw new RalphError(`${path} exists with other content`, { remedy: `Add this to it by hand:\n${text}` });
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  const agent = `agent: { command: ${JSON.stringify(command)} }`;
  if (json) printJson({ name, file: path, command });
  else print(`wrote ${path}\nin config/ralph.yaml:  ${agent}`);
};
