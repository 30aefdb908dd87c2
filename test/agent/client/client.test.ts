import assert from 'node:assert/strict';
import { test } from 'node:test';
import { APIError } from 'openai';
import { Accumulator, type LooseChunk } from '../../../src/agent/client/accumulate.ts';
import { errorIn, errorInText } from '../../../src/agent/client/error-body.ts';
import { faultOf } from '../../../src/agent/client/fault.ts';
import { LoopWatch } from '../../../src/agent/client/loop-watch.ts';
import { overflowOf } from '../../../src/agent/client/overflow.ts';
import { refusedParameters, withoutParameters } from '../../../src/agent/session/request.ts';

const calls = (...pieces: object[]) => {
  const answer = new Accumulator();
  for (const piece of pieces) answer.add({ choices: [{ delta: { tool_calls: [piece] } }] } as LooseChunk);
  return answer.calls.map(({ name, arguments: text }) => [name, text]);
};
const piece = (index: number | undefined, id: string | undefined, name: string | undefined, text: string) => ({
  index,
  id,
  function: { name, arguments: text },
});

test('pieces of calls find their call, however they are numbered', () => {
  const two = [
    ['a', '{"x":1}'],
    ['b', '{"y":2}'],
  ];
  assert.deepEqual(
    calls(
      piece(0, 'i', 'a', ''),
      piece(0, undefined, undefined, '{"x":1}'),
      piece(1, 'j', 'b', ''),
      piece(1, undefined, undefined, '{"y":2}'),
    ),
    two,
  );
  assert.deepEqual(
    calls(piece(0, 'i', 'a', '{"x":1}'), piece(0, 'j', 'b', '{"y":'), piece(0, undefined, undefined, '2}')),
    two,
    'one index for both',
  );
  assert.deepEqual(
    calls(piece(0, 'i', 'a', '{"x":1}'), piece(0, undefined, 'b', '{"y":2}')),
    two,
    'no id, but a name after a complete call',
  );
  assert.deepEqual(
    calls(
      piece(undefined, 'i', 'a', '{"x"'),
      piece(undefined, undefined, undefined, ':1}'),
      piece(undefined, 'j', 'b', '{"y":2}'),
    ),
    two,
    'no index',
  );
  assert.deepEqual(
    calls(piece(0, 'i', 'a', '{"x"'), piece(0, 'i', 'a', ':1}')),
    [two[0]],
    'id and name on every piece',
  );
  assert.deepEqual(
    calls(
      piece(0, 'i', 'a', '{"x":'),
      piece(1, 'j', 'b', '{"y":'),
      piece(0, undefined, undefined, '1}'),
      piece(1, undefined, undefined, '2}'),
    ),
    two,
    'interleaved',
  );
  assert.deepEqual(
    calls(piece(0, 'i', 'a', '{}'), piece(1, 'j', 'a', '{}')),
    [
      ['a', '{}'],
      ['a', '{}'],
    ],
    'the same tool twice',
  );
});

test('chunks with nothing, nulls or only usage are taken as they are', () => {
  const answer = new Accumulator();
  for (const chunk of [
    {},
    { choices: null },
    { choices: [] },
    { choices: [null] },
    { choices: [{ delta: null }] },
    { choices: [{ delta: { content: null, tool_calls: [null] } }] },
    { choices: [], usage: { completion_tokens: 3 } },
  ])
    answer.add(chunk);
  assert.deepEqual([answer.content, answer.calls, answer.finish, answer.usage?.completion], ['', [], null, 3]);
  answer.add({ choices: [{ delta: { reasoning_content: 'r', content: 'c' }, finish_reason: 'stop' }] });
  assert.deepEqual([answer.reasoning, answer.content, answer.finish], ['r', 'c', 'stop']);
});

test('every wording of an overflow is read', () => {
  const cases: Record<string, [window: number | null, prompt: number | null, ...('lower bound' | 'prompt alone')[]]> = {
    "This model's maximum context length is 16384 tokens. However, you requested 122946 tokens (112946 in the messages, 10000 in the completion). Please reduce the length of the messages or completion.":
      [16384, 112946, 'prompt alone'],
    "'max_tokens' or 'max_completion_tokens' is too large: 1000. This model's maximum context length is 1000 tokens and your request has 203 input tokens (1000 > 1000 - 203).":
      [1000, 203],
    "This model's maximum context length is 200 tokens. However, your request has 203 input tokens. Please reduce the length of the input messages.":
      [200, 203, 'prompt alone'],
    "This model's maximum context length is 32768 tokens. However, you requested 32000 output tokens and your prompt contains at least 769 input tokens, for a total of at least 32769 tokens. (parameter=input_tokens, value=769)":
      [32768, 769, 'lower bound'],
    "This model's maximum context length is 100 tokens. However, you requested 0 output tokens and your prompt contains at least 101 input tokens, for a total of at least 101 tokens.":
      [100, 101, 'lower bound', 'prompt alone'],
    "The input (5000 tokens) is longer than the model's context length (4096 tokens).": [4096, 5000, 'prompt alone'],
    'the request exceeds the available context size (4096 tokens), try increasing it': [4096, null],
    'Input length (33000 tokens) exceeds the maximum allowed length (32768 tokens).': [32768, 33000, 'prompt alone'],
    '`inputs` tokens + `max_new_tokens` must be <= 4096. Given: 3000 `inputs` tokens and 2000 `max_new_tokens`': [
      4096, 3000,
    ],
    'Prompt contains 40000 tokens and 0 draft tokens, too large for model with 32768 maximum context length': [
      32768,
      40000,
      'prompt alone',
    ],
    'prompt is too long: 210000 tokens > 200000 maximum': [200000, 210000, 'prompt alone'],
    'Context window exceeded: 9000 > 8192': [8192, 9000, 'prompt alone'],
    "This model's maximum prompt length is 131072 but the request contains 150000 tokens.": [
      131072,
      150000,
      'prompt alone',
    ],
    'Input tokens exceed the configured limit of 272000 tokens.': [272000, null],
    'max_tokens must be at least 1, got -769.': [null, null],
    "You passed 9000 input tokens and requested 2048 output tokens. However, the model's context length is only 8192 tokens, resulting in a maximum input length of 6144 tokens. Please reduce the length of the input prompt.":
      [8192, 9000, 'prompt alone'],
    'max_tokens=9000cannot be greater than max_model_len=max_total_tokens=8192. Please request fewer output tokens.': [
      8192,
      null,
    ],
    'request (9000 tokens) exceeds the available context size (8192 tokens), try increasing it': [
      8192,
      9000,
      'prompt alone',
    ],
    'Context size has been exceeded.': [null, null],
    "litellm.ContextWindowExceededError: litellm.BadRequestError: This model's maximum context length is 8192 tokens. However, you requested 11048 tokens (9000 in the messages, 2048 in the completion).":
      [8192, 9000, 'prompt alone'],
    ContextWindowExceededError: [null, null],
    'Trying to keep the first 9000 tokens when context the overflows. However, the model is loaded with context length of only 4096 tokens, which is not enough.':
      [4096, 9000, 'prompt alone'],
    "This endpoint's maximum context length is 32768 tokens. However, you requested about 42000 tokens (32000 of text input, 10000 in the output).":
      [32768, 32000],
    context_length_exceeded: [null, null],
  };
  for (const [message, [window, prompt, ...more]] of Object.entries(cases)) {
    const [lowerBound, promptAlone] = [more.includes('lower bound'), more.includes('prompt alone')];
    assert.deepEqual(overflowOf(message), { window, prompt, lowerBound, promptAlone }, message);
  }
  for (const other of [
    'System message must be at the beginning.',
    'rate limit exceeded: tokens per minute 30000, requested 45000',
    'logprobs exceed maximum length of 5',
    'image exceeds the maximum size',
    'max_tokens must be at least 1, got 0.',
  ])
    assert.equal(overflowOf(other), undefined, other);
});

test('a fault is sorted by what can be done about it', () => {
  const http = (status: number | undefined, message: string) =>
    faultOf(new APIError(status, { message }, undefined, new Headers()), status === undefined).kind;
  assert.equal(http(400, 'System message must be at the beginning.'), 'template');
  assert.equal(http(400, 'Unknown format: uri'), 'schema');
  assert.equal(http(400, 'Extra inputs are not permitted'), 'extras');
  assert.equal(http(400, 'something never seen before'), 'refused');
  assert.equal(http(401, 'no'), 'fatal');
  assert.equal(http(429, 'slow down'), 'busy');
  assert.equal(http(500, 'Context size has been exceeded.'), 'overflow');
  assert.equal(http(undefined, 'Reached context length of 4096 tokens'), 'overflow');
  assert.equal(http(500, 'Jinja Exception: System message must be at the beginning.'), 'template');
  assert.equal(http(400, "litellm.UnsupportedParamsError: openai does not support parameters: ['top_k']"), 'extras');
  assert.equal(http(503, ''), 'down');
  assert.equal(http(500, 'IndexError: list index out of range'), 'internal');
  assert.equal(http(500, 'EngineCore encountered an issue'), 'down');
  assert.equal(http(undefined, 'EngineCore encountered an issue'), 'stream');
  assert.equal(
    faultOf(new TypeError('fetch failed', { cause: new Error('connect ECONNREFUSED 127.0.0.1:9') }), false).kind,
    'down',
  );
  assert.equal(faultOf(new TypeError('terminated'), true).kind, 'stream');
});

test('an error is read in whatever shape it comes', () => {
  const said = (value: unknown) => errorInText(typeof value === 'string' ? value : JSON.stringify(value)).message;
  assert.equal(said({ error: { message: 'nested', code: 400 } }), 'nested');
  assert.equal(said({ error: 'a text' }), 'a text');
  assert.equal(said({ object: 'error', message: 'flat', type: 'BadRequest', code: 400 }), 'flat');
  assert.equal(said({ detail: 'of FastAPI' }), 'of FastAPI');
  assert.equal(said({ detail: [{ loc: ['body', 'top_k'], msg: 'Extra inputs' }] }), 'body.top_k: Extra inputs');
  assert.equal(said({ message: 'message alone' }), 'message alone');
  assert.equal(said('"a JSON text"'), 'a JSON text');
  assert.equal(said('plain words'), 'plain words');
  assert.equal(
    said('<html><head><style>b{}</style></head><body><h1>502 Bad Gateway</h1> nginx</body></html>'),
    '502 Bad Gateway nginx',
  );
  assert.equal(errorIn({ choices: [], detail: 'no error' }), null);
  assert.equal(errorIn({ error: null, choices: [] }), null);
});

test('parameters that a refusal names are found, and the cap keeps its other name', () => {
  const body = { top_k: 1, max_tokens: 9, seed: 1, stream: true, stream_options: {} };
  assert.deepEqual(refusedParameters("['top_k'] is not supported", body), ['top_k']);
  assert.deepEqual(refusedParameters('unknown field stream_options', body), ['stream_options']);
  assert.deepEqual(refusedParameters('max_tokens is too large', body), []);
  const renamed = refusedParameters("'max_tokens' is not supported. Use 'max_completion_tokens' instead.", body);
  assert.deepEqual(withoutParameters(body, [...renamed, 'seed']), {
    top_k: 1,
    max_completion_tokens: 9,
    stream: true,
    stream_options: {},
  });
});

test('loops are seen early, and what merely looks alike is not', () => {
  const firstSeen = (text: string, prose = true) => {
    const watch = new LoopWatch();
    for (let end = 1; end <= text.length; end += 7) if (watch.look(text.slice(0, end), prose)) return end;
    return null;
  };
  for (const loop of [
    '!'.repeat(5000),
    '\n  \n'.repeat(2000),
    'Wait, let me check again. '.repeat(200),
    Array.from({ length: 400 }, (_, i) => `Wait, let me look at step ${i} once more.`).join(' '),
  ]) {
    const seen = firstSeen(loop);
    assert.ok(seen !== null && seen < loop.length / 2, loop.slice(0, 30));
  }
  const code = Array.from(
    { length: 80 },
    (_, i) => `  { name: 'p${i}', low: ${(i * 3) % 17}, high: ${(i * 7) % 31} },`,
  ).join('\n');
  for (const fine of [
    code,
    `${'-'.repeat(200)}\n${'='.repeat(200)}`,
    ' '.repeat(200),
    '0, '.repeat(150),
    '|---|---|---|\n'.repeat(20),
  ])
    assert.equal(firstSeen(fine, fine !== code), null, fine.slice(0, 30));
});
