import assert from 'node:assert/strict';
import { test } from 'node:test';
import { submissionsOf, sweepPoints } from '../../../../src/task/trading/trial/repeats.ts';
import fc from '../../../fast-check.ts';
import { PLAIN, strategySource } from '../../../loop/brains.ts';

const registered = { family: 'asked-family', hypothesis: 'Something holds.' };
const candidate = (yaml: string, source = strategySource(PLAIN), name = 'one') => ({
  name,
  source,
  yaml: `strategy: ${name}.ts\nsymbols: [SIMUSD]\n${yaml}`,
});

test('a sweep is the product of its values over the base parameters', () => {
  const values = fc.uniqueArray(fc.integer(), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(values, values, (a, b) => {
      const points = sweepPoints({ a, b }, { a: 0, b: 0, c: 7 });
      assert.equal(points.length, a.length * b.length);
      assert.equal(new Set(points.map((point) => JSON.stringify(point))).size, points.length);
      assert.ok(points.every((point) => point.c === 7 && a.includes(point.a) && b.includes(point.b)));
    }),
  );
});

test('each point is a trial of its own, with the defaults filled in', async () => {
  const submissions = await submissionsOf(candidate('params: { fast: 5 }\nsweep: { slow: [30, 40] }\n'), registered);
  assert.deepEqual(
    submissions.map(({ params }) => params),
    [
      { fast: 5, slow: 30 },
      { fast: 5, slow: 40 },
    ],
  );
  assert.equal(submissions[0].family, 'test-family');
});

test('the same idea under another name is the same trial; another parameter is another', async () => {
  const [one] = await submissionsOf(candidate('params: { fast: 5 }\n'), registered);
  const [renamed] = await submissionsOf(candidate('params: { fast: 5 }\n', strategySource(PLAIN), 'two'), registered);
  const [moved] = await submissionsOf(candidate('params: { fast: 6 }\n'), registered);
  assert.equal(renamed.fingerprint, one.fingerprint);
  assert.notEqual(moved.fingerprint, one.fingerprint);
});

test('a candidate that does not compile is one trial all the same, under the registered family', async () => {
  const submissions = await submissionsOf(candidate('params: { fast: 5 }\n', 'this is no strategy'), registered);
  assert.equal(submissions.length, 1);
  assert.equal(submissions[0].family, 'asked-family');
});
