import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseConfig } from '../../../src/base/config.ts';
import type { RalphError } from '../../../src/base/errors.ts';
import { marketConfigSchema } from '../../../src/market/config.ts';
import { tradedBy } from '../../../src/market/universe/members.ts';

describe('universes in market.yaml', () => {
  const coin = 'makerBps: 1, takerBps: 1, slippageBps: 1, tick: 0, lot: 0';
  const read = (universes: string) =>
    parseConfig(
      `dataDir: x\ncash: 1\nsizing: { mode: units, units: 1 }\nsymbols: { AAA: { ${coin} }, BBB: { ${coin} } }\nuniverses:\n  ${universes}\n`,
      marketConfigSchema,
      'market.yaml',
    );

  for (const [what, text, expected] of [
    [
      'a symbol that the file does not have',
      'coins: { members: [AAA, ZZZ] }',
      /universes\.coins\.members: .*ZZZ does not/,
    ],
    ['the same in a rule', 'coins: { top: 1, of: [ZZZ] }', /universes\.coins\.of: .*ZZZ does not/],
    ['a misspelt key', 'coins: { member: [AAA] }', /unknown key "member" \(did you mean "members"\?\)/],
    [
      'a misspelt key of a member',
      'coins: { members: [{ symbol: AAA, form: 2014-01-01 }] }',
      /"form" \(did you mean "from"\?\)/,
    ],
    [
      'a day that does not exist',
      'coins: { members: [{ symbol: AAA, from: 2014-02-30 }] }',
      /expected a day that exists/,
    ],
    [
      'an end before its begin',
      'coins: { members: [{ symbol: AAA, from: 2014-02-03, to: 2014-02-01 }] }',
      /"to" of AAA after its "from"/,
    ],
    [
      'memberships that overlap',
      'coins: { members: [{ symbol: AAA, to: 2014-03-01 }, { symbol: AAA, from: 2014-02-01 }] }',
      /memberships of AAA that do not overlap/,
    ],
    ['one that stands twice', 'coins: { members: [AAA, AAA] }', /memberships of AAA that do not overlap/],
    ['members and a rule', 'coins: { members: [AAA], top: 1 }', /expected either members .* or top/],
    [
      'a list with a rule of change',
      'coins: { members: [AAA], everyDays: 30 }',
      /everyDays: expected it beside top only/,
    ],
    ['neither', 'coins: { days: 30 }', /expected either members .* or top/],
    ['a name in capitals', 'Coins: { members: [AAA] }', /expected a name such as coins|Invalid key/],
  ] as const) {
    it(`${what} is refused with its place`, () => {
      assert.throws(
        () => read(text),
        (error: RalphError) => expected.test(error.message) || assert.fail(error.message),
      );
    });
  }

  it('a candidate names a set or symbols; a set that is not there is refused with those that are', () => {
    const market = read('coins: { members: [BBB, { symbol: AAA, to: 2014-01-01 }] }');
    const universes = { coins: { BBB: [{ from: null, to: null }], AAA: [{ from: null, to: 9 }] } };
    assert.deepEqual(tradedBy({ symbols: ['BBB'] }, { universes }, market), { symbols: ['BBB'], market });
    const traded = tradedBy({ symbols: [], universe: 'coins' }, { universes }, market);
    assert.ok(typeof traded !== 'string');
    assert.deepEqual([traded.symbols, traded.market.members], [['AAA', 'BBB'], universes.coins]);
    assert.match(
      String(tradedBy({ symbols: [], universe: 'coin' }, { universes }, market)),
      /no set coin; it has coins/,
    );
    assert.match(String(tradedBy({ symbols: [], universe: 'toString' }, {}, market)), /it has none/);
  });
});
