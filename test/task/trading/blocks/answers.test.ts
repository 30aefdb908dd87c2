import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hintAnswerIn, hypothesisIn } from '../../../../src/task/trading/blocks/answers.ts';

test('the two lines of a hypothesis are found in a block, in prose and in bold, and what is missing is empty', () => {
  const hypothesis = 'Late buyers chase a move of some hours and pay for it';
  const bound = 'train sharpe < 0.5 over 60 trades';
  for (const answer of [
    `\`\`\`text\nHypothesis: ${hypothesis}\nRefuted if: ${bound}\n\`\`\``,
    `Sure!\n**Hypothesis:** ${hypothesis}**\n**Refuted if:** ${bound}`,
    `hypothesis: ${hypothesis}; refuted if ${bound}`,
  ]) {
    const found = hypothesisIn(answer);
    assert.equal(found.hypothesis.replace(/;$/, ''), hypothesis, answer);
    assert.equal(found.bound.trim(), bound, answer);
  }
  assert.deepEqual(hypothesisIn('I would like to trade.'), { hypothesis: '', bound: '' });
});

test('a hint is followed only by a yes at the beginning, and the reason is what comes behind', () => {
  assert.deepEqual(hintAnswerIn('Yes, volume leads price.'), { accepted: true, why: 'volume leads price.' });
  assert.deepEqual(hintAnswerIn('```text\nno: too few trades\n```'), { accepted: false, why: 'too few trades' });
  assert.deepEqual(hintAnswerIn('It depends; yes maybe'), { accepted: false, why: 'It depends; yes maybe' });
  assert.deepEqual(hintAnswerIn(''), { accepted: false, why: 'the model gave no reason' });
});
