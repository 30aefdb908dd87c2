import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { compileCandidate } from '../../../../src/backtest/compile/compile.ts';
import { ideasOf, pickIdea } from '../../../../src/task/trading/blocks/ideas.ts';
import { MECHANISMS } from '../../../../src/task/trading/blocks/mechanisms.ts';
import { completeSource, decideIn, sourceByRule } from '../../../../src/task/trading/blocks/source.ts';

const ROOT = join(import.meta.dirname, '../../../..');
const ideas = ideasOf(ROOT);

const DECIDE = /`(.*)`\nGo flat when `(.*)`/;

test('every rule that a request spells out compiles as it stands', async () => {
  for (const family of Object.keys(MECHANISMS)) {
    const { rule, timeframe } = pickIdea(ideas, family, 1, 0);
    const [, enter, leave] = DECIDE.exec(rule) ?? [];
    const decide = decideIn(
      `Sure:\ndecide(now, p) {\n  if (now.position === 0 && ${enter}) { now.target(1); }\n  else if (now.position > 0 && (${leave})) now.flat();\n},`,
    );
    const source = completeSource(sourceByRule(rule, timeframe, decide ?? ''), {
      family,
      hypothesis: 'A rule that is written down as it stands',
    });
    const compiled = await compileCandidate({ name: 'one', source, yaml: 'strategy: one.ts\nsymbols: [BTCUSD]\n' });
    assert.deepEqual(compiled.ok ? [] : compiled.problems, [], family);
  }
});
