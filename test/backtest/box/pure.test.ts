import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileCandidate } from '../../../src/backtest/compile/compile.ts';
import { mark, splitMark } from '../../../src/backtest/compile/marks.ts';
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
