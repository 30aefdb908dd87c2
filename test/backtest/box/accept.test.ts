import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { acceptAudit, acceptResults } from '../../../src/backtest/box/accept.ts';
import type { SimulationResult } from '../../../src/backtest/contract.ts';
import { simulate } from '../../../src/backtest/engine.ts';
import { MINUTE } from '../../../src/market/bars.ts';
import { MARKET, REQUEST, walk } from './support.ts';

let honest: SimulationResult;
before(() => {
  const bars = walk(3_000, 1);
  const range = { from: bars.time[300], to: bars.time[2_999] + MINUTE };
  const strategy = {
    family: 'a',
    hypothesis: 'h',
    timeframe: '1h',
    params: {},
    warmup: 1,
    decide: (now: { position: number; target(weight: number): void }) => now.target(now.position > 0 ? 0 : 1),
  };
  honest = simulate(strategy as never, [{ symbol: 'BTCUSD', bars, range }], { ...REQUEST, detail: 'full' }, MARKET);
});

const accept = (change: object, requests = [REQUEST]) => acceptResults([{ ...honest, ...change }], requests);

test('what the engine made is taken', () => {
  assert.ok(honest.trades.length > 5);
  assert.deepEqual(accept({}), { ok: true, value: [honest] });
});

// Each is one number or column away from an honest result.
const WRONG: Record<string, () => object> = {
  'a final equity that is no number': () => ({ finalEquity: Number.NaN }),
  'an infinite final equity': () => ({ finalEquity: Infinity }),
  'a final equity that no day ended with': () => ({ finalEquity: honest.finalEquity * 2 }),
  'a text for a number': () => ({ cash: '1000000' }),
  'no fingerprint': () => ({ equityFingerprint: undefined }),
  'a fingerprint of another length': () => ({ equityFingerprint: 'abc' }),
  'a day without equity': () => ({ dayEquity: honest.dayEquity.slice(1) }),
  'days as a list': () => ({ days: [...honest.days] }),
  'a NaN among the days': () => ({ dayEquity: honest.dayEquity.map((v, i) => (i === 0 ? Number.NaN : v)) }),
  'fewer trades than said': () => ({ trades: { ...honest.trades, length: honest.trades.length + 1 } }),
  'a trade column cut short': () => ({ trades: { ...honest.trades, profit: honest.trades.profit.slice(1) } }),
  'a trade column that is not there': () => ({ trades: { ...honest.trades, side: undefined } }),
  'an infinite profit': () => ({ trades: { ...honest.trades, profit: honest.trades.profit.map(() => Infinity) } }),
  'more bars in position than bars': () => ({ barsInPosition: honest.bars + 1 }),
  'a negative count': () => ({ decisions: -1 }),
  'half a fill': () => ({ fillCount: 0.5 }),
  'fills that are not there': () => ({ fills: honest.fills?.slice(1) }),
  'a fill at no price': () => ({ fills: honest.fills?.map((fill) => ({ ...fill, price: Number.NaN })) }),
  'a fill of a page of text': () => ({ fills: honest.fills?.map((fill) => ({ ...fill, symbol: 'x'.repeat(1000) })) }),
  'another scenario': () => ({ scenario: 'double' }),
  'parameters that are texts': () => ({ params: { fast: '10' } }),
};
for (const [what, change] of Object.entries(WRONG)) {
  test(`refused: ${what}`, () => {
    const answer = accept(change());
    assert.ok(!answer.ok && answer.kind === 'protocol');
    assert.ok(answer.message.length < 400);
  });
}

test('refused: fewer or more results than were asked for', () => {
  assert.equal(accept({}, [REQUEST, REQUEST]).ok, false);
  assert.equal(acceptResults([honest, honest], [REQUEST]).ok, false);
  assert.equal(acceptResults('results', [REQUEST]).ok, false);
});

test('an audit has its shape or is refused', () => {
  const leak = { cut: 1, decision: 1, message: 'x' };
  assert.ok(acceptAudit({ cuts: 20, compared: 3, leak }).ok);
  assert.ok(acceptAudit({ cuts: 20, compared: 3, leak: null }).ok);
  for (const wrong of [{}, { cuts: -1, compared: 3, leak: null }, { cuts: 20, compared: 3, leak: {} }, null]) {
    assert.ok(!acceptAudit(wrong).ok);
  }
});
