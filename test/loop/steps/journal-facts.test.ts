import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EventOf, RalphEvent, RunEvent } from '../../../src/journal/events.ts';
import { stateOf } from '../../../src/journal/state/run-state.ts';
import { recoveryPlan } from '../../../src/loop/start/recover.ts';
import { nextCycle } from '../../../src/loop/steps/claim.ts';
import { historyBefore, streakBefore } from '../../../src/loop/steps/trial-history.ts';

/** Numbers events as a journal would; only the fields that matter are filled in. */
function journal(...events: Record<string, unknown>[]): RunEvent[] {
  return events.map((event, i) => ({ seq: i + 1, at: i, prev: '', ...(event as unknown as RalphEvent) }));
}
const started = (cycle: number, directive = 'new') => ({ type: 'cycle.started', cycle, directive });
const charged = (cycle: number, trial: string, n: number) => ({ type: 'trial.started', cycle, trial, n });
const scored = (cycle: number, trial: string) => ({ type: 'trial.finished', cycle, trial });
const mirrored = (cycle: number) => ({ type: 'cycle.mirrored', cycle });
const startedTrial = (events: RunEvent[], trial: string) =>
  events.find((event) => event.type === 'trial.started' && event.trial === trial) as EventOf<'trial.started'>;

test('the next cycle is the first unfinished one that nobody works on, else a new one', () => {
  const events = journal(started(1), mirrored(1), started(2), started(3), mirrored(3));
  assert.equal(nextCycle(events, new Set()), 2);
  assert.equal(nextCycle(events, new Set([2])), 4);
  assert.equal(nextCycle([], new Set()), 1);
});

test('N counts every charged trial, those taken over from another run included', () => {
  assert.equal(stateOf([]).n, 0);
  assert.equal(stateOf(journal({ type: 'run.carried', trials: 40 })).n, 40);
  assert.equal(stateOf(journal({ type: 'run.carried', trials: 40 }, charged(1, '0001-1', 41))).n, 41);
});

test('a streak counts fix and patch cycles back to the last fresh start', () => {
  const events = journal(
    started(1, 'patch'),
    started(2, 'new'),
    started(3, 'fix'),
    started(4, 'patch'),
    started(5, 'patch'),
  );
  assert.deepEqual(streakBefore(events, 5), { fixes: 1, patches: 2 });
  assert.deepEqual(streakBefore(events, 2), { fixes: 0, patches: 0 });
});

test('the history of a trial is what was known when its batch was charged, whatever other sessions finished meanwhile', () => {
  const events = journal(
    started(1),
    charged(1, '0001-1', 1),
    started(2),
    charged(2, '0002-1', 2),
    charged(1, '0001-2', 3),
    scored(2, '0002-1'),
    scored(1, '0001-1'),
    scored(1, '0001-2'),
    charged(1, '0001-3', 4),
  );
  const names = (trial: string) => historyBefore(events, startedTrial(events, trial)).map(({ seq }) => seq);
  assert.deepEqual(names('0001-1'), [1]);
  assert.deepEqual(names('0001-2'), [1, 2, 7]);
  assert.deepEqual(names('0001-3'), [1, 2, 3, 4, 5, 6, 7, 8]);
});

test('the recovery plan says in a line each what going on will do', () => {
  assert.deepEqual(recoveryPlan([]), []);
  assert.match(recoveryPlan(journal(started(1))).join(), /hold its session again/);
  const [trial, cycle] = recoveryPlan(journal(started(1), charged(1, '0001-1', 1)));
  assert.match(trial, /trial 0001-1 was charged and has no result/);
  assert.match(cycle, /judge its 1 trials/);
  const closed = [started(1), { type: 'session.ended', cycle: 1, classes: {} }];
  assert.match(recoveryPlan(journal(...closed)).join(), /no verdict/);
  const judged = [...closed, { type: 'verdict.given', cycle: 1 }];
  assert.match(recoveryPlan(journal(...judged)).join(), /no commit/);
  assert.match(recoveryPlan(journal(...judged, { type: 'cycle.committed', cycle: 1 })).join(), /not mirrored/);
  assert.deepEqual(recoveryPlan(journal(...judged, { type: 'cycle.committed', cycle: 1 }, mirrored(1))), []);
});
