import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bestOf } from '../../../src/gates/tuning/plateau.ts';
import { tune } from '../../../src/gates/tuning/tune.ts';
import { type Axes, choiceAxis, rangeAxis, shareOf, sizeOf, valueAt } from '../../../src/strategy/axes.ts';
import type { Params } from '../../../src/strategy/candidate.ts';
import fc from '../../fast-check.ts';

const axes: Axes = {
  a: rangeAxis(1, 60),
  b: rangeAxis(0.5, 8, { step: 0.25, log: true }),
  mode: choiceAxis([0, 1, 2]),
};
const ok = <T>(value: T) => ({ ok: true as const, value });
const all = async (points: readonly Params[]) => ok(points.map(() => true));

/** Tunes a function of the parameters. */
function tuneOf(score: (p: Params) => number | null, changes: Partial<Parameters<typeof tune>[0]> = {}) {
  return tune({
    axes,
    fixed: { k: 7 },
    seed: 'x',
    evaluations: 64,
    allowed: all,
    evaluate: async (points) =>
      ok(points.map((p) => (score(p) === null ? null : { score: score(p)!, sharpe: score(p)! }))),
    ...changes,
  });
}

test('it comes near a hill with steps and ties, within its budget, at the same points each time', async () => {
  const hill = (p: Params) =>
    (p.mode === 1 ? 1 : 0) - Math.round(Math.abs(p.a - 42) / 4) / 10 - Math.abs(Math.log(p.b / 2));
  const found = await tuneOf(hill);
  assert.ok(found.ok);
  const { params, tried } = found.value;
  assert.equal(tried.length, 64);
  assert.equal(new Set(tried.map((each) => JSON.stringify(each.params))).size, 64);
  assert.equal(params.mode, 1);
  assert.ok(Math.abs(params.a - 42) <= 8 && params.b >= 1.25 && params.b <= 3, JSON.stringify(params));
  assert.equal(params.k, 7);
  assert.deepEqual(await tuneOf(hill), found);
});

test('a plateau beats a peak: one lucky point among bad ones is not picked', () => {
  const line: Axes = { a: rangeAxis(1, 40) };
  const tried = Array.from({ length: 40 }, (_, i) => {
    const score = i === 5 ? 9 : i >= 25 && i < 35 ? 2 : 0;
    return { params: { a: i + 1 }, score, sharpe: score };
  });
  const best = bestOf(tried, line);
  assert.ok(best && tried[best.index].score === 2, JSON.stringify(best));
});

test('`where` is kept to, refused where it allows nothing, and what it throws ends the trial', async () => {
  const where = async (points: readonly Params[]) => ok(points.map((p) => p.a < 10 * p.b));
  const found = await tuneOf((p) => p.a, { allowed: where });
  assert.ok(found.ok && found.value.tried.every(({ params }) => params.a < 10 * params.b));
  const never = await tuneOf((p) => p.a, { allowed: async (points) => ok(points.map(() => false)) });
  assert.ok(!never.ok && never.kind === 'policy' && /where allows no point/.test(never.message));
  const broken = { ok: false, kind: 'throw', message: 'line 3: x' } as const;
  assert.deepEqual(await tuneOf((p) => p.a, { allowed: async () => broken }), broken);
});

test('points that crash are passed by; where all do, the tuner says so', async () => {
  const found = await tuneOf((p) => (p.a > 30 ? null : p.a));
  assert.ok(found.ok && found.value.params.a <= 30);
  const none = await tuneOf(() => null);
  assert.ok(!none.ok && none.kind === 'throw');
});

test('a small space is tried once, without repeats', async () => {
  const found = await tuneOf((p) => p.mode, { axes: { mode: choiceAxis([0, 1, 2]) } });
  assert.ok(found.ok && found.value.tried.length === 3 && found.value.params.mode >= 0);
});

test('values of an axis lie on its steps and within its ends, and a share gives back its value', () => {
  const end = fc.integer({ min: 1, max: 500 });
  fc.assert(
    fc.property(
      end,
      end,
      fc.constantFrom(undefined, 0.25, 3),
      fc.boolean(),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (from, width, step, log, share) => {
        fc.pre(step === undefined || step <= width);
        const axis = rangeAxis(from, from + width, { step, log });
        const value = valueAt(axis, share);
        assert.ok(value >= from && value <= from + width, `${value}`);
        const steps = (value - from) / (step ?? 1);
        assert.ok(Math.abs(steps - Math.round(steps)) < 1e-9 && steps < sizeOf(axis));
        assert.equal(valueAt(axis, shareOf(axis, value)), value);
      },
    ),
  );
});
