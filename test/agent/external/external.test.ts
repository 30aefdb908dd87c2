import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TranscriptEntry } from '../../../src/agent/contract.ts';
import { externalSession } from '../../../src/agent/external/run.ts';
import { startModelServer } from '../../../src/lab/server/serve.ts';
import { BRAIN, specFor, toolbox } from '../fixtures/desk.ts';

const never = new AbortController().signal;
const fixture = (name: string) => join(import.meta.dirname, '../fixtures', name);
const MCP = [process.execPath, fixture('mcp-agent.ts'), '{mcp}'];

test('an agent program works over MCP, metered, without secrets, and is gone afterwards', async () => {
  process.env.WANDB_API_KEY ??= 'not-for-agents';
  const server = await startModelServer({ brain: BRAIN, seed: 1 });
  const box = toolbox();
  const entries: TranscriptEntry[] = [];
  const end = await externalSession(MCP)(specFor(server.baseUrl), {
    callTool: box.callTool,
    onEntry: (entry) => entries.push(entry),
    signal: never,
  });
  await server.close();
  assert.equal(end.reason, 'finished', end.detail);
  assert.equal(box.files.get('a.ts'), '4 tools, prompt of the task, told off');
  assert.deepEqual(end.classes, { OK_CALLS: 2, MALFORMED_ARGS: 1 });
  assert.ok(end.promptTokens > 0 && end.completionTokens > 0, 'tokens are booked');
  const environment = JSON.parse(end.detail) as string[];
  assert.ok(!environment.some((name) => /WANDB|DATABASE|RALPH_API_KEY/.test(name)), environment.join());
  assert.ok(!JSON.stringify(entries).includes('secret-key-123'));
});

test('a shell script works with the same tools as small commands', async () => {
  const box = toolbox();
  const end = await externalSession(['sh', fixture('shell-agent.sh')])(specFor('http://127.0.0.1:9/v1'), {
    callTool: box.callTool,
    onEntry: () => {},
    signal: never,
  });
  assert.equal(end.reason, 'finished', end.detail);
  assert.equal(end.detail, 'from a shell');
  assert.equal(box.files.get('a.ts'), 'let x = 1;\n');
  assert.deepEqual(box.calls, ['write_file', 'run_check', 'finish']);
});

test('the limits of a session hold for an agent program too', async () => {
  const run = async (limits: object, script: string, signal = never) => {
    const spec = specFor('http://127.0.0.1:9/v1');
    return externalSession(['sh', '-c', script])(
      { ...spec, limits: { ...spec.limits, ...limits } },
      { callTool: toolbox().callTool, onEntry: () => {}, signal },
    );
  };
  const [turns, wall, idle, circles, missing] = await Promise.all([
    run({ turns: 2 }, 'for i in 1 2 3 4; do ralph-tool read_note name=$i; done; sleep 60'),
    run({ wallMs: 400 }, 'sleep 60'),
    run({}, 'echo tired >&2; exit 3'),
    run({}, 'while ralph-tool read_note name=x; do :; done; sleep 60'),
    externalSession(['no-such-agent'])(specFor('http://127.0.0.1:9/v1'), {
      callTool: toolbox().callTool,
      onEntry: () => {},
      signal: never,
    }),
  ]);
  assert.equal(turns.reason, 'turn_limit');
  assert.equal(wall.reason, 'wall_limit');
  assert.equal(idle.reason, 'gave_up');
  assert.match(idle.detail, /exit code 3.*tired/);
  assert.equal(circles.reason, 'gave_up');
  assert.match(missing.detail, /cannot start no-such-agent/);
  const rude = await run(
    {},
    `"${process.execPath}" -e 'const s = require("net").connect(process.env.RALPH_TOOLS, () => { s.write("null\\n7\\n{oops\\n{}\\n"); setTimeout(() => process.exit(4), 100); })'`,
  );
  assert.match(rude.detail, /exit code 4/);
  const stop = new AbortController();
  setTimeout(() => stop.abort(), 300);
  assert.equal((await run({}, 'sleep 60', stop.signal)).reason, 'aborted');
});
