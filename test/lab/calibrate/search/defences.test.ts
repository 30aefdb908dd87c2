import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../../../../src/base/random.ts';
import { adversaryProposers } from '../../../../src/lab/calibrate/adversary.ts';
import { dailyGround, dailyProposer } from '../../../../src/lab/calibrate/daily.ts';
import { calibrationMarket, NOISE } from '../../../../src/lab/calibrate/ground.ts';
import { byDailyCloses, type Defence, SETTINGS } from '../../../../src/lab/calibrate/search/defences.ts';
import { memoryGround } from '../../../../src/lab/calibrate/search/memory-workbench.ts';
import { type Ground, runSearch } from '../../../../src/lab/calibrate/search/search.ts';
import { standardRanges, windowsOf } from '../../../../src/lab/calibrate/search/windows.ts';
import { DAY } from '../../../../src/market/bars.ts';
import { simulateMarket } from '../../../../src/market/simulate.ts';
import { cannedWorkbench, dailyReturns, resultOf, shippedGates } from '../../../gates/support.ts';

const shipped = shippedGates();
const gates = { ...shipped, surrogates: { ...shipped.surrogates, held: 0 } };

/** Looks of the same search with all defences, and with some of them switched off. */
async function looksWithAndWithout(
  defences: readonly Defence[],
  search: (off: readonly Defence[]) => ReturnType<typeof runSearch>,
) {
  const [on, off] = [await search([]), await search(defences)];
  return { on: on.looks, off: off.looks, ended: JSON.stringify([on.ended, off.ended]) };
}

test('ledger: the same luck tried for ten nights looks at held-back days, and does not when the nights are counted together', async () => {
  // Nights of 20 trials, judged from the first on as 20, in place of nights of 100: less to play.
  const judges = { ...gates, deflation: { ...gates.deflation, minTrials: 20 } };
  const ground = dailyGround({ name: 'nights', trials: 200 }, 7);
  const { on, off, ended } = await looksWithAndWithout(['ledger'], (without) =>
    runSearch(dailyProposer, 200, ground, judges, seededRandom(1), { off: without, nights: 10 }),
  );
  assert.deepEqual([on, off > 0], [0, true], `${on} ${off} ${ended}`);
});

test('families by behaviour: pieces of the window, others in every trial, look at held-back days only under new names', async () => {
  const { on, off, ended } = await looksWithAndWithout(['families'], (without) =>
    runSearch(dailyProposer, 9, patchwork('pieces'), gates, seededRandom(1), { off: without }),
  );
  assert.deepEqual([on, off > 0], [0, true], `${on} ${off} ${ended}`);
});

test('memory: digits of prices and of volumes look at held-back days without a defence, and not on a noisy window', async () => {
  const { bars } = simulateMarket({ ...NOISE, barMinutes: 60, edges: [], seed: '10' });
  const ground = memoryGround(windowsOf({ SIM: bars }, standardRanges(NOISE.start)), calibrationMarket());
  for (const [family, trials] of [
    ['price-digits', 4],
    ['volume-digits', 3],
  ] as const) {
    const proposer = await adversaryProposers({ family }, ground);
    const search = (setting: string) => {
      const { off } = SETTINGS.find(({ name }) => name === setting)!;
      return runSearch(proposer(seededRandom(`test ${family} 10`)), trials, ground, gates, seededRandom(1), { off });
    };
    const [open, closed] = [await search('none'), await search('memory alone')];
    assert.ok(open.looks > 0, `${family}: ${JSON.stringify(open.ended)}`);
    assert.deepEqual([closed.looks, closed.ended.null], [0, open.looks], `${family}: ${JSON.stringify(closed.ended)}`);
  }
});

/** What a cheat shows where the market and its surrogates are played, in place of simulations: a Sharpe ratio of 3 on train. */
interface Shown {
  /** Quadratic variation of a day, in squared daily returns. */
  readonly variation?: number;
  /** Sharpe ratio on surrogates without and with the drift of the window. */
  readonly surrogates?: readonly [number, number];
}

const SHOWN: readonly (Shown & { readonly name: string; readonly off: readonly Defence[] })[] = [
  { name: 'insideDay: what is risked and closed within the day', off: ['insideDay'], variation: 6 },
  { name: 'null and driftNull: what the code earns on any market', off: ['null', 'driftNull'], surrogates: [3, 3] },
  { name: 'driftNull: what the code earns on any market with this drift', off: ['driftNull'], surrogates: [0, 3] },
];

for (const { name, off: defences, ...shown } of SHOWN) {
  test(name, async () => {
    const { on, off, ended } = await looksWithAndWithout(defences, (without) =>
      runSearch(dailyProposer, 1, showing(shown), gates, seededRandom(1), { off: without }),
    );
    assert.deepEqual([on, off], [0, 1], ended);
  });
}

function showing({ variation = 0.5, surrogates = [0, 0] }: Shown): Ground {
  const returns = dailyReturns(1460, 3, 'shown');
  const train = resultOf(returns, { dayVariation: returns.map((value) => variation * value * value) });
  return {
    train: { from: 0, to: 1460 * DAY },
    selectionDays: 365,
    benchOf: (_, off = []) => {
      const seen = off.includes('insideDay') ? byDailyCloses(train) : train;
      return cannedWorkbench(
        (window, { params }) =>
          window === 'train'
            ? { ...seen, equityFingerprint: `${params.trial}` }
            : resultOf(dailyReturns(365, 1, 'shown fold')),
        {
          surrogates: async (requests) => ({
            ok: true,
            value: requests.map(({ surrogate }) => {
              const { noise, drift, index } = surrogate!;
              if (noise) return seen;
              const drifts = off.includes('driftNull') ? false : drift || off.includes('null');
              return resultOf(dailyReturns(1460, surrogates[drifts ? 1 : 0], `${drifts} ${index}`));
            }),
          }),
        },
      );
    },
  };
}

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
    train: { from: 0, to: days * DAY },
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
