import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { promptForm } from '../../../../src/agent/prompts.ts';
import { compileCandidate } from '../../../../src/backtest/compile/compile.ts';
import { ideasOf, pickIdea, signaturesIn } from '../../../../src/task/trading/blocks/ideas.ts';
import { MECHANISMS } from '../../../../src/task/trading/blocks/mechanisms.ts';
import { completeSource } from '../../../../src/task/trading/blocks/source.ts';

const ROOT = join(import.meta.dirname, '../../../..');
const system = promptForm(readFileSync(join(ROOT, 'prompts/system.md'), 'utf8'), 'blocks');
const [ideas, signatures] = [ideasOf(ROOT, system), signaturesIn(system)];

/** The strategy that a model writes which follows a rule to the letter. */
function written(rule: string, timeframe: string): string {
  const of = (label: string) => [...rule.matchAll(new RegExp(`^${label} \`(.*)\``, 'gm'))].map(([, code]) => code);
  return `defineStrategy({
    family: 'x', hypothesis: 'x', timeframe: '${timeframe}', ${of('Beside timeframe:')}
    params: { ${of('Params:')} }, warmup: 200,
    indicators: ({ open, high, low, close, volume }, p) => ({ ${of('Indicator:').join(', ')} }),
    decide(now, p) {
      if (now.position === 0 && ${of('Go long when')}) now.target(1);
      else if (now.position > 0 && (${of('Go flat when')})) now.flat();
    },
  });`;
}

test('every rule that a request spells out compiles as it stands', async () => {
  for (const { family } of MECHANISMS) {
    const { rule, timeframe } = pickIdea(ideas, signatures, family, 1, 0);
    const source = completeSource(written(rule, timeframe), {
      family,
      hypothesis: 'A rule that is written down as it stands',
    });
    const compiled = await compileCandidate({ name: 'one', source, yaml: 'strategy: one.ts\nsymbols: [BTCUSD]\n' });
    assert.deepEqual(compiled.ok ? [] : compiled.problems, [], family);
  }
});
