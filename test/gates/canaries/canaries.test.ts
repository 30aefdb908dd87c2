import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { refuseTamedGates, runCanaries } from '../../../src/gates/canaries/canaries.ts';
import { readMarketConfig } from '../../../src/market/config.ts';
import { shippedGates } from '../support.ts';

const market = readMarketConfig(join(import.meta.dirname, '../../../config/market.yaml'));

test('every canary is rejected by the stage that should catch it', async () => {
  const findings = await runCanaries(market, shippedGates());
  assert.equal(findings.length, 8);
  for (const { name, rejected, stage, expected, message } of findings) {
    assert.deepEqual([name, rejected, stage], [name, true, expected], message);
  }
  refuseTamedGates(findings);
});

test('gates that keep a canary are refused by its name', async () => {
  const tame = shippedGates({
    off: ['redundancy', 'subperiods', 'deflation', 'selection', 'pbo'],
    train: { maxBenchmarkCorrelation: 1, minSharpe: -10, minProfitFactor: 0, maxDrawdown: 1 },
    stress: { minSharpe: -20 },
    neighbours: { minMedianShare: -10, minPositive: 0 },
  });
  const findings = await runCanaries(market, tame);
  assert.throws(() => refuseTamedGates(findings), /canary-same-as-champion \(should fail in redundancy\)/);
});
