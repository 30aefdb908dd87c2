import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SimulationRequest, SimulationResult } from '../../../src/backtest/contract.ts';
import type { StageContext, TrainFindings } from '../../../src/gates/stages/stage.ts';
import { mostTuned, tunedSurrogates } from '../../../src/gates/stages/tuned-null.ts';
import { partsOf } from '../../../src/gates/tuning/walk.ts';
import { DAY } from '../../../src/market/bars.ts';
import { rangeAxis } from '../../../src/strategy/axes.ts';
import { cannedWorkbench, dailyReturns, resultOf, shippedGates } from '../support.ts';

const config = shippedGates();
const train = { from: 0, to: 500 * DAY };
/** What the tuner tried on the market. */
const FOUND = [10, 90].map((a) => ({ params: { a, k: 7 }, score: 1, sharpe: 1 }));
const walk = partsOf(train, 4).map((part) => ({ ...part, params: { a: 50, k: 7 }, sharpe: 1, tried: FOUND }));
const decisions = (count: number) => ({ result: { decisions: count } }) as TrainFindings;
const surrogates = [0, 1, 2, 3].map((index) => ({ index, holdMinutes: 1, drift: false }));

/** A market that pays low values of `a` on even surrogates and high ones on odd ones. */
function pays({ params, range, surrogate }: SimulationRequest): SimulationResult {
  const low = surrogate!.index % 2 === 0;
  const days = (range!.to - range!.from) / DAY;
  return resultOf(dailyReturns(days, params.a < 50 === low ? 6 : -6, `${params.a} ${surrogate!.index}`));
}

/** What the null asked for: `points` to choose from, and how each surrogate was then `played`. */
async function asked(changes: Partial<StageContext['workbench']> = {}, few = decisions(100)) {
  const all: SimulationRequest[] = [];
  const bench = cannedWorkbench((_, request) => {
    all.push(request);
    return pays(request);
  }, changes);
  const tuning = { axes: { a: rangeAxis(1, 99) }, fixed: { k: 7 }, seed: 'x' };
  const context = { config, params: walk[0].params, tuning, walk, train, workbench: bench } as unknown as StageContext;
  const answer = await tunedSurrogates(context, few, surrogates);
  assert.ok(answer.ok && answer.value.length === surrogates.length);
  return { points: all.filter(({ path }) => !path), played: all.filter(({ path }) => path) };
}

test('each surrogate is tuned on its own past: the points see nothing behind the last in-sample part', async () => {
  const { points, played } = await asked();
  assert.equal(points.length, surrogates.length * config.tuning.nullEvaluations);
  assert.ok(
    points.every(({ until, range, params }) => until === walk[3].from && range?.to === until && params.k === 7),
  );
  assert.equal(played.length, surrogates.length);
  for (const { params, path, range, surrogate } of played) {
    const picked = [params, ...(path ?? []).map((step) => step.params)];
    assert.equal(picked.length, 4);
    assert.ok(
      picked.every(({ a, k }) => a < 50 === (surrogate!.index % 2 === 0) && k === 7),
      JSON.stringify(picked),
    );
    assert.deepEqual(range, { from: walk[0].from, to: train.to });
  }
});

test('the points keep to `where`, are the same on all surrogates, and fewer for a candidate that decides often', async () => {
  const allowed: StageContext['workbench']['allowed'] = async (some) => ({
    ok: true,
    value: some.map(({ a }) => a > 70),
  });
  const { points } = await asked({ allowed }, decisions(1e6));
  const of = (index: number) =>
    points.filter(({ surrogate }) => surrogate!.index === index).map(({ params }) => params.a);
  assert.equal(of(0).length, config.tuning.nullEvaluations / 2);
  assert.ok(of(0).every((a) => a > 70));
  assert.deepEqual(of(3), of(0));
  assert.ok(mostTuned(config, decisions(100)) > mostTuned(config, decisions(1e6)));
});

test('where `where` allows hardly a point, the surrogates are tuned over those that the tuner found', async () => {
  const nothing: StageContext['workbench']['allowed'] = async (some) => ({ ok: true, value: some.map(() => false) });
  const { points, played } = await asked({ allowed: nothing });
  assert.deepEqual(new Set(points.map(({ params }) => params.a)), new Set([10, 90]));
  for (const { params, surrogate } of played) assert.equal(params.a, surrogate!.index % 2 === 0 ? 10 : 90);
});
