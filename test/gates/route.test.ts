import assert from 'node:assert/strict';
import { test } from 'node:test';
import { atLeast, atMost, plain } from '../../src/gates/check.ts';
import { type Judged, type RouteStreak, verdictOf } from '../../src/gates/route.ts';
import { shippedGates } from './support.ts';

const config = shippedGates();
const verdict = (judged: Judged[], streak: RouteStreak = fresh) =>
  verdictOf(
    judged.map((evaluation, i) => ({ trial: `t${i}`, evaluation })),
    streak,
    config,
  );
const fresh = { fixes: 0, patches: 0 };
const sharpe = (value: number) => atLeast('train', 'sharpe', value, 0.5, { class: 'no_edge' });
const drawdown = (value: number) => atMost('train', 'drawdown', value, 0.5, { class: 'risk' });
const heldBack = plain('selection', 'held_back', false, 'held_back', 'did not hold up on held-back data');
const thrown = plain('smoke', 'throws', false, 'crash', 'boom');
const discard = (...gates: Judged['gates']): Judged => ({ outcome: 'discard', gates, score: 0 });

test('a crash routes to fix, at most N times in a row', () => {
  const crash: Judged = { outcome: 'crash', gates: [thrown], score: null };
  assert.equal(verdict([crash]).route, 'fix');
  assert.equal(verdict([crash], { fixes: config.route.fixes, patches: 0 }).route, 'new');
});

test('one or two gates missed within the margin route to patch with the gates named, at most N times in a row', () => {
  const near = verdict([discard(sharpe(0.45), drawdown(0.55))]);
  assert.equal(near.route, 'patch');
  assert.deepEqual(
    near.reasons.map(({ message }) => message),
    ['sharpe 0.45 < 0.50', 'drawdown 0.55 > 0.50'],
  );
  assert.equal(verdict([discard(sharpe(0.45))], { fixes: 0, patches: config.route.patches }).route, 'new');
});

test('a wide miss, too many misses and a miss on held-back data route to new', () => {
  assert.equal(verdict([discard(sharpe(0.1))]).route, 'new');
  assert.equal(verdict([discard(sharpe(0.45), drawdown(0.55), sharpe(0.46))]).route, 'new');
  assert.equal(verdict([discard(heldBack)]).route, 'new');
});

test('the verdict rests on a keep before a discard before a crash, and on the discard that came furthest', () => {
  const keep: Judged = { outcome: 'keep', gates: [sharpe(2)], score: 1 };
  const crash: Judged = { outcome: 'crash', gates: [thrown], score: null };
  const far = discard(sharpe(2), drawdown(0.9));
  assert.equal(verdict([crash, keep, far]).trial, 't1');
  assert.equal(verdict([discard(sharpe(0.1)), far, crash]).trial, 't1');
  assert.equal(verdict([]).route, 'new');
});

test('a gate fails closed on NaN and says so, with a gap of 1', () => {
  const gate = sharpe(Number.NaN);
  assert.deepEqual([gate.passed, gate.value, gate.gap, gate.message], [false, null, 1, 'sharpe undefined < 0.50']);
  assert.equal(drawdown(Number.NaN).passed, false);
});

test('a value that rounds to the threshold is shown with the digits that tell them apart', () => {
  assert.equal(sharpe(0.4999).message, 'sharpe 0.499900 < 0.50');
});

test('of equal trials the last one decides', () => {
  const crash: Judged = { outcome: 'crash', gates: [thrown], score: null };
  assert.equal(verdict([crash, crash]).trial, 't1');
  assert.equal(verdict([discard(sharpe(0.1)), discard(sharpe(0.1))]).trial, 't1');
});

test('held-back data is never patched towards, however near the miss', () => {
  const near = atLeast('selection', 'sharpe', 0.49, 0.5, { class: 'held_back' });
  assert.equal(verdict([discard(near)]).route, 'new');
});
