import assert from 'node:assert/strict';
import { test } from 'node:test';
import { calibrateForward, forwardText } from '../../../src/lab/calibrate/forward.ts';

test('edges that go on are seldom called dead, edges that stop are found, and the larger promise is found sooner', () => {
  const found = calibrateForward(12);
  assert.ok(found.falseDead <= 0.01, `${found.falseDead} a year`);
  assert.ok(found.falseFading <= 0.05, `${found.falseFading} a year`);
  const of = (sharpe: number) =>
    found.rows.find(({ returns, promised }) => returns === 'fat tails in clusters' && promised === sharpe)!;
  assert.ok(of(3).daysToFading! < of(1).daysToFading!);
  assert.ok(of(3).daysToDead! > of(3).daysToFading! && of(3).daysToDead! < 1500);
  assert.match(forwardText(found), /0\.\d% false dead and \d\.\d% false fading a year of daily looks, over \d+ years/);
});
