import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SimulationRequest } from '../../src/backtest/contract.ts';
import { emptyHistory } from '../../src/gates/history.ts';
import { nullStage } from '../../src/gates/stages/null.ts';
import type { StageContext } from '../../src/gates/stages/stage.ts';
import { trainFindings } from '../../src/gates/stages/train.ts';
import { cannedWorkbench, dailyReturns, resultOf, shippedGates } from './support.ts';

const DAYS = 1460;
const config = shippedGates({ surrogates: { count: 200, most: 400, held: 0 } });

/** The stage for a candidate of this Sharpe ratio whose surrogates have another, and the requests that it made. */
async function stage(
  sharpe: number,
  nullSharpe: number,
  changes: {
    trades?: number;
    trials?: number;
    noisy?: number;
    rules?: number;
    lucky?: number;
    universe?: boolean;
  } = {},
) {
  const asked: SimulationRequest[] = [];
  const train = resultOf(dailyReturns(DAYS, sharpe, 'own'));
  // Every n-th day is another one where the window is noisy, or under the rules of surrogates.
  const noisy = (index: number) => {
    const returns = dailyReturns(DAYS, sharpe, 'own');
    const every = index === 0 ? changes.rules : (changes.noisy ?? changes.rules);
    if (every === undefined) return train;
    return resultOf(returns.map((value, day) => (day % every === 0 ? -value : value)));
  };
  const workbench = cannedWorkbench(() => train, {
    surrogates: async (requests) => {
      const value = requests.map((request) => {
        const { surrogate } = request;
        if (surrogate!.noise) return noisy(surrogate!.index);
        asked.push(request);
        const seed = `${surrogate!.drift} ${surrogate!.index}`;
        const luck = surrogate!.index === changes.lucky ? 6 : nullSharpe;
        return resultOf(dailyReturns(DAYS, luck, seed), { roundTrips: changes.trades ?? 60 });
      });
      return { ok: true, value };
    },
  });
  const history = { ...emptyHistory(), trials: changes.trials ?? 100 };
  const words: string[] = [];
  const context: StageContext = {
    config,
    params: {},
    family: 'f',
    universe: changes.universe,
    train: { from: 0, to: 0 },
    workbench,
    history,
    onProgress: (said) => void words.push(said),
  };
  const answer = await nullStage(context, trainFindings(train, config));
  assert.ok('gates' in answer);
  return { ...answer, asked, words, failed: answer.gates.filter(({ passed }) => !passed).map(({ gate }) => gate) };
}

test('a candidate far above its null passes both, and says how far it is on the way', async () => {
  const { failed, asked, metrics, words } = await stage(4.5, 0);
  assert.deepEqual(failed, []);
  assert.deepEqual(new Set(asked.map(({ surrogate }) => surrogate!.drift)), new Set([false, true]));
  assert.ok(metrics.nullP < 0.001 && metrics.nullDriftP < 0.001);
  assert.match(words.at(-1)!, /^null drift: \d+ of \d+ surrogates$/);
});

test('a candidate whose null earns as much is dropped after few surrogates, before the second null', async () => {
  const { failed, asked } = await stage(1.5, 1.5);
  assert.deepEqual(failed, ['null.signs']);
  assert.ok(asked.length < 200, `${asked.length}`);
});

test('costs are no credit: a null that loses is lifted to 0', async () => {
  const losing = await stage(1, -4);
  assert.deepEqual(losing.failed, ['null.signs']);
  assert.ok(losing.metrics.nullP > 0.005, `${losing.metrics.nullP}`);
});

test('a near case gets more surrogates, and more trials ask for more', async () => {
  const near = await stage(2.2, 0);
  assert.ok(near.asked.length > 200);
  assert.deepEqual((await stage(2.6, 0, { trials: 1_000_000 })).failed, ['null.signs']);
});

test('a rare great luck of the null is looked for before a candidate passes, and is not smoothed over', async () => {
  // Of 200 draws, the 251st is not seen; one of 400 is more than the level allows.
  const rare = await stage(4.5, 0, { lucky: 250 });
  assert.deepEqual(rare.failed, ['null.signs']);
  assert.ok(rare.metrics.nullP >= 1 / 400, `${rare.metrics.nullP}`);
  const { metrics } = await stage(4.5, 0);
  assert.ok(metrics.nullSurrogates >= 349 && metrics.nullSurrogates <= 360, `${metrics.nullSurrogates}`);
});

test('a candidate that stands still on every market but the true one has no null', async () => {
  assert.deepEqual((await stage(4.5, 0, { trades: 3 })).failed, ['null.signsTrades']);
});

test('a candidate that acts otherwise on a noisy window is refused before any surrogate is played', async () => {
  const { failed, asked } = await stage(4.5, 0, { noisy: 4 });
  assert.deepEqual([failed, asked], [['null.noise'], []]);
  assert.deepEqual((await stage(4.5, 0, { noisy: 40 })).failed, []);
});

test('a candidate that acts otherwise where there is no tick, lot or smallest order is refused', async () => {
  const { failed, asked } = await stage(4.5, 0, { rules: 30 });
  assert.deepEqual([failed, asked], [['null.rules'], []]);
  assert.deepEqual((await stage(4.5, 0, { rules: 700 })).failed, []);
});

test('signs of a universe are held for an hour by all symbols, then each has signs of its own', async () => {
  const { failed, asked, metrics } = await stage(4.5, 0, { universe: true });
  assert.deepEqual(failed, []);
  assert.ok(asked.every(({ surrogate }) => surrogate!.holdMinutes === 60));
  const kinds = asked.map(({ surrogate }) => `${surrogate!.drift} ${surrogate!.ownSigns ?? false}`);
  assert.deepEqual([...new Set(kinds)], ['false false', 'true false', 'false true']);
  assert.ok(metrics.nullP < 0.001 && metrics.nullDriftP < 0.001 && metrics.nullOwnP < 0.001);
});
