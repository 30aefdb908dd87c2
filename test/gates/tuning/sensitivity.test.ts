import assert from 'node:assert/strict';
import { test } from 'node:test';
import { measureOf, sensitivitiesOf } from '../../../src/gates/tuning/sensitivity.ts';
import { tune } from '../../../src/gates/tuning/tune.ts';
import type { Tuned } from '../../../src/gates/tuning/tuned.ts';
import { type Axes, choiceAxis, rangeAxis } from '../../../src/strategy/axes.ts';
import { aimAt } from '../../../src/task/trading/trial/near-miss.ts';

const axes: Axes = { fast: rangeAxis(1, 30), mode: choiceAxis([0, 1]) };
const DAYS = 200;

/** A tuner's report on a candidate that trades less the larger `fast` is; `same`: every point has the same returns. */
async function tunedBy(same: boolean): Promise<Pick<Tuned, 'axes' | 'surface' | 'curves'>> {
  const found = await tune({
    axes,
    fixed: {},
    seed: 'x',
    evaluations: 32,
    allowed: async (points) => ({ ok: true, value: points.map(() => true) }),
    evaluate: async (points) => ({
      ok: true,
      value: points.map(({ fast, mode }) => {
        const own = same ? 1 : 1 + fast + 40 * mode;
        const returns = Float64Array.from({ length: DAYS }, (_, day) => Math.sin(own * (day + 1) ** 2));
        const measures = { sharpe: 1, trades: 100 - fast, exposure: 0.5, drawdown: 0.1, hiddenRisk: 1 };
        return { score: 1, sharpe: 1, measures, returns };
      }),
    }),
  });
  assert.ok(found.ok);
  return { axes, surface: found.value.tried, curves: found.value.curves };
}

test('a gate is told by the measure it judges, over thirds of each parameter', async () => {
  const tuned = await tunedBy(false);
  assert.deepEqual([measureOf('train.trades'), measureOf('deflation.sharpe')], ['trades', 'sharpe']);
  const [fast, mode] = sensitivitiesOf(tuned, 'trades');
  assert.deepEqual(
    fast.groups.map(({ from, to }) => [from, to]),
    [
      [1, 11],
      [11, 20],
      [20, 30],
    ],
  );
  const medians = fast.groups.map(({ median }) => median!);
  assert.ok(medians[0] > medians[1] + 5 && medians[1] > medians[2] + 5, String(medians));
  assert.equal(mode.groups.length, 2);
});

test('points that trade alike are one curve, others nearly as many as there are', async () => {
  assert.equal((await tunedBy(true)).curves, 1);
  const { curves } = await tunedBy(false);
  assert.ok(curves! > 25 && curves! <= 32, String(curves));
});

test('a patch is pointed at the lines that decide the gate; what it shows of a tuning has a price', async () => {
  const source = 'decide(now, p) {\n  if (now.a > p.fast) now.target(1);\n  if (now.a < 0) now.flat();\n}';
  const plain = aimAt('train.trades', source, null);
  assert.equal(plain.curves, 0);
  assert.equal(
    plain.text,
    'train.trades is decided by the conditions of the entries.\nline 2: if (now.a > p.fast) now.target(1);',
  );
  assert.match(aimAt('neighbours.median', source, null).text, /comparisons with parameters\.\nline 2/);
  const tuned = await tunedBy(false);
  const aimed = aimAt('train.trades', source, tuned as Tuned);
  assert.equal(aimed.curves, tuned.curves);
  assert.match(
    aimed.text,
    new RegExp(`adds ${tuned.curves} to N[^]*- fast 1 to 11: 9\\d.*\\n- mode 0: \\d+`.replace('[^]', '[\\s\\S]')),
  );
  // A report of an older Ralph cannot be priced, so it is not shown.
  assert.equal(aimAt('train.trades', source, { ...tuned, curves: undefined } as Tuned).curves, 0);
});
