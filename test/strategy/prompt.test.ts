import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { compileCandidate } from '../../src/backtest/compile/compile.ts';
import { boxForCode, REQUEST, windowFile } from '../backtest/box/support.ts';

const ROOT = join(import.meta.dirname, '../..');
const prompt = readFileSync(join(ROOT, 'prompts/system.md'), 'utf8');
const contract = readFileSync(join(ROOT, 'src/strategy/now.ts'), 'utf8');

test('the system prompt names everything that the order contract offers', () => {
  const members = [...contract.matchAll(/^ {2}(?:readonly )?(\w+)\??(?:\(|:)/gm)].map(([, name]) => name);
  assert.ok(members.length > 25 && members.includes('trigger') && members.includes('protect'), members.join());
  const missing = [...new Set(members)].filter(
    (name) => name !== 'symbol' && !new RegExp(`\\b${name}\\b`).test(prompt),
  );
  assert.deepEqual(missing, []);
});

test('the breakout that the system prompt shows trades both ways in the box, and nothing is left working', async () => {
  const [, above] = /`(now\.order\(1, \{ trigger[^`]*)`/.exec(prompt) ?? assert.fail('the prompt shows no stop entry');
  const orders = [above, above.replace('order(1', 'order(-1').replace('upper', 'lower')];
  const source = `import { defineStrategy, donchian } from 'ralph/strategy';
export default defineStrategy({
  family: 'breakout', hypothesis: 'A range that breaks goes on; refuted if train Sharpe < 0.5', timeframe: '1h',
  params: { bars: 24 }, warmup: (p) => p.bars,
  indicators: ({ high, low }, p) => ({ upper: donchian(high, low, p.bars).upper, lower: donchian(high, low, p.bars).lower }),
  decide(now) {
    if (now.working > 0) throw new Error('an order outlived its bar');
    if (now.position !== 0) { if (now.barsHeld >= 6) now.flat(); return; }
    ${orders.join(';\n    ')};
  },
});
`;
  const compiled = await compileCandidate({
    name: 'breakout',
    source,
    yaml: 'strategy: breakout.ts\nsymbols: [BTCUSD]\n',
  });
  assert.ok(compiled.ok, JSON.stringify(compiled));
  const box = await boxForCode(compiled.code, [windowFile(60_000)], { wallMs: 240_000 });
  assert.ok(box.ok, JSON.stringify(box));
  const answer = await box.value.simulate([{ ...REQUEST, detail: 'full' }]);
  await box.value.close();
  assert.ok(answer.ok, JSON.stringify(answer));
  const { fills = [], trades, refused } = answer.value[0];
  assert.equal(refused, 0);
  assert.ok(trades.length > 20);
  assert.deepEqual(new Set(trades.side), new Set([1, -1]));
  assert.ok(
    fills.filter(({ reason }) => reason === 'trigger').length > 20,
    [...new Set(fills.map((f) => f.reason))].join(),
  );
});
