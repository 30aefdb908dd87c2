import { addAbortListener } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { say } from '../../base/draw/terminal.ts';
import { killGroup } from '../../base/kill.ts';
import { MODULE_ENDING } from '../../base/module-ending.ts';
import type { Note, RunSession, SessionEnd, SessionSpec } from '../contract.ts';
import { ABORTED } from '../session/surroundings.ts';
import { Tally } from '../session/tally.ts';
import { AGENTS, agentConfig, toolServer } from './configs.ts';
import { type Ending, ToolDesk } from './desk.ts';
import { listen } from './line-socket.ts';
import { startMeter } from './meter.ts';
import { hasBubblewrap, inBubblewrap } from './sandbox.ts';

/** After `finish` an agent may still say goodbye. */
const GOODBYE_MS = 2000;

/**
 * A session held by another agent program. It gets the prompt on stdin (and in `{prompt}`, a file), the tools as an MCP server
 * (`{mcp}` in the command is the path of its configuration) and as the command `ralph-tool`; a scratch folder, an environment
 * without secrets, and the same limits as the built-in session: calls, tokens as far as they pass OPENAI_BASE_URL, wall time.
 * `hidden`: folders that the sandbox keeps from it, beside the project's. Made once a run.
 */
export function externalSession(command: readonly string[], hidden: readonly string[] = []): RunSession {
  const confined = hasBubblewrap();
  if (!confined)
    say('bubblewrap (bwrap) is not usable here: the agent program can read what you can read; see src/agent/README.md');
  return async (spec, { callTool, onEntry, signal }) => {
    const tally = new Tally();
    const note: Note = (kind, data) => onEntry({ at: Date.now(), kind, data });
    const workspace = makeWorkspace(spec);
    let ended: Ending | undefined;
    let stop = () => {};
    const end = (ending: Ending) => {
      ended ??= ending;
      const polite = 'reason' in ending && ending.reason === 'finished';
      setTimeout(() => stop(), polite ? GOODBYE_MS : 0).unref();
    };
    const desk = new ToolDesk({ spec, callTool, tally, note, end });
    const server = await listen(desk, workspace.socket);
    const meter = await startMeter(spec, tally, () =>
      end({ reason: 'token_limit', detail: `${tally.tokens} of ${spec.limits.tokens} tokens used` }),
    );
    const { wallMs } = spec.limits;
    using _wall = setTimeout(() => end({ reason: 'wall_limit', detail: `${wallMs} ms used` }), wallMs);
    using _abort = addAbortListener(signal, () => end(ABORTED));
    note('request', { command, prompt: workspace.prompt.length, sandbox: confined ? 'bubblewrap' : 'none' });
    try {
      const agent = launch(command, workspace, meter.baseUrl, spec.endpoint.model, confined ? hidden : null);
      stop = () => killGroup(agent.pid);
      if (ended) stop();
      // Whatever the agent left running shares its group, and would hold its output open.
      agent.once('exit', stop);
      // A process that is killed with unread input resets the line.
      for (const stream of [agent, agent.stdin, agent.stdout, agent.stderr]) stream?.on('error', () => {});
      const exit = await agent;
      const [stdout, stderr] = [exit.stdout, exit.stderr].map((text = '') => text.trim().slice(-2000));
      note('note', { exitCode: exit.exitCode ?? null, signal: exit.signal ?? null, stdout, stderr });
      if (ended && 'thrown' in ended) throw ended.thrown;
      const last = (stderr || stdout).split('\n').at(-1)?.slice(0, 300) ?? '';
      const { reason, detail } = ended ?? {
        reason: 'gave_up',
        detail: `${command[0]} ended (${exit.signal ?? `exit code ${exit.exitCode}`}) without finish: ${last}`,
      };
      const result: SessionEnd = tally.end(reason, detail, []);
      note('end', result);
      return result;
    } finally {
      server.close();
      meter.close();
      workspace.remove();
    }
  };
}

function launch(
  command: readonly string[],
  workspace: ReturnType<typeof makeWorkspace>,
  baseUrl: string,
  model: string,
  hidden: readonly string[] | null,
) {
  const words = command.map((word) =>
    word.replaceAll('{mcp}', workspace.mcpConfig).replaceAll('{prompt}', workspace.promptFile),
  );
  const filled = hidden ? inBubblewrap(words, workspace.dir, hidden) : words;
  const { PATH = '/usr/bin:/bin', HOME, USER, LANG, TERM } = process.env;
  const kept = Object.fromEntries(
    Object.entries({ HOME, USER, LANG, TERM }).filter(([, value]) => value !== undefined),
  );
  return execa(process.execPath, [join(import.meta.dirname, `guard${MODULE_ENDING}`), ...filled], {
    cwd: workspace.dir,
    detached: true,
    ipc: true,
    reject: false,
    input: workspace.prompt,
    buffer: true,
    maxBuffer: 100_000_000,
    extendEnv: false,
    env: {
      ...kept,
      PATH: `${workspace.bin}:${PATH}`,
      RALPH_TOOLS: workspace.socket,
      // The sandbox keeps the home folder read-only.
      XDG_CACHE_HOME: join(workspace.dir, '.cache'),
      XDG_STATE_HOME: join(workspace.dir, '.state'),
      OPENAI_BASE_URL: baseUrl,
      OPENAI_API_KEY: 'held-by-the-harness',
      ...(model ? { OPENAI_MODEL: model } : {}),
    },
  });
}

/** Makes the folder that an external agent works in. Nothing in it is ever read by the harness. */
function makeWorkspace(spec: SessionSpec) {
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
    /** Goes first in the agent's PATH; `npx ralph-tool` finds it too. */
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
