import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../../../src/base/random.ts';
import { dailyGround, dailyProposer } from '../../../src/lab/calibrate/daily.ts';
import type { Defence } from '../../../src/lab/calibrate/defences.ts';
import { type Ground, runSearch } from '../../../src/lab/calibrate/search.ts';
import { cannedWorkbench, dailyReturns, resultOf, shippedGates } from '../../gates/support.ts';

const shipped = shippedGates();
const gates = { ...shipped, surrogates: { ...shipped.surrogates, held: 0 } };

/** Looks of the same search with all defences, and with one of them switched off. */
async function looksWithAndWithout(
  defence: Defence,
  search: (off: readonly Defence[]) => ReturnType<typeof runSearch>,
) {
  const [on, off] = [await search([]), await search([defence])];
  return { on: on.looks, off: off.looks, ended: JSON.stringify([on.ended, off.ended]) };
}

test('ledger: the same luck tried for ten nights looks at held-back days, and does not when the nights are counted together', async () => {
  // Nights of 20 trials, judged from the first on as 20, in place of nights of 100: less to play.
  const judges = { ...gates, deflation: { ...gates.deflation, minTrials: 20 } };
  const ground = dailyGround({ name: 'nights', trials: 200 }, 7);
  const { on, off, ended } = await looksWithAndWithout('ledger', (without) =>
    runSearch(dailyProposer, 200, ground, judges, seededRandom(1), { off: without, nights: 10 }),
  );
  assert.deepEqual([on, off > 0], [0, true], `${on} ${off} ${ended}`);
});

test('families by behaviour: pieces of the window, others in every trial, look at held-back days only under new names', async () => {
  const { on, off, ended } = await looksWithAndWithout('families', (without) =>
    runSearch(dailyProposer, 9, patchwork('pieces'), gates, seededRandom(1), { off: without }),
  );
  assert.deepEqual([on, off > 0], [0, true], `${on} ${off} ${ended}`);
});

/**
 * Every trial knows one of each two neighbouring tenths of the train window, by chance, and loses in the other: the one that was best in
 * one half of the tenths fails in the other half. The proposer gives each a family of its own only by name.
 */
function patchwork(seed: string): Ground {
  const days = 1460;
  const [known, unknown] = [8, -2];
  const base = dailyReturns(days, 0, seed);
  const scale = 0.4 / Math.sqrt(365) / Math.sqrt(365);
  const returnsOf = (trial: number) => {
    const random = seededRandom(`${seed} ${trial}`);
    const tenths = Array.from({ length: 5 }, () => (random() < 0.5 ? [known, unknown] : [unknown, known])).flat();
    return base.map((value, day) => value + scale * tenths[Math.floor((10 * day) / days)]);
  };
  return {
    train: { from: 0, to: days * 86_400_000 },
    selectionDays: 365,
    benchOf: ({ params: { trial } }) => {
      // The gate needs eight trials: the first ones trade too seldom for anything else.
      const train = resultOf(returnsOf(trial), { roundTrips: trial < 9 ? 3 : 60 });
      const fold = resultOf(dailyReturns(365, 1, `${seed} fold`));
      return cannedWorkbench((window, { params }) =>
        window !== 'train' ? fold : { ...train, equityFingerprint: `${trial} ${params.trial}` },
      );
    },
  };
}
