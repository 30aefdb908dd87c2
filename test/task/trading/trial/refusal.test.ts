import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { promptForm } from '../../../../src/agent/prompts.ts';
import { blocksOf, candidateIn } from '../../../../src/agent/turn/blocks.ts';
import { ideasOf, pickIdea } from '../../../../src/task/trading/blocks/ideas.ts';
import { completeSource } from '../../../../src/task/trading/blocks/source.ts';
import { exampleProblem, problemWithLines, signaturesOf } from '../../../../src/task/trading/trial/refusal.ts';

const ROOT = join(import.meta.dirname, '../../../..');
const page = readFileSync(join(ROOT, 'prompts/system.md'), 'utf8');
const example = blocksOf(page)[0].text;

test('the example of the instructions is known under any name, and a strategy that changes a rule is not taken for it', () => {
  const renamed = example.replace('trend-ema-cross', 'my-idea').replace(/hypothesis: '[^']*'/, "hypothesis: 'Mine'");
  assert.match(exampleProblem(`// mine\n${renamed.replaceAll('  ', '\t')}`, ROOT) ?? '', /example of the instructions/);
  assert.equal(exampleProblem(example.replace('slow: 50', 'slow: 60'), ROOT), null);
  assert.equal(exampleProblem(example.replace('now.flat()', 'now.target(-1)'), ROOT), null);
});

test('the harness writes import, export, family and hypothesis, whatever the answer had of them', () => {
  const registered = { family: 'trend-x', hypothesis: "The market's late buyers pay" };
  const bare = example
    .replace(/^import.*\n+/, '')
    .replace('export default ', '')
    .replace(/ {2}(hypothesis|warmup): .*\n/g, '');
  const wrong = `import { everything } from 'elsewhere';\n${bare}`;
  for (const answer of [bare, wrong]) {
    const source = completeSource(answer, registered);
    assert.match(
      source,
      /^import \{ atr, defineStrategy, ema \} from 'ralph\/strategy';\n\nexport default defineStrategy\(\{/,
    );
    assert.match(source, /family: 'trend-x'/);
    assert.match(source, /warmup: 200,/);
    assert.match(source, /hypothesis: 'The market’s late buyers pay'/);
    assert.equal(source.match(/import/g)?.length, 1);
  }
});

test('a candidate is a fenced block that defines a strategy, or a bare file; an example quoted in prose is none', () => {
  const file = example.trim();
  assert.equal(candidateIn(`Sure!\n\`\`\`ts\n${file}\n\`\`\`\nDone.`)?.trim(), file);
  assert.equal(candidateIn(file), file);
  assert.equal(candidateIn('Call `defineStrategy({ decide })` as the example does, and it will work.'), null);
  assert.equal(candidateIn("```ts\ncheck_candidate('x.ts')\n```"), null);
});

test('an answer of the real model becomes a file with the imports that it needs', () => {
  const recorded = join(ROOT, 'test/agent/fixtures/real-model/reversion-bollinger.json');
  const { content } = JSON.parse(readFileSync(recorded, 'utf8')) as { content: string };
  const source = completeSource(candidateIn(content) ?? '', {
    family: 'reversion-bollinger',
    hypothesis: 'Stretched closes come back',
  });
  assert.match(source, /^import \{ bollinger, defineStrategy \} from 'ralph\/strategy';/);
  assert.match(source, /hypothesis: 'Stretched closes come back'/);
});

test('a problem names its line, the lines around it and the right call', () => {
  const signatures = signaturesOf(ROOT);
  assert.equal(signatures.get('bollinger'), 'bollinger(x, n, width) with .upper .middle .lower');
  assert.equal(signatures.get('atr'), 'atr(high, low, close, n)');
  const told = problemWithLines('2:8: Expected 4 arguments, but got 2.', 'a\nr: atr(close, 14)\nb\nc', signatures);
  assert.equal(
    told,
    '2:8: Expected 4 arguments, but got 2.\n1| a\n2| r: atr(close, 14)\n3| b\nRight: atr(high, low, close, n)',
  );
});

test('the blocks form with a request is short, and cycles are asked for different things', () => {
  const system = promptForm(page, 'blocks');
  // Qwen counts a token for 3.1 of its characters; program and request take 360 more, and 1,500 is the limit.
  assert.ok(system.length / 3.1 < 1140, String(system.length));
  assert.doesNotMatch(system, /<!--|write_candidate|# The YAML file/);
  assert.match(promptForm(page, 'long'), /write_candidate[\s\S]*# The YAML file/);
  const ideas = ideasOf(ROOT);
  const asked = Array.from({ length: 20 }, (_, cycle) => JSON.stringify(pickIdea(ideas, null, cycle, 0)));
  assert.ok(new Set(asked).size >= 12, String(new Set(asked).size));
});
