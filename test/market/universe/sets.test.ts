import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { type Bars, barsBetween, DAY } from '../../../src/market/bars.ts';
import { coverageOf } from '../../../src/market/coverage.ts';
import { simulateMarket } from '../../../src/market/simulate.ts';
import { freezeWindows } from '../../../src/market/snapshot.ts';
import { storeBars } from '../../../src/market/store/store-bars.ts';
import { membersOf } from '../../../src/market/universe/members.ts';
import type { Windows } from '../../../src/market/windows.ts';
import { sharedDatabase } from '../helpers/database.ts';

const START = Date.UTC(2020, 0, 1);
const day = (k: number) => START + k * DAY;
const WINDOWS: Windows = {
  train: { from: day(10), to: day(30) },
  selection: [{ from: day(32), to: day(40) }],
  holdout: { from: day(42), to: day(50) },
  embargoMs: 2 * DAY,
  warmupMs: 3 * DAY,
};
const RANGE = { from: WINDOWS.train.from, to: WINDOWS.holdout.to };

/** Hourly bars; the volume of a day is the base times what `busy` says of that day. */
function coin(seed: number, from: number, to: number, busy: (day: number) => number): Bars {
  const { bars } = simulateMarket({ seed, minutes: 50 * 1440, start: START, barMinutes: 60, gapsPerYear: 0 });
  const own = barsBetween(bars, day(from), day(to));
  return { ...own, volume: own.volume.map((_, i) => busy(Math.floor((own.time[i] - START) / DAY)) / own.close[i]) };
}

// The third is the busiest after day 10 alone; the fourth dies on day 20.
const COINS = {
  AAA: coin(1, 0, 50, () => 100),
  BBB: coin(2, 0, 50, () => 90),
  CCC: coin(3, 0, 50, (d) => (d < 10 ? 1 : 10_000)),
  DDD: coin(4, 0, 20, () => 95),
};
const SYMBOLS = Object.keys(COINS);

const { db, dir } = sharedDatabase(async (database) => {
  for (const [symbol, bars] of Object.entries(COINS))
    await storeBars(database, symbol, bars, 'test', { aggregates: false });
});

const set = (rest: object) => ({ days: 5, ...rest }) as never;
const sets = (universes: Record<string, never>, symbols = SYMBOLS) =>
  membersOf(db(), { universes, symbols, range: RANGE });

describe('sets of symbols', { concurrency: false }, () => {
  it('the top by dollar volume of the days before train: what comes later is not known', async () => {
    const { liquid } = await sets({ liquid: set({ top: 2 }) });
    assert.deepEqual(liquid, { AAA: [{ from: day(10), to: null }], DDD: [{ from: day(10), to: null }] });
  });

  it('chosen anew every ten days, each time by the days before: who is chosen again stays', async () => {
    const { liquid } = await sets({ liquid: set({ top: 2, everyDays: 10 }) });
    assert.deepEqual(liquid, {
      AAA: [{ from: day(10), to: day(50) }],
      CCC: [{ from: day(20), to: day(50) }],
      DDD: [{ from: day(10), to: day(20) }],
    });
  });

  it('a rule that finds too few says which', async () => {
    await assert.rejects(
      sets({ liquid: set({ top: 5 }) }),
      /asks for the top 5 .* there are 4 with any \(AAA, DDD, BBB, CCC\)/,
    );
    await assert.rejects(sets({ liquid: set({ top: 1, of: ['EEE'] }) }), /there are 0 with any \(none\)/);
  });

  it('a window holds every member, also one that died, under one fingerprint; who has no bars is named', async () => {
    const universes = await sets({ coins: set({ members: [{ symbol: 'AAA' }, { symbol: 'DDD', to: day(35) }] }) });
    const freeze = (given: typeof universes | undefined, symbols = ['AAA']) =>
      freezeWindows(db(), { windows: WINDOWS, symbols, universes: given, dir: join(dir(), 'frozen') });
    const frozen = await freeze(universes);
    const dead = coverageOf(frozen).filter(({ symbol }) => symbol === 'DDD');
    assert.deepEqual(
      dead.map(({ window, bars, first }) => [window, bars, first]),
      [
        ['train', 240, day(10)],
        ['selection fold 1', 0, null],
        ['holdout', 0, null],
      ],
    );
    assert.equal((await freeze(universes)).fingerprint, frozen.fingerprint);
    const other = await sets({ coins: set({ members: [{ symbol: 'AAA' }, { symbol: 'DDD' }] }) });
    assert.notEqual((await freeze(other)).fingerprint, frozen.fingerprint);
    await assert.rejects(freeze(undefined, ['AAA', 'DDD']), /DDD/);
    const never = await sets({ coins: set({ members: [{ symbol: 'AAA' }, { symbol: 'EEE' }] }) });
    await assert.rejects(freeze(never), /EEE is in a set of market.yaml and has no bars in any window/);
  });
});
