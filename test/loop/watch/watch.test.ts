import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { RunEvent } from '../../../src/journal/events.ts';
import { stateOf } from '../../../src/journal/state/run-state.ts';
import { cycleEvents, startOfRun } from '../../../src/lab/story.ts';
import { openNotifier } from '../../../src/loop/watch/notifier.ts';
import { noticeOf, silenceWatch } from '../../../src/loop/watch/watch.ts';

const posted: string[] = [];
let answer = 200;
const server = createServer((request, response) => {
  let body = '';
  request.on('data', (part) => (body += part));
  request.on('end', () => {
    posted.push(`${request.method} ${request.url} ${body}`);
    response.writeHead(answer).end('x'.repeat(1000));
  });
});
before(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
after(() => server.close());
const url = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}/topic-of-mine`;

/** What the terminal was told meanwhile. */
async function heard(context: { mock: typeof import('node:test').mock }, work: () => unknown): Promise<string[]> {
  const write = context.mock.method(process.stderr, 'write', () => true);
  await work();
  const lines = write.mock.calls.map(({ arguments: [text] }) => String(text));
  write.mock.restore();
  return lines;
}

test('a keep, spent looks, a question, the fifth fault in a row and the end are worth a line; nothing else is, and no line holds code', () => {
  const fault = {
    type: 'fault.occurred',
    class: 'model_down',
    where: 'a session',
    detail: 'key=abc',
    retryInMs: 1,
  } as const;
  const kept = cycleEvents(1).map((event) =>
    event.type === 'trial.finished' ? { ...event, outcome: 'keep' as const } : event,
  );
  const events = [
    startOfRun,
    ...kept,
    ...cycleEvents(2),
    ...[3, 4].flatMap((cycle) =>
      cycleEvents(cycle).map((event) => (event.type === 'trial.started' ? { ...event, trainOnly: true } : event)),
    ),
    ...[1, 2, 3, 4, 5, 6].map((attempt) => ({ ...fault, attempt })),
    { type: 'human.asked', cycle: 3, why: 'the search is stuck:\u001b[31m 40 trials\nwithout a keep' },
    { type: 'run.ended', reason: 'nothing can be kept on these data any more', exitCode: 3 },
  ].map((event, i) => ({ ...event, seq: i + 1, at: 0, prev: '' })) as RunEvent[];
  const lines = events.flatMap((event) => noticeOf(event, stateOf(events)) ?? []);
  assert.deepEqual(lines, [
    'KEEP 0001-1 reversion-rsi, score 0.31',
    'nothing can be kept on these data any more: trials run on train alone from here on',
    '5 faults in a row: model_down at a session',
    'asks for a hint: the search is stuck:?[31m 40 trials without a keep',
    'ended: nothing can be kept on these data any more',
  ]);
});

test('a message reaches a program without keys and an address, so many an hour, and the next one counts those left out', async (context) => {
  const out = join(mkdtempSync(join(tmpdir(), 'ralph-notify-')), 'told');
  process.env.RALPH_API_KEY = 'secret-of-mine';
  context.after(() => delete process.env.RALPH_API_KEY);
  const command = ['sh', '-c', `cat >> ${out}; env >> ${out}`];
  let now = 0;
  const notifier = openNotifier('night', { command, url: url(), perHour: 2 }, () => now);
  for (const line of ['one', 'two', 'three', 'four']) notifier.tell(line);
  now += 3_600_000;
  notifier.tell('five');
  await notifier.settled();
  const sent = ['one', 'two', 'five (2 more left out)'].map((line) => `ralph night: ${line}`);
  assert.deepEqual(
    posted.splice(0),
    sent.map((line) => `POST /topic-of-mine ${line}`),
  );
  const told = readFileSync(out, 'utf8');
  assert.deepEqual(
    told.split('\n').filter((line) => line.startsWith('ralph')),
    sent,
  );
  assert.doesNotMatch(told, /secret-of-mine/);
});

test('a message that cannot be delivered is a warning that names the host and not the address', async (context) => {
  answer = 500;
  const lines = await heard(context, async () => {
    const notifier = openNotifier('night', { command: ['/nonexistent/mailer'], url: url(), perHour: 9 });
    notifier.tell('one');
    await notifier.settled();
    const gone = openNotifier('night', { command: [], url: 'http://127.0.0.1:1/topic-of-mine', perHour: 9 });
    gone.tell('one');
    await gone.settled();
  });
  assert.equal(lines.length, 3, lines.join(''));
  assert.match(lines.join(''), /mailer ENOENT|ENOENT.*mailer/);
  assert.match(lines.join(''), /127\.0\.0\.1:\d+ answered 500/);
  assert.doesNotMatch(lines.join(''), /topic-of-mine/);
});

test('a quiet run says what it waits for and for how long', async (context) => {
  let now = 0;
  const events = [startOfRun, ...cycleEvents(1).slice(0, 1)].map(
    (event, i) => ({ ...event, seq: i + 1, at: 0, prev: '' }) as RunEvent,
  );
  const look = silenceWatch(events, () => now);
  const lines = await heard(context, () => {
    for (const at of [0, 200_000, 301_000, 302_000, 650_000]) {
      now = at;
      look();
    }
  });
  assert.deepEqual(lines, ['cycle 1 (new): session, for 5 min 1 s\n', 'cycle 1 (new): session, for 10 min 50 s\n']);
});
