import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { seededRandom } from '../../../src/base/random.ts';
import { fillTemplate, renderBrief } from '../../../src/search/digest/brief.ts';
import { estimateTokens } from '../../../src/search/digest/tokens.ts';
import { decideDirective } from '../../../src/search/directive/decide.ts';
import type { Directive } from '../../../src/search/directive/directive.ts';
import { gate, JournalBuilder } from '../build.ts';

const families = ['trend', 'reversion', 'breakout'];
const decide = (run: JournalBuilder, seed = 1) =>
  decideDirective(run.events, { cycle: run.cycles + 1, families }, seededRandom(seed));

test('a crash is fixed, a near miss is patched at its gate, else an untried family is taken', () => {
  const run = new JournalBuilder().start();
  assert.equal(decide(run).kind, 'new');
  run.cycle({ family: 'trend', outcome: 'crash', route: 'fix', gates: [gate('static', 'static.types', null, null)] });
  assert.deepEqual([decide(run).kind, decide(run).base, decide(run).family], ['fix', 'trend-1', 'trend']);
  run.cycle({ family: 'trend', candidate: 'trend-1', route: 'patch', gates: [gate('train', 'train.sharpe', 0.9, 1)] });
  assert.deepEqual([decide(run).kind, decide(run).gate], ['patch', 'train.sharpe']);
  run.cycle({ family: 'trend', route: 'new' });
  assert.equal(decide(run).kind, 'new');
  assert.notEqual(decide(run).family, 'trend');
});

test('a cycle that a fault ended does not lose the route before it', () => {
  const run = new JournalBuilder().start();
  run.cycle({ family: 'trend', outcome: 'crash', route: 'fix' });
  run.cycleStart();
  assert.equal(decide(run).kind, 'fix');
});

test('the same journal and seed give the same directive', () => {
  const run = new JournalBuilder().start();
  for (const family of [...families, ...families]) run.cycle({ family });
  assert.deepEqual(decide(run, 7), decide(run, 7));
});

test('the shipped cycle.md renders for every kind within its budget, and outside text is never expanded', () => {
  const template = readFileSync(join(import.meta.dirname, '../../../prompts/cycle.md'), 'utf8');
  for (const kind of ['fix', 'patch', 'new'] as const) {
    const directive: Directive = {
      kind,
      why: 'reason {{why}}',
      base: 'a',
      family: 'trend',
      gate: 'train.sharpe',
    };
    const hints = Array.from({ length: 30 }, (_, i) => ({
      id: `h${i}`,
      text: `{{digest}} ${'y'.repeat(900)}`,
      priority: 5,
      scope: 'run',
      family: null,
      answered: false,
      seen: false,
    }));
    const text = renderBrief({
      template,
      program: 'p'.repeat(90_000),
      directive,
      hints,
      base: 'code\n'.repeat(9000),
      digest: (tokens) => 'd'.repeat(Math.floor(tokens * 3.5)),
      left: { trials: 4, turns: 40 },
      tokens: 4000,
    });
    assert.ok(estimateTokens(text) <= 4000, `${kind}: ${estimateTokens(text)}`);
    assert.match(text, new RegExp(kind.toUpperCase()));
    assert.match(text, /\{\{digest\}\}/);
    assert.match(text, /answer_hint/);
    assert.match(text, /\nYou have 4 trials and 40 turns\. .*register_hypothesis.*$/, 'the order comes last');
  }
});

test('an undefined placeholder and a missing block fail', () => {
  assert.throws(() => fillTemplate('a {{nothing}}', { something: 'x' }), /\{\{nothing\}\}/);
  const parts = { program: '', hints: [], base: '', digest: () => '', left: { trials: 1, turns: 1 }, tokens: 1000 };
  const directive: Directive = { kind: 'new', why: 'w', base: null, family: null, gate: null };
  assert.throws(() => renderBrief({ ...parts, directive, template: 'page' }), /=== new/);
});

test('a hint that names a family redirects one cycle, not every cycle', () => {
  const run = new JournalBuilder().start();
  for (const family of families) run.cycle({ family });
  const hint = { hint: 'h1', text: 'try reversion', sha256: '0'.repeat(64), cycle: 4, priority: 5, expiresAt: null };
  run.add({ type: 'hint.taken', ...hint, scope: 'family:reversion' });
  assert.match(decide(run).why, /hint h1 asks for family reversion/);
  run.cycle({ family: 'reversion', hints: ['h1'] });
  assert.doesNotMatch(decide(run).why, /hint/);
});

test('a near miss that trades like a keep at exactly the selection limit is not patched', () => {
  const patched = (correlation: number) => {
    const run = new JournalBuilder().start();
    run.cycle({ family: 'trend', outcome: 'keep' });
    const like = { ...gate('redundancy', 'redundancy.keep', correlation, 0.9, true), side: 'max' as const };
    const gates = [gate('train', 'train.sharpe', 0.9, 1), like];
    run.cycle({ family: 'reversion', route: 'patch', gates });
    return decide(run).kind === 'patch';
  };
  assert.deepEqual([0.49, 0.5, 0.51].map(patched), [true, false, false]);
});
