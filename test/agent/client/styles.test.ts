import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findModel, identify } from '../../../src/agent/client/identify.ts';
import { startModelServer } from '../../../src/lab/server/serve.ts';
import { STYLES, type StyleName } from '../../../src/lab/server/styles.ts';
import { BRAIN, hold, SOURCE, type SpecChange } from '../fixtures/desk.ts';

const NAMES = Object.keys(STYLES) as StyleName[];
const keyOf = (style: StyleName) => ({ litellm: 'sk-litellm' })[style as 'litellm'] ?? 'secret-key-123';

/** A session of this server; one that never ends its streams, or sends none, makes each turn wait for the limit. */
const heldBy = (style: StyleName, window: number, change: SpecChange = {}) =>
  hold(
    { quirks: { style, window } },
    {
      endpoint: { model: 'scripted', apiKey: keyOf(style) },
      limits: style === 'gateway' || style === 'buffering' ? { idleMs: 400 } : {},
      ...change,
    },
  );
const held = new Map<StyleName, ReturnType<typeof hold>>();
/** The one session of each server that has room for everything. */
function roomy(style: StyleName): ReturnType<typeof hold> {
  const session = held.get(style) ?? heldBy(style, 32_768);
  held.set(style, session);
  return session;
}

for (const style of NAMES)
  test(`a session on a server in the style of ${style} does its work`, async () => {
    const { end, files, refused } = await roomy(style);
    assert.equal(end.reason, 'finished', `${end.detail} ${JSON.stringify(end)}`);
    assert.equal(files.get('a.ts'), SOURCE);
    assert.deepEqual(refused, [], 'no history that a template would refuse');
    assert.equal(end.classes.SERVER_DOWN, undefined, 'no answer of this server is a fault of it');
  });

for (const style of NAMES.filter((name) => name !== 'buffering' && name !== 'ollama'))
  test(`what does not fit the window of ${style} shrinks the request and is no fault of the server`, async () => {
    // An answer of 2,048 tokens is asked for, and 2,300 do not hold it together with the prompt. Two servers have two ways of saying so, and
    // the scripted one chooses by the length.
    const twoWays = style === 'llama.cpp' || style === 'lm-studio';
    for (const note of twoWays ? ['Be quick.', 'Be quick!!!!!'] : ['Be quick.']) {
      const { end, files } = await heldBy(style, 2300, {
        task: `Write a.ts, check it, then finish. ${note}`,
        capabilities: { model: 'scripted', window: 16_000, tokenize: false },
      });
      assert.ok((end.classes.OVERFLOW ?? 0) > 0, JSON.stringify(end.classes));
      assert.equal(end.classes.SERVER_DOWN, undefined, JSON.stringify(end.classes));
      assert.equal(end.reason, 'finished', end.detail);
      assert.equal(files.get('a.ts'), SOURCE);
    }
  });

test('a prompt that was cut without a word is named, and its answer dropped', async () => {
  const long = Array.from({ length: 3000 }, (_, i) => `${i}: nothing`).join('\n');
  const { end, entries, calls } = await heldBy('ollama', 4096, {
    task: `${long}\nWrite a.ts, check it, then finish.`,
    capabilities: { model: 'scripted', window: 16_000, tokenize: false },
  });
  assert.match(JSON.stringify(entries), /the server read 2051 of about \d+ tokens and said nothing/);
  assert.equal(end.reason, 'server_refused');
  assert.match(end.detail, /the brief needs \d+ tokens, the window holds \d+/);
  assert.deepEqual(calls, [], 'nothing of an answer to half a prompt was run');
});

test('parameters that were refused by name are left out for good, and told to the sessions after it', async () => {
  const bodies = async (style: StyleName) => {
    const { entries } = await roomy(style);
    const requests = entries.flatMap(({ kind, data }) =>
      kind === 'request' ? [(data as { settings: Record<string, unknown> }).settings] : [],
    );
    const learned = entries.flatMap(
      ({ data }) => (data as { learned?: { refuses?: string[] } }).learned?.refuses ?? [],
    );
    return { last: requests.at(-1) ?? {}, learned, count: requests.length };
  };
  const lite = await bodies('litellm');
  assert.ok(!('top_k' in lite.last) && !('chat_template_kwargs' in lite.last) && 'tool_choice' in lite.last);
  assert.ok(lite.learned.includes('top_k') && lite.learned.includes('chat_template_kwargs'));
  const router = await bodies('openrouter');
  assert.ok(!('max_tokens' in router.last) && Number(router.last.max_completion_tokens) > 0 && 'top_k' in router.last);
  const gateway = await bodies('gateway');
  assert.ok(!('tool_choice' in gateway.last) && !('stream_options' in gateway.last) && 'top_k' in gateway.last);
});

test('streams that never arrive are learnt once and left off', async () => {
  const { entries } = await roomy('buffering');
  const streams = entries.flatMap(({ kind, data }) =>
    kind === 'request' ? [(data as { settings: { stream: boolean } }).settings.stream] : [],
  );
  assert.equal(streams.slice(-1)[0], false);
  assert.ok(streams.filter(Boolean).length <= 4, streams.join());
  assert.ok(entries.some(({ data }) => (data as { learned?: { stream?: boolean } }).learned?.stream === false));
});

test('every server is recognised, with its real window, and no embedding model is picked', async () => {
  for (const style of NAMES) {
    const server = await startModelServer({ brain: BRAIN, seed: 3, quirks: { style, window: 8192 } });
    const named = style === 'gateway' || style === 'buffering';
    const endpoint = { baseUrl: server.baseUrl, model: named ? 'scripted' : '', apiKey: keyOf(style) };
    const model = await findModel(endpoint);
    const found = await identify(endpoint, model);
    await server.close();
    assert.equal(model.id, 'scripted', style);
    const unknown = ['openrouter', 'gateway', 'buffering'].includes(style);
    assert.equal(found.kind, unknown ? 'other' : style, style);
    const window = style === 'litellm' || named ? null : 8192;
    assert.equal(found.window, window, style);
  }
});

test('without a list of models, the remedy is to name one', async () => {
  const endpoint = { baseUrl: 'http://127.0.0.1:9/v1', model: '', apiKey: '' };
  const { end } = await heldBy('gateway', 32_768, { endpoint, limits: { patienceMs: 20 } });
  assert.equal(end.reason, 'server_down');
  const server = await startModelServer({ brain: BRAIN, seed: 3, quirks: { style: 'gateway' } });
  await assert.rejects(findModel({ baseUrl: server.baseUrl, model: '', apiKey: '' }), /404.*nginx/);
  await server.close();
});
