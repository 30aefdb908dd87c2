import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildDigest } from '../../../src/search/digest/digest.ts';
import { queryJournal } from '../../../src/search/digest/query.ts';
import { estimateTokens } from '../../../src/search/digest/tokens.ts';
import { gate, JournalBuilder } from '../build.ts';

function longRun(cycles: number): JournalBuilder {
  const run = new JournalBuilder().start();
  for (let i = 0; i < cycles; i++) {
    const family = `family-${i % 40}`;
    const trial = run.cycle({ family, score: (i % 17) / 10, outcome: i % 23 === 22 ? 'keep' : 'discard' });
    if (i % 3 === 0) run.lesson(`lesson ${i}: ${family} needs wider stops ${'x'.repeat(300)}`, [trial]);
  }
  return run;
}

test('the digest stays within its budget however long the run', () => {
  for (const cycles of [0, 1, 10, 300]) {
    for (const tokens of [60, 600, 2400]) {
      const text = buildDigest(longRun(cycles).events, { tokens, cycle: cycles + 1 });
      assert.ok(estimateTokens(text) <= tokens, `${estimateTokens(text)} > ${tokens} at ${cycles}`);
    }
  }
});

test('the same events give the same digest, in pieces or at once', () => {
  const { events } = longRun(50);
  const growing: typeof events = [];
  let text = '';
  for (const event of events) {
    growing.push(event);
    if (event.seq % 20 === 0) buildDigest(growing, { tokens: 2400, cycle: 1 });
  }
  text = buildDigest(growing, { tokens: 2400, cycle: 51 });
  assert.equal(text, buildDigest([...events], { tokens: 2400, cycle: 51 }));
});

test('a held-back number never reaches digest or query, even when the event carries it', () => {
  const run = new JournalBuilder().start();
  const secret = {
    ...gate('selection', 'selection.sharpe', 0.7654321, 1.2345678),
    message: 'sharpe 0.7654321 < 1.2345678',
  };
  const trial = run.cycle({
    family: 'trend',
    candidate: 'secretive',
    gates: [gate('train', 'train.sharpe', 1.5, 1, true), secret],
  });
  run.add({
    type: 'holdout.answered',
    candidate: 'secretive',
    trial,
    answer: 'rejected',
    sharpe: 0.4242,
    detectable: 2.4242,
  });
  const texts = [
    buildDigest(run.events, { tokens: 4000, cycle: 2 }),
    ...['families', 'failures', 'near_misses'].map((kind) => queryJournal(run.events, { kind })),
    queryJournal(run.events, { kind: 'candidate', name: 'secretive' }),
    queryJournal(run.events, { kind: 'cycle', cycle: 1 }),
  ];
  assert.match(texts[0], /selection\.sharpe failed \(held back\)/);
  for (const text of texts) assert.doesNotMatch(text, /0\.76|1\.23|4242/);
});

test('what cycle 12 learned is findable at cycle 800, in a family with a hundred lessons since', () => {
  const run = longRun(11);
  const trial = run.cycle({ family: 'trend', candidate: 'odd-candidate', score: 0.9 });
  run.lesson('night hours alone carry the whole edge of it', [trial]);
  for (let i = 0; i < 788; i++) {
    const later = run.cycle({ family: i % 8 ? `family-${i % 40}` : 'trend' });
    run.lesson(`remark ${i}: a ${i * 7}-bar lookback with ${i * 13} bps of stop is ${i % 3 ? 'late' : 'noisy'}`, [
      later,
    ]);
  }
  const ask = (query: Parameters<typeof queryJournal>[1]) => queryJournal(run.events, query);
  assert.equal(run.cycles, 800);
  assert.doesNotMatch(ask({ kind: 'lessons', name: 'trend' }), /night hours/, 'newer lessons of the family come first');
  assert.match(ask({ kind: 'cycle', cycle: 12 }), /odd-candidate[\s\S]*lesson: night hours/);
  assert.match(ask({ kind: 'lessons', name: 'Night hours' }), /^night hours alone.*\[0012-/);
  assert.match(ask({ kind: 'candidate', name: 'odd-candidate' }), /0012-/);
});

test('bad questions are answered, not thrown', () => {
  const { events } = longRun(3);
  assert.match(queryJournal(events, { kind: 'nonsense' }), /one of families/);
  assert.match(queryJournal(events, { kind: 'candidate' }), /no candidate/);
  assert.match(queryJournal(events, { kind: 'cycle' }), /no cycle/);
});

test('a keep that would not pass among as many trials as there are now is marked, and only that', () => {
  const run = new JournalBuilder().start();
  for (const [candidate, luckStatistic] of [
    ['fragile', 2.9],
    ['sound', 6],
  ] as const) {
    const trial = run.cycle({ family: candidate, candidate, outcome: 'keep', score: luckStatistic });
    const finished = run.events.find((event) => event.type === 'trial.finished' && event.trial === trial);
    assert.ok(finished?.type === 'trial.finished');
    finished.metrics.luckStatistic = luckStatistic;
  }
  const deflation = { luck: 0.1, minTrials: 10 };
  const board = (trials: number) => {
    const text = buildDigest(run.events, { tokens: 2400, cycle: 3, trials, deflation });
    return text.split('\n').filter((line) => /^- (fragile|sound) /.test(line) && / · /.test(line));
  };
  assert.ok(board(10).every((line) => !line.includes('PROVISIONAL')));
  const [sound, fragile] = board(2000);
  assert.match(fragile, /^- fragile .* PROVISIONAL: would not pass among 2000 trials$/);
  assert.doesNotMatch(sound, /PROVISIONAL/);
});
