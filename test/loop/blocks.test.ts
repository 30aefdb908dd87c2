import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeProject, type Project, serve } from '../../src/lab/project.ts';
import { blocksModel } from '../../src/lab/scripted/blocks-model.ts';
import { type Recorded, recordedModel } from '../../src/lab/scripted/recorded.ts';
import type { Brain } from '../../src/lab/server/brain.ts';

/** Answers of Qwen2.5-Coder-1.5B to requests of the blocks wire, as they came: one JSON object a line. */
const answers = readFileSync(join(import.meta.dirname, '../agent/fixtures/real-model/answers.jsonl'), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Recorded);

let project: Project;
before(async () => {
  project = await makeProject({ databaseStays: true });
});
after(() => project.remove());

const CONFIG = ['--config', 'config/test'];

/** To the journal every token took its time: the next cycle takes the model for a slow one. */
const small: Brain = async (request) => {
  await sleep(300);
  return {
    ...(await blocksModel(request)),
    verbatim: { calls: [], finish: 'stop', completionTokens: 1, promptTokens: null },
  };
};

test('a model without tool calls gets a strategy to its backtest, and the journal reads as ever but for the name of the wire', async (t) => {
  const server = await serve(t, small);
  const run = await project.ralph(['run', '--tag', 'small', '--cycles', '2', ...CONFIG], {
    RALPH_BASE_URL: server.baseUrl,
  });
  assert.equal(run.exitCode, 0, String(run.all));
  const events = project.events('small');
  const started = events.find((event) => event.type === 'trial.started');
  assert.ok(started?.type === 'trial.started', String(run.all));
  const registered = events.find((event) => event.type === 'hypothesis.registered');
  assert.match(registered?.type === 'hypothesis.registered' ? registered.hypothesis : '', /Late buyers/);
  assert.match(started.hypothesis, /Late buyers/);
  const ended = events.find((event) => event.type === 'session.ended');
  assert.ok(ended?.type === 'session.ended');
  assert.equal(ended.reason, 'finished', ended.detail);
  assert.equal(ended.wire, 'blocks');
  const source = Object.keys(started.files).find((name) => name.endsWith('.ts')) ?? '';
  const kept = readFileSync(join(project.dir, 'runs/small/cycles/0001', source), 'utf8');
  assert.match(kept, /^import \{ .*defineStrategy.* \} from 'ralph\/strategy';/);
  const refused = readFileSync(join(project.dir, 'runs/small/cycles/0001/transcript.jsonl'), 'utf8');
  assert.match(refused, /ema takes \(/, 'the first file was refused');
  const slow = readFileSync(join(project.dir, 'runs/small/cycles/0002/transcript.jsonl'), 'utf8');
  assert.match(slow, /without its `decide`|changed `decide` alone/);
  assert.doesNotMatch(slow, /whole strategy as one/, 'a slow model is asked for the smallest step at once');
  const verified = await project.ralph(['verify', '--tag', 'small', '--json']);
  assert.equal((JSON.parse(String(verified.stdout)) as { ok: boolean }).ok, true);
});

test('recorded answers of a real model, most of them wrong, come to a backtest on the blocks wire', async (t) => {
  const server = await serve(t, recordedModel(answers));
  const run = await project.ralph(['run', '--tag', 'real', '--cycles', '2', ...CONFIG], {
    RALPH_BASE_URL: server.baseUrl,
  });
  const events = project.events('real');
  const ended = events.filter((event) => event.type === 'session.ended');
  assert.ok(ended.length > 0 && ended.every((event) => event.type === 'session.ended' && event.wire === 'blocks'));
  const cycles = new Set(events.flatMap((event) => (event.type === 'trial.started' ? [event.cycle] : [])));
  t.diagnostic(`${cycles.size} of 2 cycles reached a backtest with ${answers.length} recorded answers`);
  assert.ok(cycles.size >= 1, String(run.all));
});
