import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileCandidate } from '../../../src/backtest/compile/compile.ts';
import { mark, splitMark } from '../../../src/backtest/compile/marks.ts';
import type { SimulationRequest } from '../../../src/backtest/contract.ts';
import { readWindowFile } from '../../../src/market/window-file.ts';
import { boxForCode, REQUEST, SYMBOLS, windowFile } from './support.ts';

const SOURCE = `import { defineStrategy, rolling, scan } from 'ralph/strategy';
export default defineStrategy({
  family: 'pure', hypothesis: 'none', timeframe: '15m', params: { share: 0.1 }, warmup: 30,
  indicators: ({ close }, p) => ({
    level: scan(0, (s, x) => (s === 0 ? x : s + p.share * (x - s)))(close),
    middle: rolling(9, (w) => [...w].sort((a, b) => a - b)[4])(close),
    away: rolling(5, (w) => { let sum = 0; for (const x of w) sum += Math.abs(x - w[0]); return sum / w.length; })(close),
  }),
  decide(now) {
    now.target(now.level + now.away > now.middle ? 1 : 0);
  },
});
`;

test('callbacks whose text is pure give the same without the proof as with it', async () => {
  const yaml = `strategy: pure.ts\nsymbols: [${SYMBOLS[0]}]\n`;
  const compiled = await compileCandidate({ name: 'pure', source: SOURCE, yaml });
  assert.ok(compiled.ok, JSON.stringify(compiled));
  const { script, stateless, pure: isPure } = splitMark(compiled.code);
  assert.deepEqual({ stateless, isPure }, { stateless: true, isPure: true });
  const files = [windowFile(8_000, SYMBOLS[0])];
  const found = await Promise.all(
    [true, false].map(async (pure) => {
      const box = await boxForCode(mark({ stateless: true, pure }, script), files);
      assert.ok(box.ok, JSON.stringify(box));
      const [audit, answer] = [await box.value.audit({}, 4, 1), await box.value.simulate([REQUEST])];
      await box.value.close();
      assert.ok(audit.ok && answer.ok && audit.value.leak === null, JSON.stringify([audit, answer]).slice(0, 300));
      return answer.value[0];
    }),
  );
  assert.ok(found[0].fillCount > 10);
  assert.deepEqual(found[0], found[1]);
});

test('memory of indicators that were forgotten is used again, and no number of a simulation changes', async () => {
  const yaml = `strategy: pure.ts\nsymbols: [${SYMBOLS[0]}]\n`;
  const compiled = await compileCandidate({ name: 'pure', source: SOURCE, yaml });
  assert.ok(compiled.ok, JSON.stringify(compiled));
  const file = windowFile(8_000, SYMBOLS[0]);
  const { time } = readWindowFile(file).bars;
  const shares = [0.1, 0.5, 0.05, 0.3, 0.2, 0.9, 0.4, 0.6, 0.7, 0.8];
  // More parts than sets of indicators are kept: the first is forgotten while the run still reads it.
  const parts = shares.slice(1).map((share, k) => ({ from: time[800 * (k + 1)], params: { share } }));
  const requests: SimulationRequest[] = [
    ...shares.map((share) => ({ ...REQUEST, params: { share } })),
    { ...REQUEST, params: { share: 0.1 }, path: parts },
    ...shares.toReversed().map((share) => ({ ...REQUEST, params: { share } })),
    { ...REQUEST, params: { share: 0.1 }, path: parts },
  ];
  const simulate = async (asked: readonly SimulationRequest[]) => {
    const box = await boxForCode(compiled.code, [file]);
    assert.ok(box.ok, JSON.stringify(box));
    const answer = await box.value.simulate(asked);
    await box.value.close();
    assert.ok(answer.ok, JSON.stringify(answer));
    return answer.value;
  };
  const together = await simulate(requests);
  const alone = await Promise.all(requests.slice(0, shares.length + 1).map((request) => simulate([request])));
  for (const [k, result] of together.entries()) {
    const same = k <= shares.length ? k : k === requests.length - 1 ? shares.length : 2 * shares.length - k;
    assert.deepEqual(result, alone[same][0], `simulation ${k}`);
  }
  assert.equal(new Set(together.map((result) => result.equityFingerprint)).size, shares.length + 1);
});
