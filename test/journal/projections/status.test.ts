import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RalphEvent, RunEvent } from '../../../src/journal/events.ts';
import { rowsOf } from '../../../src/journal/projections/rows.ts';
import { statusOf } from '../../../src/journal/projections/status.ts';
import { headline } from '../../../src/journal/projections/text.ts';
import { cycleEvents, startOfRun } from '../../../src/lab/story.ts';

function journal(...events: RalphEvent[]): RunEvent[] {
  return [startOfRun, ...events].map((event, i) => ({ ...event, seq: i + 1, at: i * 1000, prev: '' }) as RunEvent);
}

test('a row has exactly the fields of the contract, and tokens add up to what the sessions spent', () => {
  const rows = rowsOf(journal(...cycleEvents(1), ...cycleEvents(2)));
  assert.equal(rows.length, 2);
  const fields = 'cycle trial tag family candidate outcome route reasons metrics tokens seconds commit';
  assert.equal(Object.keys(rows[0]).join(' '), fields);
  assert.equal(
    rows.reduce((sum, { tokens }) => sum + tokens, 0),
    2 * 54_000,
  );
  assert.equal(rows[1].reasons[0].gate, 'train.sharpe');
});

test('several trials of one cycle share its tokens once; a cycle without a trial has a row of its own', () => {
  const [started, hypothesis, trial, finished, ...rest] = cycleEvents(1);
  const second = [
    { ...trial, trial: '0001-2', n: 2 },
    { ...finished, trial: '0001-2' },
  ] as RalphEvent[];
  const empty = cycleEvents(2).filter(({ type }) => !type.startsWith('trial.'));
  const rows = rowsOf(journal(started, hypothesis, trial, finished, ...second, ...rest, ...empty));
  assert.deepEqual(
    rows.map(({ cycle, trial: id, tokens }) => [cycle, id, tokens]),
    [
      [1, '0001-1', 54_000],
      [1, '0001-2', 0],
      [2, null, 54_000],
    ],
  );
});

test('status says where the cycle under way is, what the streak is, and what is left unanswered', () => {
  const hint: RalphEvent = {
    type: 'hint.taken',
    hint: 'h1',
    text: 'try volume',
    sha256: '',
    cycle: 2,
    priority: 0,
    expiresAt: null,
    scope: 'next',
  };
  const fault: RalphEvent = {
    type: 'fault.occurred',
    class: 'model_down',
    where: 'session',
    detail: 'refused',
    attempt: 1,
    retryInMs: 100,
  };
  const status = statusOf(journal(...cycleEvents(1), hint, fault, ...cycleEvents(2).slice(0, 3)));
  assert.deepEqual(status.phase, { cycle: 2, step: 'evaluation', directive: 'new' });
  assert.deepEqual(status.streak, { route: 'new', length: 1 });
  assert.deepEqual(status.faults, { model_down: 1 });
  assert.equal(status.hintsOpen, 1);
  assert.equal(status.cycles, 1);
  assert.equal(status.trials, 2);
  assert.equal(statusOf([]).state, 'empty');
});

test('the headline names the first failed gate of a keep the narrowest, and leaves its footnote to the row', () => {
  const gate = {
    stage: 'train',
    gate: 'train.sharpe',
    passed: false,
    value: 0.41,
    threshold: 1,
    side: 'min',
    gap: 0.59,
    class: 'no_edge',
  } as const;
  assert.equal(
    headline('discard', [{ ...gate, message: 'sharpe 0.41 < 1.00 (a note)' }], 'ema-cross'),
    'DISCARD · sharpe 0.41 < 1.00 · ema-cross',
  );
  assert.equal(headline('discard', [{ ...gate, message: '' }], 'ema-cross'), 'DISCARD · sharpe 0.41 < 1 · ema-cross');
  const narrow = {
    ...gate,
    gate: 'train.trades',
    value: 30,
    threshold: 30,
    gap: 0,
    passed: true,
    message: '',
  } as const;
  assert.equal(headline('keep', [narrow], 'ema-cross'), 'KEEP · narrowly trades 30 >= 30 · ema-cross');
  assert.equal(headline('keep', [], 'ema-cross'), 'KEEP · ema-cross');
});
