import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { makeProject, type Project, serve } from '../../src/lab/project.ts';
import type { Brain } from '../../src/lab/server/brain.ts';

/** Answers of Qwen2.5-Coder-1.5B to requests of the blocks wire, as they came: one JSON object a line. */
const answers = readFileSync(join(import.meta.dirname, '../agent/fixtures/real-model/answers.jsonl'), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as { ask: 'hypothesis' | 'strategy'; content: string });

const CYCLES = 2;

let project: Project;
before(async () => {
  project = await makeProject({ databaseStays: true });
});
after(() => project.remove());

/** Plays the recorded answers in order, each where one of its kind is asked for. */
function recorded(): Brain {
  const left = { hypothesis: 0, strategy: 0 };
  return ({ messages }) => {
    const asked = String(messages.at(-1)?.content ?? '');
    const kind = /```text block of two lines/.test(asked)
      ? 'hypothesis'
      : /one ```ts block/.test(asked)
        ? 'strategy'
        : null;
    if (kind === null) return { content: 'I call the tool now.', calls: [] };
    const own = answers.filter(({ ask }) => ask === kind);
    return { content: own[left[kind]++ % own.length].content, calls: [] };
  };
}

test('recorded answers of a real model, most of them wrong, come to a backtest on the blocks wire', async (t) => {
  const strategies = answers.filter(({ ask }) => ask === 'strategy').length;
  const server = await serve(t, recorded());
  const run = await project.ralph(['run', '--tag', 'real', '--cycles', String(CYCLES), '--config', 'config/test'], {
    RALPH_BASE_URL: server.baseUrl,
  });
  const events = project.events('real');
  const ended = events.filter((event) => event.type === 'session.ended');
  assert.ok(ended.length > 0 && ended.every((event) => event.type === 'session.ended' && event.wire === 'blocks'));
  const cycles = new Set(events.flatMap((event) => (event.type === 'trial.started' ? [event.cycle] : [])));
  t.diagnostic(`${cycles.size} of ${CYCLES} cycles reached a backtest with ${strategies} recorded strategies`);
  assert.ok(cycles.size >= 1, String(run.all));
});
