import assert from 'node:assert/strict';
import test from 'node:test';
import { exchange } from '../../../src/backtest/box/child/exchange.ts';
import { auditMemory } from '../../../src/backtest/box/child/memory.ts';
import type { EngineMarket } from '../../../src/backtest/market.ts';
import { readGatesConfig } from '../../../src/gates/config.ts';
import { memoryGates } from '../../../src/gates/stages/memory.ts';
import { DAY, MINUTE } from '../../../src/market/bars.ts';
import { simulateMarket } from '../../../src/market/simulate.ts';
import { defineStrategy, type StrategyDefinition } from '../../../src/strategy/definition.ts';
import { roc } from '../../../src/strategy/indicators/index.ts';
import type { Series } from '../../../src/strategy/series.ts';
import type { SymbolView, UniverseNow } from '../../../src/strategy/universe.ts';
import { unitMarket } from '../support.ts';

const NAMES = ['AAA', 'BBB', 'CCC', 'DDD'];
const data = NAMES.map((symbol, k) => {
  const { bars } = simulateMarket({ seed: 60 + k, minutes: (120 * DAY) / MINUTE, annualVolatility: 0.9, edges: [] });
  return { symbol, bars, range: { from: bars.time[0] + 5 * DAY, to: bars.time[bars.length - 1] + MINUTE } };
});
const free = unitMarket({ kind: 'perpetual' }, 1e6, NAMES);
const market: EngineMarket = {
  ...free,
  sizing: { mode: 'fraction', fraction: 1 },
  symbols: Object.fromEntries(NAMES.map((name, k) => [name, { ...free.symbols[name], takerBps: 2 + k }])),
};

type Speed = Record<'speed', Series>;
type Now = UniverseNow<Speed>;

function audited(decide: (now: Now) => void, anonymous = false) {
  const defined = defineStrategy({
    family: 'names',
    hypothesis: 'none',
    timeframe: '4h',
    universe: true,
    anonymous,
    params: {},
    warmup: 7,
    indicators: ({ close }) => ({ speed: roc(close, 6) }),
    decide,
  });
  const strategy = { ...defined, calendar: 'none' } as unknown as StrategyDefinition;
  const report = auditMemory(() => strategy, data, market, { params: {}, seed: 3 });
  const config = readGatesConfig('config/gates.yaml');
  const gates = memoryGates(report, { config, train: data[0].range });
  return { ...report, gate: gates.find(({ gate }) => gate === 'causality.names') };
}

/** With the trend in two symbols, against it in the others: which is which would be memory. */
const table = (follow: (symbol: SymbolView<Speed>, place: number) => boolean) => (now: Now) => {
  for (const [place, symbol] of now.symbols.entries())
    symbol.target(((follow(symbol, place) ? 1 : -1) * Math.sign(symbol.speed)) / 4);
};

test('a rule that treats all symbols alike keeps its returns when names and places are exchanged', () => {
  const { exchanged, gate } = audited(table(() => true));
  assert.ok(exchanged! > 0.99, String(exchanged));
  assert.equal(gate?.passed, true);
});

for (const [how, decide, anonymous] of [
  ['name', table(({ name }) => name < 'CCC'), false],
  ['place', table((_, place) => place < 2), false],
  ['place, without names', table((_, place) => place < 2), true],
] as const) {
  test(`a table of symbols by ${how} is refused as memory`, () => {
    const { scaled, exchanged, gate } = audited(decide, anonymous);
    assert.equal(scaled, null);
    assert.ok(exchanged! < 0.9, String(exchanged));
    assert.equal(gate?.passed, false);
    assert.equal(gate?.class, 'leak');
    assert.match(gate?.message ?? '', /under symbols in the YAML/);
  });
}

test('two symbols may be references by name; a table of more by now.of is refused', () => {
  const led = (now: Now) => {
    const { speed } = now.of('BBB');
    for (const symbol of now.symbols) symbol.target(speed > 0 ? 0.25 : -0.25);
  };
  assert.ok(audited(led).exchanged! > 0.99);
  const all = (now: Now) => {
    for (const name of NAMES) {
      const symbol = now.of(name);
      symbol.target(((name < 'CCC' ? 1 : -1) * Math.sign(symbol.speed)) / 4);
    }
  };
  assert.equal(audited(all).gate?.passed, false);
});

test('a table of symbols is refused as memory also where references tell places: they tell nothing of the others', () => {
  const decoded = (now: Now) => {
    const [a, b] = [now.of('AAA'), now.of('BBB')].map((symbol) => now.symbols.indexOf(symbol));
    // In the true universe the others are C and D; where A and B have moved, the one order that makes a single cycle says which is which.
    const [first, second] = [0, 1, 2, 3].filter((place) => place !== a && place !== b);
    const isCycle = (to: readonly number[]) => new Set([0, to[0], to[to[0]], to[to[to[0]]]]).size === 4;
    const c = (a === 0 && b === 1) || isCycle([a, b, first, second]) ? first : second;
    for (const [place, symbol] of now.symbols.entries())
      symbol.target(((place === a || place === c ? 1 : -1) * Math.sign(symbol.speed)) / 4);
  };
  const { exchanged, gate } = audited(decoded);
  assert.ok(exchanged! < 0.9, String(exchanged));
  assert.equal(gate?.passed, false);
});

test('bars, costs and membership move together, a reference stays, and none of the others does', () => {
  const members = { AAA: [{ from: null, to: data[0].range.to }] };
  for (const references of [[], ['CCC'], ['CCC', 'AAA'], ['CCC', 'AAA', 'BBB']])
    for (let seed = 0; seed < 20; seed++) {
      const moved = exchange(data, { ...market, members }, { named: new Set(references), seed });
      for (const [i, each] of moved.data.entries()) {
        const source = data.findIndex(({ bars }) => bars === each.bars);
        assert.equal(each.symbol, NAMES[i]);
        assert.equal(source === i, references.length < 3 && references.includes(each.symbol), `${references} ${seed}`);
        assert.equal(moved.market.symbols[each.symbol].takerBps, 2 + source);
        assert.equal(each.symbol in moved.market.members!, NAMES[source] === 'AAA');
      }
    }
});

test('where references leave nothing to exchange, all move', () => {
  const two = data.slice(0, 2);
  const moved = exchange(two, market, { named: new Set(['AAA']), seed: 1 });
  assert.deepEqual(
    moved.data.map(({ bars }) => bars),
    [two[1].bars, two[0].bars],
  );
});
