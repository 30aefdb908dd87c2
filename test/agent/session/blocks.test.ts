import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BlocksStep, Drive, TranscriptEntry } from '../../../src/agent/contract.ts';
import type { Brain } from '../../../src/lab/server/brain.ts';
import { hold, type SpecChange } from '../fixtures/desk.ts';

const SYSTEM = 'You answer with one block.';
/** Answers in text alone, whatever it is offered. */
const MUTE: Brain = ({ messages, settings }) => ({
  content: `\`\`\`ts\nseed ${settings.seed}: ${messages.at(-1)?.content}\n\`\`\``,
  calls: [],
});

/** Asks twice, runs a tool with the second answer, ends. */
function driver(): { drive: Drive; answers: (string | null)[] } {
  const answers: (string | null)[] = [];
  const drive: Drive = async (answer): Promise<BlocksStep> => {
    answers.push(answer);
    const n = answers.length;
    const ran = n === 3 ? [{ name: 'finish', args: { summary: 'done' }, ok: true, content: 'Finished.' }] : [];
    return { ran, remark: null, ask: n < 3 ? `Request ${n}` : null, attempt: n - 1, answerTokens: 1200 };
  };
  return { drive, answers };
}

async function play(brain: Brain, change: SpecChange, faults?: { rate: number }) {
  const { drive, answers } = driver();
  return { answers, ...(await hold({ brain, faults }, { blocksSystem: SYSTEM, ...change }, { drive })) };
}

const requests = (entries: readonly TranscriptEntry[]) =>
  entries.flatMap(({ kind, data }) =>
    kind === 'request' ? [data as { added: { role: string; content: string }[] }] : [],
  );

test('on the blocks wire every request is the system text and one message, without tools and without earlier answers', async () => {
  const { end, answers, entries, refused } = await play(MUTE, { wire: 'blocks' });
  assert.equal(end.reason, 'finished', end.detail);
  assert.equal(end.wire, 'blocks');
  assert.equal(end.toolCalls, 1);
  assert.deepEqual(
    answers.slice(1).map((answer) => /Request \d/.exec(String(answer))?.[0]),
    ['Request 1', 'Request 2'],
  );
  assert.deepEqual(
    requests(entries).map(({ added }) => added.map(({ content }) => content)),
    [[SYSTEM, 'Request 1'], ['Request 2']],
  );
  assert.deepEqual(refused, []);
});

test('a session whose calls do not come goes on in blocks and is not lost', async () => {
  const { end, entries } = await play(MUTE, {});
  assert.equal(end.reason, 'finished', end.detail);
  assert.equal(end.wire, 'blocks');
  assert.equal(end.recoveries?.blocks, 1);
  assert.ok(requests(entries).length < 10, String(requests(entries).length));
});

test('without a driver a session without calls gives up as before', async () => {
  const { end } = await play(MUTE, { blocksSystem: undefined });
  assert.equal(end.reason, 'gave_up');
  assert.equal(end.wire, 'tools');
});

test('faults of the server are ridden out on the blocks wire', async () => {
  for (let i = 0; i < 10; i++) {
    const { end } = await play(MUTE, { wire: 'blocks' }, { rate: 0.2 });
    assert.equal(end.reason, 'finished', end.detail);
  }
});
