import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { RunEvent } from '../../../src/journal/events.ts';
import { canonicalOf, differing } from '../../../src/lab/playback/canonical.ts';
import { LeftTheRecording, Score } from '../../../src/lab/playback/score.ts';
import { configWith, makeProject, type Project, serve } from '../../../src/lab/project.ts';
import { scriptedResearcher } from '../../../src/lab/scripted/researcher.ts';

let project: Project;
before(async () => {
  project = await makeProject({ databaseStays: true });
});
after(() => project.remove());

async function replay(tag: string) {
  const run = await project.ralph(['replay', tag, '--json']);
  return { exitCode: run.exitCode, ...JSON.parse(String(run.stdout)), said: String(run.all) };
}

test('a run with faults, a kill, a hint and an edited program comes out the same, and leaves everything alone', async (t) => {
  const server = await serve(t, scriptedResearcher(3), 0.3);
  const args = (cycles: number) => [
    'run',
    '--tag',
    'once',
    '--seed',
    '3',
    '--cycles',
    String(cycles),
    '--config',
    'config/test',
  ];
  const env = { RALPH_BASE_URL: server.baseUrl };
  await project.ralph(args(1), env);
  mkdirSync(join(project.dir, 'prompts', 'hints'), { recursive: true });
  const expires = new Date(Date.now() + 3_600_000).toISOString();
  writeFileSync(join(project.dir, 'prompts', 'hints', 'calm.md'), `---\nexpires: "${expires}"\n---\nTrade less.\n`);
  const program = join(project.dir, 'prompts', 'program.md');
  writeFileSync(program, `${readFileSync(program, 'utf8')}\nRather slow than fast.\n`);
  const killed = await project.ralph(args(3), { ...env, RALPH_FAILPOINT: 'loop.evaluate.before:2' });
  assert.equal(killed.signal, 'SIGKILL', String(killed.all));
  const again = await project.ralph(args(3), env);
  assert.equal(again.exitCode, 0, String(again.all));
  writeFileSync(program, 'Something else by now.\n');
  const journal = readFileSync(join(project.dir, 'runs', 'once', 'journal.jsonl'), 'utf8');

  const played = await replay('once');
  assert.deepEqual([played.exitCode, played.same, played.cycles, played.difference], [0, true, 3, null], played.said);
  assert.equal(played.played, played.events);
  assert.equal(readFileSync(join(project.dir, 'runs', 'once', 'journal.jsonl'), 'utf8'), journal);
  assert.equal(readFileSync(program, 'utf8'), 'Something else by now.\n');
  const types = new Set(project.events('once').map(({ type }) => type));
  for (const type of ['hint.taken', 'program.changed', 'run.resumed'] as const) assert.ok(types.has(type), type);
});

test('what the model did not say then is a difference, named by event and field, and exit 1', async () => {
  const path = join(project.dir, 'runs', 'once', 'cycles', '0002', 'transcript.jsonl');
  const recorded = readFileSync(path, 'utf8');
  writeFileSync(path, recorded.replaceAll('carries an edge', 'carries no edge'));
  const played = await replay('once');
  writeFileSync(path, recorded);
  assert.equal(played.exitCode, 1);
  assert.equal(played.same, false);
  assert.deepEqual([played.difference.cycle, played.difference.recorded.type], [2, 'hypothesis.registered']);
  assert.deepEqual(played.difference.fields, ['hypothesis']);
});

test('two sessions at once play again in the recorded order', async (t) => {
  const server = await serve(t, scriptedResearcher(4), 0.1);
  const config = configWith(project, 'two', 'ralph.yaml', (ralph) =>
    ralph.replace(/^islands: .*$/m, 'islands: { count: 2, migrateEvery: 3 }'),
  );
  const run = await project.ralph(['run', '--tag', 'two', '--cycles', '4', ...config], {
    RALPH_BASE_URL: server.baseUrl,
  });
  assert.equal(run.exitCode, 0, String(run.all));
  const played = await replay('two');
  assert.deepEqual([played.exitCode, played.same, played.difference], [0, true, null], played.said);
  assert.ok(played.cycles >= 4);
});

test('the digest that a cycle saw is built again from the journal, byte for byte', async () => {
  const digest = async (tag: string, ...args: string[]) => {
    const run = await project.ralph(['digest', '--tag', tag, ...args]);
    assert.equal(run.exitCode, 0, String(run.all));
    return String(run.stdout);
  };
  for (const [tag, cycles] of [
    ['once', [1, 3]],
    ['two', [4]],
  ] as const) {
    for (const cycle of cycles) {
      const seen = await digest(tag, '--cycle', String(cycle));
      assert.ok(seen.startsWith('## State'), seen.slice(0, 200));
      assert.equal(await digest(tag, '--cycle', String(cycle), '--rebuild'), seen);
    }
  }
});

test('a baseline without a model plays again', async () => {
  const run = await project.ralph([
    'run',
    '--tag',
    'lots',
    '--cycles',
    '2',
    '--proposer',
    'random',
    '--config',
    'config/test',
  ]);
  assert.equal(run.exitCode, 0, String(run.all));
  const played = await replay('lots');
  assert.deepEqual([played.exitCode, played.same, played.cycles], [0, true, 2], played.said);
});

const event = (seq: number, rest: object) => ({ seq, at: seq, prev: 'x', ...rest }) as RunEvent;
const verdict = (seq: number, cycle: number) => event(seq, { type: 'verdict.given', cycle, outcome: 'discard' });
const lesson = (seq: number, cycle: number, text: string) => event(seq, { type: 'lesson.noted', cycle, text });

test('the canonical form leaves out times, places and the line, and nothing that was decided or found', () => {
  const finished = { type: 'trial.finished', cycle: 1, trial: '0001-1', seconds: 3, score: 1.5 };
  const form = (rest: object) => canonicalOf(event(1, rest));
  assert.deepEqual(differing(form(finished)!, form({ ...finished, seconds: 9 })!), []);
  assert.deepEqual(differing(form(finished)!, form({ ...finished, score: 1.25 })!), ['score']);
  const ended = {
    type: 'session.ended',
    cycle: 1,
    reason: 'finished',
    turns: 4,
    classes: { OK_CALLS: 4, SERVER_DOWN: 2 },
  };
  assert.deepEqual(differing(form(ended)!, form({ ...ended, seconds: 7, classes: { OK_CALLS: 4 } })!), []);
  assert.deepEqual(differing(form(ended)!, form({ ...ended, turns: 5 })!), ['turns']);
  assert.equal(form({ type: 'fault.occurred', class: 'model_down' }), null);
});

test('a score ends before the first cycle without a verdict, keeps the order, and stops everybody at a difference', async () => {
  const score = new Score([
    lesson(1, 1, 'a'),
    lesson(2, 2, 'b'),
    verdict(3, 1),
    verdict(4, 2),
    lesson(5, 3, 'open'),
    verdict(6, 4),
  ]);
  assert.equal(score.length, 4);
  const order: number[] = [];
  const second = score.turnOf(2).then(() => order.push(2));
  const first = score.turnOf(1).then(() => order.push(1));
  await first;
  assert.deepEqual(order, [1]);
  score.heard(lesson(70, 1, 'a'));
  await second;
  const waits = assert.rejects(score.turnOf(1), LeftTheRecording);
  assert.throws(() => score.heard(lesson(71, 2, 'otherwise')), LeftTheRecording);
  await waits;
  assert.deepEqual([score.difference?.seq, score.difference?.fields], [2, ['text']]);
});
