import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Channel, openChannel } from '../../../src/backtest/box/channel.ts';
import { earnedMb, residentMb } from '../../../src/backtest/box/memory.ts';
import type { ChildAnswer } from '../../../src/backtest/box/protocol.ts';
import { needsProc } from '../../../src/lab/processes.ts';
import { until } from '../../../src/lab/until.ts';
import { windowFile } from './support.ts';

let file: string;
before(() => {
  file = windowFile(500);
});

/** What a child may take that comes to an end by itself, on the busiest of machines. */
const PATIENT_MS = 60_000;
/** For a child that never answers, which need not be waited for. */
const SHORT_MS = 1_500;

/** Asks a child that runs `code` once, and then a second time, to see what the harness makes of it. */
async function askTwice(code: string, limitMs = PATIENT_MS): Promise<{ first: ChildAnswer; second: ChildAnswer }> {
  const program = `(function (require) { const fs = require('fs'); ${code} })`;
  const child = openChannel({ text: program }, { windowFiles: [file], limits: { heapMb: 64 } });
  const ask = () => child.ask({ kind: 'simulate', requests: [], window: 0 }, limitMs, limitMs);
  const first = await ask();
  const second = await ask();
  await child.end();
  return { first, second };
}

const REPLY = 'process.send({ id, answer: { ok: true, value: 1 } });';

// [what the child does, its code, kind of the first answer, what it says]
const CASES: [string, string, string, RegExp][] = [
  [
    'answers with the number of another question',
    "process.on('message', ({ id }) => process.send({ id: id + 1, answer: { ok: true, value: 1 } }));",
    'protocol',
    /was not asked for/,
  ],
  [
    'speaks before it is asked',
    "process.send({ id: 1, answer: { ok: true, value: 1 } }); process.send({ id: 2, answer: { ok: true, value: 1 } }); process.on('message', () => {});",
    'protocol',
    /was not asked for/,
  ],
  [
    'answers with something else',
    "process.on('message', () => process.send('hello'));",
    'protocol',
    /was not asked for/,
  ],
  [
    'answers with an unknown kind of failure',
    "process.on('message', ({ id }) => process.send({ id, answer: { ok: false, kind: 'keep', message: 'x' } }));",
    'protocol',
    /was not asked for/,
  ],
  [
    'answers with more fields than there are',
    "process.on('message', ({ id }) => process.send({ id, answer: { ok: true, value: 1, trusted: true } }));",
    'protocol',
    /was not asked for/,
  ],
  [
    'answers with a message of a megabyte',
    "process.on('message', ({ id }) => process.send({ id, answer: { ok: false, kind: 'throw', message: 'x'.repeat(1e6) } }));",
    'protocol',
    /was not asked for/,
  ],
  [
    'never answers',
    "process.on('message', () => {}); setInterval(() => {}, 1000);",
    'timeout',
    /no answer within 1500 ms/,
  ],
  ['loops for ever', "process.on('message', () => { for (;;) {} });", 'timeout', /no answer within 1500 ms/],
  ['ends with exit code 0', "process.on('message', () => process.exit(0));", 'protocol', /exit code 0/],
  ['aborts', "process.on('message', () => process.abort());", 'memory', /memory/],
  ['terminates itself', "process.on('message', () => process.kill(process.pid, 'SIGTERM'));", 'protocol', /SIGTERM/],
  [
    'hangs up and stays',
    "process.on('message', () => process.disconnect()); setInterval(() => {}, 1000);",
    'timeout',
    /no answer/,
  ],
  [
    'ignores every signal it can',
    "for (const s of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(s, () => {}); process.on('message', () => {}); setInterval(() => {}, 1000);",
    'timeout',
    /no answer/,
  ],
  ['throws before it is ready', "throw new Error('early');", 'protocol', /exit code 1/],
  [
    'floods its standard error',
    "process.on('message', () => { const b = Buffer.alloc(65536, 'x'); for (;;) fs.writeSync(2, b); });",
    'protocol',
    /standard error|no answer|EPIPE|exit/,
  ],
  [
    'floods its standard output',
    "process.on('message', () => { const b = Buffer.alloc(65536, 'x'); for (;;) fs.writeSync(1, b); });",
    'timeout',
    /no answer/,
  ],
  [
    'floods the channel with small answers',
    "process.on('message', ({ id }) => { for (let i = 0; ; i++) process.send({ id: -1 - i, answer: { ok: true, value: 1 } }); });",
    'protocol',
    /was not asked for/,
  ],
  [
    'fills its heap',
    "process.on('message', () => { const a = []; for (;;) a.push(new Array(1000).fill(1.5)); });",
    'memory',
    /memory/,
  ],
];

describe('a child that has turned against the harness', { concurrency: 2 }, () => {
  for (const [what, code, kind, message] of CASES) {
    test(what, async () => {
      const { first, second } = await askTwice(code, kind === 'timeout' ? SHORT_MS : PATIENT_MS);
      // A wrong word after the first answer is found out at the second.
      const failure = first.ok ? second : first;
      assert.ok(!failure.ok, 'the harness believed it');
      assert.equal(failure.kind, kind, failure.message);
      assert.match(failure.message, message);
      assert.ok(!second.ok, 'it lived on');
    });
  }

  test('an answer given twice counts once', async () => {
    const { first, second } = await askTwice(`process.on('message', ({ id }) => { ${REPLY} ${REPLY} });`);
    assert.ok(first.ok);
    assert.ok(!second.ok && second.kind === 'protocol');
  });

  test('an answer of 40 MB neither stops the harness nor is believed without its shape', async () => {
    const { first } = await askTwice(
      "process.on('message', ({ id }) => process.send({ id, answer: { ok: true, value: new Uint8Array(4e7) } }));",
    );
    assert.ok(first.ok && (first.value as Uint8Array).length === 4e7);
  });

  test('keys named __proto__ change nothing in the harness', async () => {
    const { first } = await askTwice(
      "process.on('message', ({ id }) => process.send({ id, answer: { ok: true, value: { ['__proto__']: { polluted: 1 } } } }));",
    );
    assert.ok(first.ok);
    assert.equal(({} as { polluted?: number }).polluted, undefined);
  });
});

describe('a child that was taken from outside', () => {
  const start = (code: string, window = file) => {
    const program = `(function (require) { ${code} })`;
    return openChannel({ text: program }, { windowFiles: [window], limits: { heapMb: 64 } });
  };
  const ask = (child: Channel) => child.ask({ kind: 'simulate', requests: [], window: 0 }, PATIENT_MS, PATIENT_MS);
  const pidOf = async (child: Channel) => {
    const answer = await ask(child);
    assert.ok(answer.ok);
    return Number(answer.value);
  };
  const PID = 'process.send({ id, answer: { ok: true, value: process.pid } });';

  test('it is a disturbance and no failure, for the question under way and for those after it', async () => {
    const child = start(`let asked = 0; process.on('message', ({ id }) => { asked += 1; if (asked === 1) ${PID} });`);
    const pid = await pidOf(child);
    const waiting = assert.rejects(ask(child), { name: 'EvaluationDisturbed', code: 'EKILLED' });
    process.kill(pid, 'SIGKILL');
    await waiting;
    await assert.rejects(ask(child), { name: 'EvaluationDisturbed' });
    await child.end();
  });

  test('one that held more than it may is taken for the cause', needsProc, async () => {
    // A window so large that there is room between what is too much and the limits that end the child by themselves.
    const window = windowFile(300_000);
    const tooMuch = earnedMb(64, [window]);
    const hoard = `globalThis.hoard = Buffer.alloc(${(tooMuch + 10) * 2 ** 20}, 1);`;
    const child = start(
      `process.on('message', ({ id }) => { if (globalThis.hoard) return; ${PID} ${hoard} });`,
      window,
    );
    const pid = await pidOf(child);
    const answer = ask(child);
    await until('the child holds too much', () => (residentMb(pid) ?? Number.POSITIVE_INFINITY) > tooMuch);
    // The harness looks at its child again and again: with a pause of ours it has seen it.
    await sleep(500);
    process.kill(pid, 'SIGKILL');
    const failure = await answer;
    assert.ok(!failure.ok && failure.kind === 'memory', JSON.stringify(failure));
    await child.end();
  });
});
