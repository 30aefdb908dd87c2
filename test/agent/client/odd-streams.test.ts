import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { describe, test } from 'node:test';
import { SOURCE } from '../fixtures/desk.ts';
import { type Answer, against, call, delta, events, json } from '../fixtures/odd-server.ts';

const FINISH = call('finish', '{"summary":"s"}');
const FILE = JSON.stringify({ path: 'a.ts', source: SOURCE });
const WRITE = call('write_file', FILE);

/** Sends bytes as they are, in pieces of `size`. */
function raw(response: ServerResponse, text: string, size = Number.POSITIVE_INFINITY): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) response.write(bytes.subarray(at, at + size));
  response.end();
}
const line = (chunk: unknown) => `data: ${JSON.stringify(chunk)}\n\n`;
/** The file first, as `first` sends it; then the end. */
const fileThenEnd =
  (first: (response: ServerResponse) => void): Answer =>
  (_, response, n) =>
    n === 1 ? first(response) : events(response, FINISH);

/** Streams that no catalogue lists, through which a file must come byte for byte, at once. */
const WHOLE: Record<string, (response: ServerResponse) => void> = {
  'three bytes at a time, so that letters are cut in two': (response) => raw(response, line(WRITE), 3),
  'carriage returns alone': (response) => raw(response, line(WRITE).replaceAll('\n', '\r')),
  'no space behind data:': (response) => raw(response, line(WRITE).replace('data: ', 'data:')),
  'a mark of byte order first': (response) => raw(response, `\ufeff${line(delta({ content: '' }))}${line(WRITE)}`),
  'comments, ids and retries between': (response) =>
    raw(response, `: ping\n\nid: 7\nretry: 10\n${line(delta({ content: '' }))}: ping\n\n${line(WRITE)}`),
  'null to keep the line alive': (response) => raw(response, `data: null\n\n${line(WRITE)}data: null\n\n`),
  'separators of lines and paragraphs inside': (response) =>
    raw(response, line({ ...delta({ content: '\u2028\u2029\u0085' }) }) + line(WRITE)),
  'nothing but usage before and after': (response) =>
    events(
      response,
      { choices: [], usage: { prompt_tokens: 9, completion_tokens: 0 } },
      WRITE,
      { choices: [], usage: { prompt_tokens: 9, completion_tokens: 40 } },
      { choices: null, usage: null },
    ),
  'a second choice between the pieces of the first': (response) => {
    const piece = (part: string, index: number) =>
      delta({ tool_calls: [{ index: 0, id: 'x', function: { name: 'write_file', arguments: part } }] }, null, index);
    events(
      response,
      piece(FILE.slice(0, 20), 0),
      piece('{"path":"b.ts","source":""}', 1),
      delta({ tool_calls: [{ index: 0, function: { arguments: FILE.slice(20) } }] }),
      delta({}, 'tool_calls'),
    );
  },
  'the whole call once more at its end': (response) => events(response, { ...WRITE }, WRITE),
  'an index as text, then as a number': (response) => {
    events(
      response,
      delta({ tool_calls: [{ index: '0', id: 'x', function: { name: 'write_file', arguments: FILE.slice(0, 9) } }] }),
      delta({ tool_calls: [{ index: 0, function: { arguments: FILE.slice(9) } }] }, 'tool_calls'),
    );
  },
  'arguments cut at a letter that has two bytes': (response) => {
    const at = FILE.indexOf('ü') + 1;
    events(
      response,
      call('write_file', FILE.slice(0, at), null),
      delta({ tool_calls: [{ index: 0, function: { arguments: FILE.slice(at) } }] }, 'tool_calls'),
    );
  },
  'a call that is not in a list': (response) =>
    events(response, delta({ tool_calls: WRITE.choices[0].delta['tool_calls' as never]?.[0] }, 'tool_calls')),
  'the words of another role in the middle': (response) =>
    events(response, delta({ role: 'assistant' }), delta({ role: 'tool', content: '```' }), WRITE),
};

describe('a stream that is odd and whole', { concurrency: 4 }, () => {
  for (const [name, first] of Object.entries(WHOLE)) {
    test(name, async () => {
      const { end, files, calls } = await against(fileThenEnd(first));
      assert.equal(end.reason, 'finished', end.detail);
      assert.deepEqual(calls, ['write_file', 'finish']);
      assert.equal(files.get('a.ts'), SOURCE);
      assert.deepEqual(end.classes, { OK_CALLS: 2 });
    });
  }
  test('a line of a megabyte', async () => {
    const source = 'x € '.repeat(200_000);
    const { end, files } = await against(
      fileThenEnd((response) =>
        raw(response, line(call('write_file', JSON.stringify({ path: 'a.ts', source }))), 65_536),
      ),
      {
        sampling: { temperature: 0.6, topP: 0.95, maxTokens: 400_000, thinking: true },
        limits: { tokens: 5_000_000, contextTokens: 1_000_000 },
      },
    );
    assert.equal(end.reason, 'finished', end.detail);
    assert.ok(files.get('a.ts') === source);
  });
});

/** Faults that come once: what is asked again then comes through, and nothing of the broken answer was run. */
const ONCE: Record<string, { answer: (response: ServerResponse) => void; counted: string }> = {
  'an event called error': {
    answer: (response) => raw(response, 'event: error\ndata: {"error":{"message":"later"}}\n\n'),
    counted: 'SERVER_DOWN',
  },
  'an error in the middle of a call': {
    answer: (response) =>
      raw(
        response,
        line(call('write_file', '{"path":"b.ts"}', null)) + line({ error: { message: 'gone', code: 500 } }),
      ),
    counted: 'STREAM_ERROR',
  },
  'a page of HTML': { answer: (response) => response.end('<html>Bad gateway</html>'), counted: 'STREAM_ERROR' },
  'an empty 200': { answer: (response) => response.end(), counted: 'STREAM_ERROR' },
  'busy until a date': {
    answer: (response) => response.writeHead(429, { 'retry-after': new Date(0).toUTCString() }).end('{}'),
    counted: 'SERVER_DOWN',
  },
  'busy, and a wait that is no number': {
    answer: (response) => response.writeHead(429, { 'retry-after': 'soon' }).end('{}'),
    counted: 'SERVER_DOWN',
  },
  'an engine that died, behind a proxy': {
    answer: (response) => response.writeHead(502).end('<html>502</html>'),
    counted: 'SERVER_DOWN',
  },
  'calls that are promised and do not come': {
    answer: (response) => events(response, delta({ content: null }, 'tool_calls')),
    counted: 'EMPTY_TURN',
  },
  'a call without a name': {
    answer: (response) =>
      events(response, delta({ tool_calls: [{ index: 0, id: 'x', function: 'finish' }] }, 'tool_calls')),
    counted: 'EMPTY_TURN',
  },
  'two objects in one text of arguments': {
    answer: (response) => events(response, call('finish', '{"summary":"a"}{"b":1}', 'stop')),
    counted: 'MALFORMED_ARGS',
  },
  'an answer in the JSON of an error': {
    answer: (response) => json(response, 500, { choices: [{ message: { content: 'hm' } }] }),
    counted: 'STREAM_ERROR',
  },
};

describe('a fault that comes once', { concurrency: 4 }, () => {
  for (const [name, { answer, counted }] of Object.entries(ONCE)) {
    test(name, async () => {
      const { end, calls } = await against((_, response, n) =>
        n === 1 ? answer(response) : n === 2 ? events(response, WRITE) : events(response, FINISH),
      );
      assert.equal(end.reason, 'finished', end.detail);
      assert.deepEqual(calls, ['write_file', 'finish']);
      assert.deepEqual(end.classes, { [counted]: 1, OK_CALLS: 2 });
    });
  }
});
