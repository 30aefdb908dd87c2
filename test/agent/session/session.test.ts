import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Completion } from '../../../src/agent/client/completion.ts';
import type { TranscriptEntry } from '../../../src/agent/contract.ts';
import { runSession } from '../../../src/agent/session/session.ts';
import { entriesOf, replayOf } from '../../../src/lab/playback/answers.ts';
import type { Brain } from '../../../src/lab/server/brain.ts';
import { startModelServer } from '../../../src/lab/server/serve.ts';
import { BRAIN, hold, lend, SOURCE, specFor } from '../fixtures/desk.ts';

test('a fault in every third turn does not keep a session from finishing', async () => {
  const server = await startModelServer({ brain: BRAIN, seed: 3, faults: { rate: 0.33 } });
  for (let i = 0; i < 20; i++) {
    const box = lend();
    const end = await runSession(specFor(server.baseUrl, { task: `Task ${i}: write a.ts, check it, finish.` }), box);
    assert.equal(end.reason, 'finished', end.detail);
    assert.equal(box.files.get('a.ts'), SOURCE);
  }
  await server.close();
  assert.ok(Object.keys(server.stats().faults).length > 1);
  assert.deepEqual(server.stats().refused, []);
});

test('a recorded transcript, damage included, plays again as a model', async () => {
  const kinds = ['F02', 'F19', 'F22', 'F24', 'F31'];
  const first = await hold({ seed: 9, faults: { rate: 0.5, kinds } });
  const jsonl = `${first.entries.map((entry) => JSON.stringify(entry)).join('\n')}\n{"at": 1, "ki`;
  const again = await hold({ seed: 9, brain: replayOf(entriesOf(jsonl)) });
  assert.equal(first.end.reason, 'finished');
  assert.ok(Object.keys(first.end.classes).length > 2, JSON.stringify(first.end.classes));
  assert.deepEqual(again.end.classes, first.end.classes);
  assert.deepEqual(again.calls, first.calls);
  assert.equal(again.end.reason, 'finished');
});

test('a replay judges and counts an answer as it was recorded: in one piece, uncounted, after a full window', async () => {
  const first = await hold({ seed: 9 });
  const turn = first.entries.findIndex(({ kind }) => kind === 'turn');
  const { answer } = first.entries[turn].data as { answer: Completion };
  const spoilt = (over: Partial<Completion>) => [
    { at: 1, kind: 'request', data: { ...(first.entries[turn - 1].data as object), promptTokens: 1000 } },
    { at: 1, kind: 'turn', data: { n: 1, answer: { ...answer, reasoning: '', calls: [], usage: null, ...over } } },
  ];
  // Nobody counted their tokens. The first came in one piece, where nobody looks for loops; the second is one that was cut.
  const unwatched = spoilt({ content: '\n'.repeat(5000), finish: 'length', streamed: false });
  const cut = spoilt({ content: '\n'.repeat(300), finish: null, loop: 'round in circles' });
  const again = await hold({
    seed: 9,
    brain: replayOf([...unwatched, ...cut, ...first.entries.slice(turn - 1)] as TranscriptEntry[]),
  });
  const classes = again.entries.flatMap(({ kind, data }) =>
    kind === 'turn' ? [(data as { class: string }).class] : [],
  );
  assert.deepEqual(classes.slice(0, 2), ['TRUNCATED', 'REPEAT']);
  assert.equal(again.end.promptTokens, first.end.promptTokens + 2000);
  assert.equal(again.end.completionTokens, first.end.completionTokens + Math.ceil(5000 / 3.2) + Math.ceil(300 / 3.2));
});

test('a text that claims to be done is no success', async () => {
  const { end } = await hold({ brain: () => ({ content: 'I have finished the task. Done!', calls: [] }) });
  assert.equal(end.reason, 'gave_up');
  assert.ok(end.classes.OK_TEXT === 4 && end.turns === 4);
});

test('limits are checked before spending', async () => {
  let turns = 0;
  const restless: Brain = () => ({ calls: [{ name: 'read_note', args: { name: `n${turns++}` } }] });
  const run = async (limits: object) => (await hold({ brain: restless }, { limits })).end;
  const byTurns = await run({ turns: 7 });
  assert.deepEqual([byTurns.reason, byTurns.turns], ['turn_limit', 7]);
  const byTokens = await run({ tokens: 3000, turns: 100 });
  assert.equal(byTokens.reason, 'token_limit');
  const tokens = byTokens.promptTokens + byTokens.completionTokens;
  assert.ok(tokens <= 3000, `${tokens}`);
});

test('a long session fits a small window, keeps the task, and pays for it in whole steps', async () => {
  let asked = 0;
  const reader: Brain = ({ messages }) => {
    assert.match(messages.map(({ content }) => content).join('\n'), /Write a\.ts, check it, then finish\./);
    asked += 1;
    return asked > 24
      ? { calls: [{ name: 'finish', args: { summary: 'read' } }] }
      : { reasoning: 'more '.repeat(40), calls: [{ name: 'read_note', args: { name: `n${asked}` } }] };
  };
  const callTool = async (name: string, args: Readonly<Record<string, unknown>>) =>
    name === 'finish'
      ? { ok: true, content: 'bye', final: true }
      : { ok: true, content: `${args.name}: ${'long note '.repeat(300)}` };
  const quirks = { window: 8000, tokenize: true };
  const { end } = await hold({ brain: reader, quirks }, { limits: { contextTokens: 100_000 } }, { callTool });
  assert.equal(end.reason, 'finished', end.detail);
  assert.equal(end.classes.OVERFLOW, undefined, 'the window is known, so nothing overflows');
  assert.ok(end.prefixShare > 0.6, `${end.prefixShare}`);
});
