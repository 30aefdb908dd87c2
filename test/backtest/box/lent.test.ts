import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { squaredChanges } from '../../../src/backtest/account/variation.ts';
import { auditCausality } from '../../../src/backtest/box/child/audit.ts';
import { alterable, minutesOfFuture, withRoom } from '../../../src/backtest/box/child/future.ts';
import { auditMemory } from '../../../src/backtest/box/child/memory.ts';
import { simulate } from '../../../src/backtest/engine.ts';
import { buildFrame } from '../../../src/backtest/view/frames.ts';
import { prepare } from '../../../src/backtest/view/prepare.ts';
import { SPARE_ROWS } from '../../../src/backtest/view/scratch.ts';
import { seededRandom } from '../../../src/base/random.ts';
import { type Bars, barsOf, columnsOf, emptyBars, MINUTE, TIMEFRAMES } from '../../../src/market/bars.ts';
import { defineStrategy, map, sma } from '../../../src/strategy/index.ts';
import fc from '../../fast-check.ts';
import { candles } from '../arbitrary.ts';
import { MARKET, REQUEST, SYMBOLS, walk } from './support.ts';

const cloned = (bars: Bars) => barsOf(columnsOf(bars).map((column) => column.slice()));

describe('a future that is replaced where it is', () => {
  it('is a possible one behind the same past, and what is prepared of it is what bars that nothing is known of give', () => {
    const futures = fc.record({
      place: fc.nat(),
      kind: fc.constantFrom('mirror' as const, 'rise' as const, 'fall' as const),
      length: fc.integer({ min: 1, max: 50 }),
      known: fc.boolean(),
      made: fc.subarray(['1m', '15m', '1h', 'squares'] as const),
    });
    fc.assert(
      fc.property(candles, fc.array(futures, { minLength: 1, maxLength: 5 }), fc.nat(), (given, steps, seed) => {
        const all = withRoom({ symbol: 'X', bars: given, range: { from: 0, to: 0 } }, 50);
        const whole = prepare('X', all);
        const copy = alterable(whole, 50);
        const random = seededRandom(seed);
        // Cuts rise, as in an audit.
        const rising = steps.toSorted((a, b) => (a.place % given.length) - (b.place % given.length));
        for (const { place, kind, length, known, made } of rising) {
          for (const each of made) each === 'squares' ? whole.squares() : whole.frame(each);
          const keep = 1 + (place % given.length);
          const cut = given.time[keep - 1] + MINUTE;
          const altered = copy.alter({ cut, kind, length, random }, keep, known ? keep : 0);
          assert.equal(altered.length, kind === 'mirror' ? Math.min(given.length, keep + length) : keep + length);
          for (const [k, column] of columnsOf(altered).entries())
            assert.deepEqual(column.slice(0, keep), columnsOf(given)[k].slice(0, keep));
          const plain = cloned(altered);
          // Throws for bars that no market could print.
          assert.deepEqual(prepare('X', plain).bars, plain);
          const other = altered.close.slice(keep, given.length).some((price, i) => price !== given.close[keep + i]);
          assert.ok(other || keep === given.length || given.close[keep] === given.close[keep - 1]);
          for (const timeframe of ['1m', '15m', '1h', '1d'] as const)
            assert.deepEqual(prepare('X', altered).frame(timeframe), buildFrame(plain, timeframe));
          assert.deepEqual(
            prepare('X', altered)
              .squares()
              .slice(0, altered.length + 1),
            squaredChanges(plain),
          );
          copy.putBack();
          assert.deepEqual(all, given);
        }
      }),
      { numRuns: 200 },
    );
  });
});

it('bars that have room are used where they are; others, and those with a repetition, are copied', () => {
  const bars = emptyBars(3, 5);
  for (const [k, column] of columnsOf(bars).entries())
    column.set(k === 0 ? [1, 2, 3].map((i) => i * MINUTE) : [1, 1, 1]);
  const data = { symbol: 'X', bars, range: { from: 0, to: 4 * MINUTE }, room: 5 };
  assert.equal(withRoom(data, 5), bars);
  assert.notEqual(withRoom(data, 6), bars);
  const repeated = { ...bars, time: Float64Array.of(MINUTE, MINUTE, 2 * MINUTE) };
  assert.equal(withRoom({ ...data, bars: repeated }, 5).length, 2);
});

it('the longest future has the room that windows are read with', () => {
  assert.equal(Math.max(...TIMEFRAMES.map(minutesOfFuture)), SPARE_ROWS);
});

describe('the bars behind an audit', () => {
  const data = SYMBOLS.map((symbol) => {
    const bars = withRoom({ symbol, bars: walk(20_000, symbol), range: { from: 0, to: 0 } }, 36_000);
    return { symbol, bars, range: { from: bars.time[2_000], to: bars.time[19_999] + MINUTE }, room: 36_000 };
  });
  const truth = data.map(({ bars }) => cloned(bars));
  const top = Math.max(...truth.map(({ high }) => high.reduce((most, price) => Math.max(most, price), 0)));
  const bottom = Math.min(...truth.map(({ low }) => low.reduce((least, price) => Math.min(least, price))));

  /** Trades its own average; throws where a price is one that this market never saw. */
  const strategy = (universe: boolean, from = 0, to = Number.POSITIVE_INFINITY) => {
    const known = (price: number) => {
      if (price < from || price > to) throw new Error('a price that never was');
      return price;
    };
    return defineStrategy({
      family: 'test',
      hypothesis: 'none',
      timeframe: '15m',
      ...(universe && { universe }),
      params: {},
      warmup: 20,
      indicators: ({ close }: { close: never }) => ({ mean: sma(map(known)(close), 20) }),
      decide(now: { symbols?: readonly { close: number }[]; close: number }) {
        for (const one of now.symbols ?? [now]) {
          const each = one as { close: number; mean: number; position: number; target(weight: number): void };
          each.target(each.close > each.mean ? 0.4 : -0.4);
        }
      },
    } as never);
  };

  it('are the bars in front of it where two symbols have the same', () => {
    const own = data.map((each) => ({ ...each, bars: data[0].bars }));
    const report = auditCausality(() => strategy(true), own, MARKET, { params: {}, cuts: 12, seed: 1 });
    assert.equal(report.leak, null);
    assert.equal(auditMemory(() => strategy(true), own, MARKET, { params: {}, seed: 1 }).scaled, null);
    assert.deepEqual(cloned(data[0].bars), truth[0]);
  });

  for (const universe of [true, false]) {
    const own = universe ? data : data.slice(0, 1);
    const asked = { params: {}, cuts: 12, seed: 1 };
    const played = () => simulate(strategy(universe), own, REQUEST, MARKET);
    const behind = () => {
      assert.deepEqual(
        data.map(({ bars }) => cloned(bars)),
        truth,
      );
      return played();
    };

    it(`are the bars in front of it (${universe ? 'a universe' : 'one symbol'}), and so is what it says where they have no room`, () => {
      const before = played();
      const report = auditCausality(() => strategy(universe), own, MARKET, asked);
      assert.equal(report.leak, null);
      const copied = own.map(({ room: _, ...each }, s) => ({ ...each, bars: cloned(truth[s]) }));
      assert.deepEqual(
        auditCausality(() => strategy(universe), copied, MARKET, asked),
        report,
      );
      assert.equal(auditMemory(() => strategy(universe), own, MARKET, asked).scaled, null);
      assert.deepEqual(behind(), before);
    });

    it(`are the bars in front of it where the candidate throws in another future (${universe ? 'a universe' : 'one symbol'})`, () => {
      const before = played();
      const audit = () => auditCausality(() => strategy(universe, bottom, top), own, MARKET, asked);
      assert.throws(audit, /a price that never was/);
      assert.deepEqual(behind(), before);
    });

    it(`are the bars in front of it where the candidate throws at another scale (${universe ? 'a universe' : 'one symbol'})`, () => {
      const before = played();
      const audit = () => auditMemory(() => strategy(universe, bottom, top), own, MARKET, asked);
      assert.throws(audit, /a price that never was/);
      assert.deepEqual(behind(), before);
    });
  }
});
