import assert from 'node:assert/strict';
import { test } from 'node:test';
import { historyOf } from '../../../src/search/memory/history.ts';
import { alikeness, compareRuns, compareSvg, workingHours, yieldBySize } from '../../../src/search/report/compare.ts';
import { searchTables } from '../../../src/search/report/report-tables.ts';
import { JournalBuilder } from '../build.ts';

/** A run with a keep at each of the given trials. */
function runOf(trials: number, keepsAt: number[], families = 3): JournalBuilder {
  const run = new JournalBuilder().start();
  for (let i = 1; i <= trials; i++) {
    const keep = keepsAt.includes(i);
    run.cycle({
      family: `f${i % families}`,
      outcome: keep ? 'keep' : 'discard',
      score: keep ? 1.5 : 0.3,
      metrics: { requiredSharpe: 1 + i / 100 },
      returns: `r${i}`,
    });
  }
  return run;
}

test('runs are compared on equal trials: what came later does not count', () => {
  const { trials, equalTrials } = compareRuns([runOf(40, [12, 38]).events, runOf(20, [5]).events]);
  assert.equal(trials, 20);
  assert.deepEqual(
    equalTrials.map(({ keeps, firstKeep, requiredSharpe }) => [keeps, firstKeep, requiredSharpe]),
    [
      [1, 12, 1.2],
      [1, 5, 1.2],
    ],
  );
});

test('time in which the harness was down is not working time', () => {
  const run = runOf(10, []);
  const before = workingHours(run.events);
  const { at } = run.events.at(-1)!;
  run.add({ type: 'run.resumed', recovered: [], trials: [] });
  Object.assign(run.events.at(-1)!, { at: at + 50 * 3_600_000 });
  assert.equal(workingHours(run.events), before);
});

test('likeness: a run is like itself and unlike one of other families', () => {
  const a = historyOf(runOf(12, [4]).events);
  const b = historyOf(runOf(12, [4], 6).events);
  const series = Float64Array.from({ length: 100 }, (_, i) => Math.sin(i));
  assert.deepEqual(
    alikeness(a, a, () => series),
    { a: 'test', b: 'test', families: 1, trials: 1, best: 1 },
  );
  assert.equal(alikeness(a, b, () => null).families, 0.5);
  assert.equal(alikeness(a, b, () => null).best, null);
});

test('cycles are grouped by how many trials they spent', () => {
  const run = new JournalBuilder().start();
  run.cycle({ family: 'a' });
  run.cycleStart();
  for (let i = 0; i < 5; i++) run.trial({ family: 'a', outcome: i === 4 ? 'keep' : 'discard' });
  run.cycleEnd();
  const sizes = yieldBySize(historyOf(run.events));
  assert.deepEqual(
    sizes.map(({ size, trials, keeps }) => [size, trials, keeps]),
    [
      ['1', 1, 0],
      ['4+', 5, 1],
    ],
  );
});

test('the picture is well-formed, names the runs, and has one line a run in each panel', () => {
  const svg = compareSvg([runOf(40, [12, 38]).events, runOf(20, [5]).events]);
  assert.equal(svg.match(/stroke-width="1.5"/g)?.length, 4);
  assert.doesNotMatch(svg, /NaN|Infinity/);
  assert.match(svg, /<\/svg>\n$/);
});

test('the report tells what hypotheses came to, which size of a cycle pays, and what a hint did', () => {
  const run = new JournalBuilder().start();
  const hypothesis = { hypothesis: 'h', candidate: 'a', family: 'trend', refutedIf: 'sharpe < 0.5' } as const;
  run.cycleStart({ family: 'trend' }).add({ type: 'hypothesis.registered', cycle: 1, ...hypothesis });
  run.trial({ family: 'trend', score: 0.9 });
  run.trial({ family: 'trend', score: 2, outcome: 'keep' });
  run.cycleEnd();
  assert.deepEqual(
    searchTables(run.events).map(({ title }) => title),
    ['Hypotheses', 'One change a cycle, or a theme of several trials'],
  );
  run.add({
    type: 'hint.taken',
    hint: 'slow-1',
    text: 'prefer slow bars',
    sha256: '',
    cycle: 2,
    priority: 5,
    expiresAt: null,
    scope: 'run',
  });
  run
    .cycleStart({ family: 'trend', hints: ['slow-1'] })
    .add({ type: 'hypothesis.registered', cycle: 2, ...hypothesis });
  run.trial({ family: 'trend', score: 0.1, metrics: { sharpe: 0.1, trades: 90 } });
  run.cycleEnd().add({ type: 'hint.dropped', hint: 'slow-1', why: 'no use' });
  const [hypotheses, sizes, hints] = searchTables(run.events);
  assert.match(hypotheses.note, /1 confirmed, 1 refuted, 0 inconclusive/);
  assert.deepEqual(hypotheses.rows[0].slice(0, 4), [2, 'trend', 'sharpe < 0.5', 'refuted']);
  assert.deepEqual(
    sizes.rows.map((row) => row.slice(0, 5)),
    [
      ['1', 1, 1, 0, '0.000'],
      ['2-3', 1, 2, 1, '0.500'],
    ],
  );
  const [hint, under, rest, answer] = hints.rows[0];
  assert.deepEqual(
    [hint, under.toString().slice(0, 9), rest.toString().slice(0, 9)],
    ['prefer slow bars', '1 / 1 / 0', '1 / 2 / 1'],
  );
  assert.equal(answer, 'not answered (dropped)');
});
