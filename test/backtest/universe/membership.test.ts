import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { auditCausality } from '../../../src/backtest/box/child/audit.ts';
import { auditMemory } from '../../../src/backtest/box/child/memory.ts';
import type { SimulationResult } from '../../../src/backtest/contract.ts';
import { simulate } from '../../../src/backtest/engine.ts';
import type { Members } from '../../../src/backtest/market.ts';
import { surrogateOf } from '../../../src/backtest/surrogate.ts';
import { type Bars, barsBetween, DAY, HOUR } from '../../../src/market/bars.ts';
import { neutralise, rank } from '../../../src/strategy/across.ts';
import { defineStrategy, type SeriesBars } from '../../../src/strategy/definition.ts';
import { roc, scan } from '../../../src/strategy/indicators/index.ts';
import type { UniverseNow } from '../../../src/strategy/universe.ts';
import { barsOf, NEUTRAL, unitMarket } from '../support.ts';
import { halves, near, play, START } from './play.ts';
import { walk } from './walk.ts';

/** A random walk by the hour. */
function hours(seed: number, count: number): Bars {
  const bars = walk(seed, count, START, 0);
  return { ...bars, time: bars.time.map((time) => START + (time - START) * 60) };
}

const day = (d: number) => START + d * DAY;
const all = (now: UniverseNow<{ speed: never }>) => {
  for (const symbol of now.symbols) symbol.target(0.5);
};

function playDays(members: Members, decide = all, days = 6): { result: SimulationResult; live: string[] } {
  const bars = { A: hours(1, days * 24), B: hours(2, days * 24) };
  const live: string[] = [];
  const result = play(
    bars,
    (now) => {
      live.push(now.symbols.map((each) => (each.live ? each.name : '-')).join(''));
      decide(now);
    },
    { timeframe: '1h', members, costs: { takerBps: 10, slippageBps: 5 } },
  );
  return { result, live };
}

describe('membership', () => {
  it('a member that leaves is sold at the close of its last bar, is not live any more, and may come back', () => {
    const members = {
      B: [
        { from: day(1), to: day(2) },
        { from: day(4), to: null },
      ],
    };
    const { result, live } = playDays(members);
    const changes = live.filter((each, i) => each !== live[i - 1]);
    assert.deepEqual(changes, ['A-', 'AB', 'A-', 'AB']);
    assert.equal(live.indexOf('AB'), 23);
    const own = result.fills!.filter(({ symbol }) => symbol === 'B');
    assert.deepEqual(
      own.slice(0, 3).map(({ time, reason, quantity }) => [time, reason, Math.sign(quantity)]),
      [
        [day(1), 'market', 1],
        [day(2) - HOUR, 'membership', -1],
        [day(4), 'market', 1],
      ],
    );
    const close = hours(2, 144).close[47];
    near(own[1].price, close * (1 - 5 / 10_000));
    near(own[1].fee, own[1].price * Math.abs(own[1].quantity) * 0.001);
    assert.ok(result.refused > 0);
  });

  it('an order that waits is taken back with the membership', () => {
    const members = { B: [{ from: null, to: day(2) }] };
    const waits = (now: UniverseNow<{ speed: never }>) => {
      const b = now.of('B');
      if (b.working === 0) b.order(0.5, { limit: b.close * 0.5 });
    };
    const { result } = playDays(members, waits);
    assert.equal(result.fills!.length, 0);
    assert.deepEqual(result.standings!.find(({ symbol }) => symbol === 'B')?.orders, []);
  });

  it('members over the whole range play like no set at all; so does a membership that ends with it', () => {
    const plain = playDays(undefined as unknown as Members).result;
    for (const members of [{}, { A: [{ from: null, to: null }], B: [{ from: day(-9), to: day(6) }] }] as Members[]) {
      const { result } = playDays(members);
      assert.equal(result.equityFingerprint, plain.equityFingerprint);
      for (const [d, value] of plain.dayBenchmark.entries()) near(result.dayBenchmark[d], value);
      for (const [d, value] of plain.benchmarkVariation.entries()) near(result.benchmarkVariation[d], value);
    }
  });

  it('the benchmark holds the members alike, from each change on', () => {
    const members = { B: [{ from: day(2), to: day(4) }] };
    const { result } = playDays(members);
    const [a, b] = [hours(1, 144), hours(2, 144)];
    const over = (bars: Bars, from: number, to: number) => bars.close[to * 24 - 1] / bars.open[from * 24];
    const first = over(a, 0, 2);
    const second = first * 0.5 * (over(a, 2, 4) + over(b, 2, 4));
    near(result.dayBenchmark[1], first);
    near(result.dayBenchmark[3], second);
    near(result.dayBenchmark[5], second * over(a, 4, 6));
  });

  it('the benchmark gives a member its part from its first bar to its last, and the others all of it before and after', () => {
    const [a, whole] = [hours(1, 144), hours(2, 144)];
    // B lists in the morning of its second day as a member, and ends in the evening of the last but one.
    const [first, last] = [2 * 24 + 7, 4 * 24 + 19];
    const b = barsBetween(whole, START + first * HOUR, START + last * HOUR);
    const played = (members: Members) => play({ A: a, B: b, C: hours(3, 144) }, halves, { timeframe: '1h', members });
    const over = (bars: Bars, from: number, to: number) => bars.close[to - 1] / bars.open[from];
    const C = [{ from: day(1), to: day(2) }];
    const noC = [{ from: day(-3), to: day(-2) }];
    for (const [members, atC] of [
      [{ C: noC }, over(a, 24, 48)],
      [{ B: [{ from: day(1), to: null }], C }, (over(a, 24, 48) + over(hours(3, 144), 24, 48)) / 2],
    ] as const) {
      const { dayBenchmark } = played(members);
      const before = over(a, 0, 24) * atC;
      near(dayBenchmark[0], over(a, 0, 24));
      near(dayBenchmark[1], before);
      const listed = before * over(a, 48, first);
      near(dayBenchmark[2], (listed * (over(a, first, 72) + over(whole, first, 72))) / 2);
      const ended = (listed * (over(a, first, last) + over(whole, first, last))) / 2;
      near(dayBenchmark[4], ended * over(a, last, 120));
      near(dayBenchmark[5], ended * over(a, last, 144));
    }
  });

  it('the benchmark holds a member that has no bar in the first and last hours as one that is there', () => {
    const [a, b] = [hours(1, 144), barsBetween(hours(2, 144), START + 3 * HOUR, day(6) - 2 * HOUR)];
    const [set, plain] = [{}, undefined].map(
      (members) => play({ A: a, B: b }, halves, { timeframe: '1h', members }).dayBenchmark,
    );
    for (const [d, value] of plain.entries()) near(set[d], value);
  });
});

it('the benchmark of other bars is another one, also where the first symbol has the same', () => {
  const [a, b, c] = [1, 2, 3].map((seed) => walk(seed, 400));
  const played = (first: Bars, second: Bars) => play({ A: first, B: second }, halves, { members: {} });
  const before = played(a, b);
  const { dayBenchmark, benchmarkVariation } = played(a, c);
  assert.notDeepEqual(dayBenchmark, before.dayBenchmark);
  const alone = played({ ...a }, c);
  assert.deepEqual([dayBenchmark, benchmarkVariation], [alone.dayBenchmark, alone.benchmarkVariation]);
});

describe('a member without bars', () => {
  const EMPTY = barsOf([]);

  it('is shown and changes nothing', () => {
    const bars = { A: walk(1, 400), B: walk(2, 400) };
    const with0 = play({ ...bars, C: EMPTY }, halves, { members: {} });
    const without = play(bars, halves, { members: {} });
    assert.deepEqual(with0.fills, without.fills);
    assert.deepEqual(with0.dayBenchmark, without.dayBenchmark);
    assert.equal(with0.maxDrawdown, without.maxDrawdown);
    assert.equal(with0.standings!.length, 2);
    assert.deepEqual(with0.symbols![2], { symbol: 'C', profit: 0, traded: 0, exposure: 0 });
  });

  it('passes the audits, on surrogates too, and hides no leak', () => {
    // The first by name, and one that died.
    const A0 = EMPTY;
    const [A, B] = [hours(1, 720), hours(2, 720)];
    const C = barsBetween(hours(3, 720), START, day(12));
    const range = { from: START, to: day(30) };
    const data = Object.entries({ A0, A, B, C }).map(([symbol, bars]) => ({ symbol, bars, range }));
    const market = {
      ...unitMarket({ kind: 'perpetual' }, 1000, ['A0', 'A', 'B', 'C']),
      members: { B: [{ from: day(9), to: null }] },
    };
    const ranked = (peeks: boolean) =>
      defineStrategy({
        ...{
          family: 'u',
          hypothesis: 'none',
          timeframe: '1h',
          params: {},
          warmup: 13,
          universe: true,
          calendar: 'none',
        },
        indicators: ({ close }: SeriesBars) => {
          const seen: number[] = [];
          const first = scan(0, (_: number, x: number) => seen.push(x))(close);
          let i = 0;
          return {
            speed: roc(close, 12),
            next: peeks ? scan(0, (_: number, x: number) => (seen[++i] ?? x) / x)(close) : first,
          };
        },
        decide: ((now: UniverseNow<{ speed: never; next: never }>) => {
          const weights = neutralise(rank(now.symbols.map((s) => (s.live ? (peeks ? s.next : s.speed) : Number.NaN))));
          for (const [k, s] of now.symbols.entries()) s.target(weights[k]);
        }) as never,
      } as never) as never;
    const honest = auditCausality(() => ranked(false), data, market, { params: {}, cuts: 3, seed: 1 });
    assert.equal(honest.leak, null);
    const { scaled, agreement } = auditMemory(() => ranked(false), data, market, { params: {}, seed: 1 });
    assert.equal(scaled, null);
    assert.ok(agreement > 0.9, String(agreement));
    const surrogate = surrogateOf(data, { index: 1, holdMinutes: 60, drift: true });
    const played = simulate(ranked(false), surrogate, NEUTRAL, market);
    assert.ok(played.fillCount > 20 && Number.isFinite(played.finalEquity));
    assert.ok(played.benchmarkVariation.every(Number.isFinite));
    const caught = auditCausality(() => ranked(true), data, market, { params: {}, cuts: 3, seed: 1 });
    assert.ok(caught.leak);
  });
});
