import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseClaims } from '../../../src/search/memory/claim.ts';
import { historyOf } from '../../../src/search/memory/history.ts';
import { hypothesisProblem, judgeHypothesis } from '../../../src/search/memory/hypothesis.ts';
import { rankLessons } from '../../../src/search/memory/lessons.ts';
import { gate, JournalBuilder } from '../build.ts';

function judged(refutedIf: string, metrics: Record<string, number | null>, outcome: 'discard' | 'crash' = 'discard') {
  const run = new JournalBuilder().start().cycleStart({ family: 'trend' });
  run.add({ type: 'hypothesis.registered', cycle: 1, candidate: 'a', family: 'trend', hypothesis: 'h', refutedIf });
  run.trial({ family: 'trend', metrics, outcome });
  run.cycleEnd();
  return judgeHypothesis(historyOf(run.events).cycles[0])?.answer;
}

test('a hypothesis is judged by its registered number and nothing else', () => {
  assert.equal(judged('train Sharpe < 0.5 over 100 trades', { sharpe: 0.41, trades: 120 }), 'refuted');
  assert.equal(judged('train Sharpe < 0.5 over 100 trades', { sharpe: 0.7, trades: 120 }), 'confirmed');
  assert.equal(judged('train Sharpe < 0.5 over 100 trades', { sharpe: 0.1, trades: 60 }), 'inconclusive');
  assert.equal(judged('sharpe < 0.5', { sharpe: 9, trades: 3 }), 'inconclusive');
  assert.equal(judged('sharpe < 0.5 or max drawdown > 30%', { sharpe: 0.9, maxDrawdown: 0.35, trades: 90 }), 'refuted');
  assert.equal(
    judged('sharpe below 0.5 and profit factor < 1.1', { sharpe: 0.4, profitFactor: 1.3, trades: 90 }),
    'confirmed',
  );
  assert.equal(judged('it feels wrong', { sharpe: 0.4, trades: 90 }), 'inconclusive');
  assert.equal(judged('sharpe < 0.5', { sharpe: null, trades: 90 }), 'inconclusive');
  assert.equal(judged('sharpe < 0.5', {}, 'crash'), 'inconclusive');
});

test('a hypothesis without a number is sent back with an example', () => {
  assert.match(hypothesisProblem('the market disagrees') ?? '', /sharpe < 0\.5/);
  assert.equal(hypothesisProblem('Sharpe stays below 0.6'), null);
});

test('another task has metrics of its own', () => {
  assert.match(hypothesisProblem('value < 0.5') ?? '', /names no number/);
  assert.equal(judged('value < 0.5', { value: 0.3 }), 'refuted');
});

test('claims are read as people write them', () => {
  const read = (text: string) => parseClaims(text).claims.map(({ metric, side, bound }) => `${metric}${side}${bound}`);
  assert.deepEqual(read('Sharpe ratio stays below 0.5, max drawdown exceeds 25%'), ['sharpe<0.5', 'maxDrawdown>0.25']);
  assert.deepEqual(read('fewer trades than before'), []);
  assert.deepEqual(read('trades < 40'), ['trades<40']);
});

test('lessons merge when they say the same of the same family, and keep the evidence of both', () => {
  const run = new JournalBuilder().start();
  const first = run.cycle({ family: 'trend' });
  run.lesson('trend loses after costs when the stop is tight', [first]);
  const second = run.cycle({ family: 'trend' });
  run.lesson('trend loses after costs when the stop is very tight', [second]);
  const third = run.cycle({ family: 'reversion' });
  run.lesson('reversion loses after costs when the stop is tight', [third]);
  const lessons = rankLessons(historyOf(run.events));
  assert.equal(lessons.length, 2);
  assert.deepEqual([...lessons[0].trials], [first, second]);
});

test('a lesson that the numbers contradict is marked and ranked last', () => {
  const run = new JournalBuilder().start();
  const poor = run.cycle({ family: 'trend', score: 0.1, metrics: { sharpe: 0.1 } });
  run.lesson('wider stops lift it: sharpe above 1.2', [poor]);
  run.lesson('trend fails in quiet markets', [poor]);
  run.lesson('everything is fine without proof', ['9999-1']);
  const marks = () => rankLessons(historyOf(run.events)).map(({ mark }) => mark);
  assert.deepEqual(marks(), ['', '(contradicted: 1 of 1 cited trials) ', '(no evidence) ']);
  const kept = run.cycle({ family: 'trend', outcome: 'keep', score: 2 });
  assert.ok(marks().includes(`(contradicted: ${kept} was kept) `));
});

test('a lesson that states a number which none of its trials has is marked', () => {
  const gates = [gate('train', 'train.sharpe', 0.41, 0.5), gate('deflation', 'deflation.sharpe', 0.38, 3.12)];
  const marked = (text: string) => {
    const run = new JournalBuilder().start();
    const metrics = { sharpe: 0.4123, maxDrawdown: 0.352, trades: 45, exposure: 0.3, beta: 0.1, annualReturn: 0.2 };
    run.lesson(text, [run.cycle({ family: 'trend', gates, metrics })]);
    return rankLessons(historyOf(run.events))[0].mark;
  };
  assert.equal(marked('hourly trend reached sharpe 1.8.'), '(contradicted: no cited trial has sharpe 1.8) ');
  assert.equal(
    marked('hourly trend comes with a max drawdown of 12%'),
    '(contradicted: no cited trial has maxDrawdown 0.12) ',
  );
  assert.equal(marked('a wide stop: 450 held, trades: 450'), '(contradicted: no cited trial has trades 450) ');
  // True, rounded, a threshold that was told, a change, a parameter, a time: none of them is contradicted.
  for (const text of [
    'hourly trend: sharpe 0.41, max drawdown 35%, trades 45',
    'sharpe 0.4 with trades about 45',
    'sharpe 3.12 is what deflation asks',
    'sharpe 20% higher with a filter',
    'a return 24 hours later is noise',
    'exposure 2-3 days, beta 5x',
  ])
    assert.equal(marked(text), '', text);
});

test('what is said of one candidate is not contradicted by a keep of its family', () => {
  const run = new JournalBuilder().start();
  const crashed = run.cycle({ family: 'trend-slow', outcome: 'crash' });
  run.lesson('trend-slow-9x1 fails at causality.throws', [crashed]);
  run.lesson('trend-slow never pays on this market', [crashed]);
  const kept = run.cycle({ family: 'trend-slow', outcome: 'keep', score: 2 });
  const marks = new Map(rankLessons(historyOf(run.events)).map(({ text, mark }) => [text, mark]));
  assert.equal(marks.get('trend-slow-9x1 fails at causality.throws'), '');
  assert.equal(marks.get('trend-slow never pays on this market'), `(contradicted: ${kept} was kept) `);
});

test('opposite lessons in nearly the same words stay two lessons', () => {
  const run = new JournalBuilder().start();
  const first = run.cycle({ family: 'trend' });
  run.lesson('a daily volatility filter does help hourly trend entries', [first]);
  const second = run.cycle({ family: 'trend' });
  run.lesson('a daily volatility filter does not help hourly trend entries', [second]);
  assert.deepEqual(
    rankLessons(historyOf(run.events)).map(({ trials }) => [...trials]),
    [[second], [first]],
  );
});

test('old lessons that nobody repeats sink below newer ones with as much evidence', () => {
  const run = new JournalBuilder().start();
  const old = run.cycle({ family: 'a' });
  run.lesson('alpha beats gamma on Mondays', [old]);
  for (let i = 0; i < 300; i++) run.cycle({ family: 'b' });
  const fresh = run.cycle({ family: 'b' });
  run.lesson('delta needs volume filters', [fresh]);
  assert.match(rankLessons(historyOf(run.events))[0].text, /delta/);
});

test('a lesson is contradicted by more than half of its trials, not by half of them', () => {
  const marked = (...sharpes: number[]) => {
    const run = new JournalBuilder().start();
    const trials = sharpes.map((sharpe) => run.cycle({ family: 'trend', score: sharpe, metrics: { sharpe } }));
    run.lesson('sharpe above 1 with wider stops', trials);
    return rankLessons(historyOf(run.events))[0].mark;
  };
  assert.equal(marked(1.5, 0.4), '');
  assert.equal(marked(1.5, 0.4, 0.3), '(contradicted: 2 of 3 cited trials) ');
});
