import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { compileCandidate } from '../../src/backtest/compile/compile.ts';
import { canaryMarket, canaryWindows } from '../../src/gates/canaries/market.ts';
import { emptyHistory } from '../../src/gates/history.ts';
import { evaluatePoints } from '../../src/gates/pipeline.ts';
import { boxWorkbench } from '../../src/gates/workbench/box-workbench.ts';
import { readMarketConfig } from '../../src/market/config.ts';
import { shippedGates } from './support.ts';

const dir = mkdtempSync(join(tmpdir(), 'ralph-abort-'));
after(() => rmSync(dir, { recursive: true, force: true }));

const files = {
  name: 'endless',
  source: `import { defineStrategy } from 'ralph/strategy';
export default defineStrategy({
  family: 'endless', hypothesis: 'It never answers; refuted if it does in 1 ms', timeframe: '1h', params: {}, warmup: 1,
  decide(now) { for (;;) if (now.close < 0) return; },
});
`,
  yaml: 'strategy: endless.ts\nsymbols: [CANARY]\n',
};

test('an abort ends a trial that goes on in processes opened before it, long before its wall limit', async () => {
  const frozen = canaryWindows(dir);
  const market = canaryMarket(readMarketConfig(join(import.meta.dirname, '../../config/market.yaml')));
  const gates = shippedGates({ limits: { seconds: 3_600 } });
  const compiled = await compileCandidate(files);
  assert.ok(compiled.ok);
  const { code, config } = compiled;
  const workbench = boxWorkbench({ code, symbols: config.symbols, frozen, market, limits: gates.limits });
  const controller = new AbortController();
  const evaluated = evaluatePoints({
    files,
    workbench,
    points: [{}],
    historyOf: emptyHistory,
    frozen,
    market,
    gates,
    signal: controller.signal,
  });
  setTimeout(() => controller.abort(), 300);
  const [{ outcome, gates: passed }] = await evaluated;
  assert.equal(outcome, 'crash');
  assert.match(passed.at(-1)!.message, /stopped/);
  const late = await workbench.simulate('train', []);
  assert.ok(!late.ok && /stopped/.test(late.message), 'a closed bench opens nothing again');
});
