import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { simulate } from '../../src/backtest/engine.ts';
import { MINUTE } from '../../src/market/bars.ts';
import { defineStrategy } from '../../src/strategy/definition.ts';
import { brackets } from './cases/brackets.ts';
import type { Case } from './cases/case.ts';
import { costs } from './cases/costs.ts';
import { funding } from './cases/funding.ts';
import { mixed } from './cases/mixed.ts';
import { rules } from './cases/rules.ts';
import { several } from './cases/several.ts';
import { timeframes } from './cases/timeframes.ts';
import { trailing } from './cases/trailing.ts';
import { weights } from './cases/weights.ts';
import { working } from './cases/working.ts';
import { barsOf, NEUTRAL, unitMarket, windowOf } from './support.ts';

for (const [topic, cases] of Object.entries({
  brackets,
  working,
  several,
  trailing,
  weights,
  costs,
  rules,
  funding,
  timeframes,
  mixed,
})) {
  describe(topic, () => {
    for (const one of cases) it(one.name, () => check(one));
  });
}

function check(one: Case): void {
  const start = one.start ?? Date.UTC(2020, 0, 1);
  let bar = -1;
  const strategy = defineStrategy({
    family: 'case',
    hypothesis: one.name,
    timeframe: one.timeframe ?? '1m',
    params: {},
    warmup: 1,
    decide(now) {
      bar += 1;
      one.at[bar]?.(now);
    },
  });
  const market = { ...unitMarket(one.costs), ...one.market };
  const request = { ...NEUTRAL, scenario: { ...NEUTRAL.scenario, ...one.scenario } };
  const result = simulate(strategy, [windowOf(barsOf(one.rows, start))], request, market);
  const fills = result.fills!.map((fill) => [
    (fill.time - start) / MINUTE,
    fill.quantity,
    Math.round(fill.price * 1e9) / 1e9,
    fill.reason,
  ]);
  assert.deepEqual(fills, one.fills);
  if (one.equity !== undefined) assert.ok(Math.abs(result.finalEquity - one.equity) < 1e-6, `${result.finalEquity}`);
  if (one.refused !== undefined) assert.equal(result.refused, one.refused);
  assert.equal(result.ruined, one.ruined ?? false);
}
