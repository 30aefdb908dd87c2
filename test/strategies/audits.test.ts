import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { auditMemory } from '../../src/backtest/box/child/memory.ts';
import { type SimulationData, simulate } from '../../src/backtest/engine.ts';
import { NEUTRAL } from '../../src/backtest/market.ts';
import { surrogateMarket, surrogateOf } from '../../src/backtest/surrogate.ts';
import { agreementOf } from '../../src/base/numbers.ts';
import { readGatesConfig } from '../../src/gates/config.ts';
import { correlationOf, evidenceOf } from '../../src/gates/evidence.ts';
import { memoryGates } from '../../src/gates/stages/memory.ts';
import { realBars } from '../../src/lab/calibrate/markets/real.ts';
import { badPrintRuleOf, readMarketConfig } from '../../src/market/config.ts';
import { readWindowsConfig } from '../../src/market/windows.ts';
import { dailyReturns } from '../../src/metrics/returns.ts';
import { load, NAMES } from './support.ts';

const path = (name: string) => fileURLToPath(new URL(`../../${name}`, import.meta.url));
const REAL = path('../shared/data/bitfinex/');
const market = readMarketConfig(path('config/market.yaml'));
const gates = readGatesConfig(path('config/gates.yaml'));
const { train } = readWindowsConfig(path('config/windows.yaml'));

/** The audits that look for cheats must leave the honest alone, on the real bars of the default train window at the default costs. */
describe('the library passes the audits', { skip: existsSync(REAL) ? false : 'no shared data here' }, () => {
  let data: SimulationData[];
  before(async () => {
    const bars = await realBars(`${REAL}BTCUSD-1m-201[345].csv.gz`, 'bitfinex', badPrintRuleOf(market, 'BTCUSD'));
    data = [{ symbol: 'BTCUSD', bars, range: train }];
  });
  for (const name of NAMES) {
    it(name, async (t) => {
      const strategy = await load(name);
      const { params } = strategy;
      const played = simulate(strategy, data, { params, scenario: NEUTRAL, detail: 'summary' }, market);
      const { hiddenRisk, returns } = evidenceOf(played);
      const [exact, noisy] = [0, 1].map((index) => {
        const surrogate = { index, holdMinutes: 1, drift: false, noise: true };
        const request = { params, scenario: NEUTRAL, detail: 'summary', surrogate } as const;
        return dailyReturns(simulate(strategy, surrogateOf(data, surrogate), request, surrogateMarket(market)));
      });
      const onNoise = agreementOf(exact, noisy);
      const freely = correlationOf(returns, exact);
      const memory = auditMemory(() => strategy, data, market, { params, seed: 1 });
      t.diagnostic(
        `risk within the day ${hiddenRisk.toFixed(2)}, agreement after a later start ${memory.agreement.toFixed(3)}, on a noisy window ${onNoise.toFixed(3)}, without ticks and lots ${freely.toFixed(4)}`,
      );
      assert.ok(hiddenRisk <= gates.train.maxHiddenRisk, `risk within the day ${hiddenRisk}`);
      assert.ok(onNoise >= gates.surrogates.minAgreement, `agreement on a noisy window ${onNoise}`);
      assert.ok(freely >= 0.995, `correlation without ticks and lots ${freely}`);
      assert.equal(played.ruined, false, 'goes broke on this window');
      assert.deepEqual(
        memoryGates(memory, { config: gates, train }).filter(({ passed }) => !passed),
        [],
      );
    });
  }
});
