import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SimulationRequest } from '../../../src/backtest/contract.ts';
import { seededRandom } from '../../../src/base/random.ts';
import { emptyHistory } from '../../../src/gates/history.ts';
import { selectionBar } from '../../../src/gates/ladder.ts';
import { selectionStage } from '../../../src/gates/stages/selection.ts';
import { shortNull } from '../../../src/gates/stages/short-null.ts';
import type { StageContext } from '../../../src/gates/stages/stage.ts';
import { trainFindings } from '../../../src/gates/stages/train.ts';
import { FAMILIES } from '../../../src/lab/adversaries/families.ts';
import { adversaryProposers } from '../../../src/lab/calibrate/adversary.ts';
import { defenceExperiments } from '../../../src/lab/calibrate/experiments.ts';
import { groundOf } from '../../../src/lab/calibrate/ground.ts';
import { DAY } from '../../../src/market/bars.ts';
import { cannedWorkbench, dailyReturns, resultOf, shippedGates } from '../support.ts';

const config = shippedGates({ surrogates: { count: 200, held: 0 } });

/** Whether a year of this Sharpe ratio, in two folds, passes for a candidate whose folds without direction come to another one, and what was asked. */
async function passes(sharpe: number, nullSharpe: number, changes: Partial<StageContext> = {}) {
  const asked: SimulationRequest[] = [];
  const workbench = cannedWorkbench((window) => resultOf(dailyReturns(182, sharpe, `held ${JSON.stringify(window)}`)), {
    folds: 2,
    surrogates: async (requests) => {
      asked.push(...requests);
      const play = ({ surrogate, range }: SimulationRequest) =>
        resultOf(dailyReturns(182, nullSharpe, `fold ${surrogate!.index} ${range!.from}`));
      return { ok: true, value: requests.map(play) };
    },
  });
  const train = { from: 0, to: 1460 * DAY };
  const context: StageContext = {
    config,
    params: {},
    family: 'f',
    train,
    workbench,
    history: emptyHistory(),
    ...changes,
  };
  const found = trainFindings(resultOf(dailyReturns(1460, 3, 'own')), config);
  const answer = await selectionStage(context, found, 364);
  assert.ok('gates' in answer);
  return { passed: answer.gates.every(({ passed }) => passed), asked };
}

test('a candidate whose folds are above zero on any market must beat those folds', async () => {
  assert.equal((await passes(1, 0)).passed, true);
  assert.equal((await passes(1, 3)).passed, false);
  assert.equal((await passes(6, 3)).passed, true);
});

test('its folds without direction are as many, as long and as fresh as the held-back ones, and lie in train', async () => {
  const { asked } = await passes(1, 0);
  assert.equal(asked.length, 400);
  assert.ok(asked.every(({ range }) => range!.to - range!.from === 182 * DAY && range!.from >= 0));
  assert.ok(asked.every(({ range }) => range!.to <= 1460 * DAY));
  assert.ok(new Set(asked.map(({ range }) => range!.from)).size > 300);
  const off = await passes(1, 3, { config: { ...config, off: ['null'] } });
  assert.deepEqual([off.passed, off.asked], [true, []]);
});

test('costs and luck that is normal ask no more than before', () => {
  const bar = (lucky: readonly number[], look: number, seasonal = false) =>
    selectionBar(new Float64Array(3), 1, emptyHistory(), config.selection, look, seasonal, lucky);
  const losing = Array.from({ length: 200 }, (_, k) => -5 + k / 200);
  assert.deepEqual([bar(losing, 1), bar(losing, 1)], [bar([], 1), 0]);
  assert.equal(bar(losing, 9), bar([], 9));
  const high = Array.from({ length: 199 }, (_, k) => k / 100);
  assert.deepEqual([bar(high, 1), bar(high, 2), bar(high, 1000) >= 1.98], [0.99, 1.49, true]);
  assert.ok(bar(high, 1, true) >= 1.94);
});

test('a cheat that plays for short folds meets a bar of its own', async () => {
  const [experiment] = defenceExperiments().filter(({ family }) => family === 'short-test');
  assert.ok(FAMILIES['short-test']);
  const ground = groundOf(experiment, 0, null);
  const propose = (await adversaryProposers(experiment, ground))(seededRandom('opening'));
  const proposal = await propose([], seededRandom('opening'));
  assert.ok(proposal);
  const workbench = ground.benchOf(proposal);
  const few = shippedGates({ surrogates: { count: 40 } });
  const { params, family } = proposal.space.definition;
  const context: StageContext = {
    config: few,
    params,
    family,
    train: ground.train,
    workbench,
    history: emptyHistory(),
  };
  const answer = await shortNull(context, [91, 91, 91, 91]);
  assert.ok(answer.ok);
  assert.ok(
    answer.value.filter((sharpe) => sharpe > 0).length >= 28,
    `${answer.value.filter((x) => x > 0).length} of 40`,
  );
  const bar = selectionBar(new Float64Array(3), 1, emptyHistory(), config.selection, 1, false, answer.value);
  assert.ok(bar > 0.3, `${bar}`);
});
