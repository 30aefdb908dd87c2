import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gaussian, seededRandom } from '../../src/base/random.ts';
import { bookOf, type Member } from '../../src/forward/book.ts';
import type { Day } from '../../src/forward/entries.ts';
import { promiseOf } from '../../src/forward/promise.ts';
import { type Held, NO_DAYS, type Observed, standingOf, withDay } from '../../src/forward/standing.ts';
import { DAY } from '../../src/market/bars.ts';

const FROM = Date.UTC(2024, 0, 1);
const frozen = (sharpe: number, changes: Partial<Held> = {}): Held => ({
  from: FROM,
  promise: { observed: sharpe, error: 0.5, trials: 100, sharpe },
  beta: 0,
  variance: 1e-4,
  sums: NO_DAYS,
  ...changes,
});
const dayOf = (value: number, d: number, more: Partial<Observed> = {}): Observed => ({
  day: FROM + d * DAY,
  return: value,
  benchmark: 0,
  variation: 0,
  benchmarkVariation: 0,
  ...more,
});
/** Daily returns of an annual Sharpe ratio, deviation 1%. */
function returns(seed: string, days: number, sharpe: number): number[] {
  const random = seededRandom(seed);
  return Array.from({ length: days }, () => 0.01 * (gaussian(random) + sharpe / Math.sqrt(365)));
}

test('a record begins too early to tell, says when an edge of the promised size would be seen, and goes by alive, fading and dead', () => {
  const none = standingOf({ frozen: frozen(2), days: [] });
  // log 20 over (2 / sqrt 365)^2 / 2 a day.
  assert.deepEqual([none.state, none.since, (none.expected! - FROM) / DAY], ['too early', null, 547]);
  const days = [...returns('alive', 900, 4), ...returns('stopped', 2000, 0)].map((value, d) => dayOf(value, d));
  const states = [300, 900, 1200, 2900].map((count) => standingOf({ frozen: frozen(4), days: days.slice(0, count) }));
  assert.deepEqual(
    states.map(({ state }) => state),
    ['alive', 'alive', 'fading', 'dead'],
  );
  const dead = states[3].since!;
  assert.ok(dead > FROM + 900 * DAY);
  // Dead is final; what follows moves nothing.
  const back = [...days, ...returns('back', 900, 6).map((value, d) => dayOf(value, 2900 + d))];
  assert.deepEqual(standingOf({ frozen: frozen(4), days: back }).since, dead);
});

test('one day, however bad, is no verdict, and one windfall wipes no evidence away; ruin is the end', () => {
  const quiet = returns('quiet', 200, 2).map((value, d) => dayOf(value, d));
  const before = standingOf({ frozen: frozen(2), days: quiet }).evidence.lessThanPromised;
  const after = (value: number) =>
    standingOf({ frozen: frozen(2), days: [...quiet, dayOf(value, 200)] }).evidence.lessThanPromised / (before + 1);
  assert.ok(after(-0.9) < 1.65 && after(-0.9) > 1.6);
  assert.ok(after(9) > 0.22);
  assert.equal(standingOf({ frozen: frozen(2), days: [...quiet, dayOf(-1, 200)] }).state, 'dead');
});

test('without a promise there is nothing to hold it to', () => {
  const lost = standingOf({ frozen: frozen(0), days: returns('lost', 500, -3).map((value, d) => dayOf(value, d)) });
  assert.deepEqual([lost.state, lost.expected], ['too early', null]);
});

test('what the market explains is no edge, and risk that is closed within the day counts', () => {
  const market = returns('market', 800, 3);
  const held = market.map((value, d) => dayOf(value, d, { benchmark: value }));
  assert.equal(standingOf({ frozen: frozen(3), days: held }).state, 'alive');
  assert.notEqual(standingOf({ frozen: frozen(3, { beta: 1 }), days: held }).state, 'alive');
  const risky = (share: number) => {
    const sums = held
      .map((day) => ({ ...day, variation: share * 1e-4, benchmarkVariation: 1e-4 }))
      .reduce(withDay, NO_DAYS);
    return standingOf({ frozen: frozen(3, { sums }), days: held.slice(0, 400) }).evidence.aboveZero;
  };
  assert.ok(risky(4) < risky(1) / 2, `${risky(4)} and ${risky(1)}`);
});

test('the promise is the observed Sharpe ratio, shrunk as Harvey and Liu do', () => {
  // One trial promises what it showed; p = .0013499, 1 - (1 - p)^100 = .126396, z = 1.14362.
  assert.ok(Math.abs(promiseOf(1.5, 3, 1).sharpe - 1.5) < 1e-9);
  assert.ok(Math.abs(promiseOf(1.5, 3, 100).sharpe - (1.5 * 1.14362) / 3) < 1e-4);
  assert.deepEqual([promiseOf(1.5, 3, 100000).sharpe, promiseOf(-1, -2, 1).sharpe], [0, 0]);
  assert.equal(promiseOf(20, 40, 100).sharpe, 20);
});

test('the book weighs by risk, and names a keep that adds nothing', () => {
  const one = returns('one', 730, 2);
  const other = returns('other', 730, 2);
  const member = (trial: string, train: number[], sharpe: number, days: number[]): Member => ({
    train: Float64Array.from(train),
    record: {
      frozen: { ...frozen(sharpe), trial, candidate: trial } as Member['record']['frozen'],
      days: days.map((value, d) => dayOf(value, d) as Day),
      corrections: [],
    },
  });
  const [twin, wild] = [one.map((value) => value + 1e-5), other.map((value) => 2 * value)];
  const book = bookOf([member('a', one, 2, [0.01, 0.02]), member('b', wild, 2, [0.02]), member('c', twin, 0.5, [0])]);
  assert.deepEqual(
    book.members.map(({ adds }) => adds),
    [true, true, false],
  );
  assert.ok(Math.abs(book.members[0].equalRisk / book.members[1].equalRisk - 2) < 0.2);
  assert.ok(Math.abs(book.correlation[0][2]! - 1) < 1e-9 && Math.abs(book.correlation[0][1]!) < 0.15);
  // On the second day only the first is there.
  assert.ok(Math.abs(book.record!.equalWeight.return - (1.01 * 1.02 - 1)) < 1e-9);
  assert.equal(book.record!.equalWeight.days, 2);
});
