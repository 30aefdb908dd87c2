import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TURN_CLASSES } from '../../../src/agent/contract.ts';
import { Recoveries } from '../../../src/agent/session/recover.ts';
import { simpler } from '../../../src/agent/session/request.ts';
import type { Judgement } from '../../../src/agent/turn/classify.ts';
import { RepeatGuard } from '../../../src/agent/turn/repeat.ts';
import { answerOf } from '../fixtures/answer.ts';

const ANSWER = answerOf({});
const turn = (kind: Judgement['class'], reasoning = ''): Judgement => ({
  class: kind,
  calls: [],
  content: 'x',
  reasoning,
  remark: 'why',
});

test('every class without progress comes to an end, and never sends the same request twice in a row', () => {
  for (const kind of TURN_CLASSES) {
    const recoveries = new Recoveries();
    let last = '';
    for (let i = 0; ; i++) {
      assert.ok(i < 12, `${kind} goes on for ever`);
      const step = recoveries.next(turn(kind), ANSWER);
      if ('reason' in step) break;
      // Something differs: the draw, a word to the model, or the turn that was kept.
      const changes = JSON.stringify([step.overlay, step.note, step.keep ? i : 0, step.note === null ? 0 : i]);
      assert.notEqual(changes, last, kind);
      last = changes;
    }
  }
});

test('nine turns without a call are answered and the tenth ends the session; where another wire is left, five and the sixth', () => {
  for (const [patient, most] of [
    [true, 9],
    [false, 5],
  ] as const) {
    const recoveries = new Recoveries(patient);
    const steps = Array.from({ length: most + 1 }, () => recoveries.next(turn('EMPTY_TURN'), ANSWER));
    assert.equal(
      steps.findIndex((step) => 'reason' in step),
      most,
    );
  }
});

test('progress forgives what was before', () => {
  const recoveries = new Recoveries();
  for (let i = 0; i < 100; i++) {
    assert.ok(!('reason' in recoveries.next(turn('EMPTY_TURN'), ANSWER)));
    if (i % 5 === 4) recoveries.progress();
  }
});

test('the same text again is never answered alike: it leaves the context, the request changes, and the fourth ends the wire', () => {
  const recoveries = new Recoveries(true, ['write_file', 'finish']);
  const steps = Array.from({ length: 4 }, () => recoveries.next({ ...turn('OK_TEXT'), content: 'I am done.' }, ANSWER));
  const notes = steps.map((step) => ('note' in step ? step.note : null));
  assert.equal(new Set(notes).size, 4);
  assert.deepEqual(
    steps.map((step) => 'rewind' in step && step.rewind),
    [false, true, true, false],
  );
  assert.match(JSON.stringify(steps[3]), /gave_up.*the same text 4 times/);
  assert.ok(!('reason' in recoveries.next({ ...turn('OK_TEXT'), content: 'Something else.' }, ANSWER)));
});

test('thought that grows from turn to turn without an act is switched off', () => {
  const recoveries = new Recoveries();
  const steps = [500, 800, 1300].map((length) =>
    recoveries.next({ ...turn('ANNOUNCED_ONLY', 'x'.repeat(length)), content: `Attempt ${length}` }, ANSWER),
  );
  assert.deepEqual(
    steps.map((step) => 'overlay' in step && step.overlay.thinking),
    [undefined, undefined, false],
  );
});

test('a refused request gets simpler each time, whatever it was refused for, and the ladder has an end', () => {
  for (const kind of ['template', 'schema', 'extras', 'refused'] as const) {
    const seen = new Set<string>();
    let shape: Parameters<typeof simpler>[0] | null = { extras: true, tools: 'full', history: 'turns' };
    while (shape) {
      assert.ok(!seen.has(JSON.stringify(shape)));
      seen.add(JSON.stringify(shape));
      shape = simpler(shape, kind);
    }
    assert.equal(seen.size, 5, kind);
  }
});

test('circles are seen, in turn with other calls too; work is not', () => {
  const circle = new RepeatGuard();
  const verdicts = Array.from({ length: 12 }, (_, i) => circle.note(i % 2 ? 'a' : 'b', {}, 'fine'));
  assert.deepEqual(verdicts.slice(0, 8), ['fine', 'fine', 'fine', 'warn', 'warn', 'warn', 'warn', 'stop']);
  const rewritten = new RepeatGuard();
  for (let i = 0; i < 8; i++) {
    rewritten.note('write', { text: `v${i}` }, 'written');
    rewritten.note('try', {}, `value ${i}`);
    assert.equal(rewritten.note('check', {}, 'no problems'), 'fine');
  }
  const work = new RepeatGuard();
  for (let i = 0; i < 50; i++) assert.equal(work.note('write', { text: `v${i}` }, 'written'), 'fine');
});
