import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../../../src/base/random.ts';
import { decideDirective } from '../../../src/search/directive/decide.ts';
import { EVERYTHING_ON, type SearchSwitches } from '../../../src/search/directive/directive.ts';
import { nearMisses } from '../../../src/search/directive/rank.ts';
import { thinCells } from '../../../src/search/memory/behaviour.ts';
import { historyOf } from '../../../src/search/memory/history.ts';
import { gate, JournalBuilder } from '../build.ts';

const families = ['trend', 'reversion', 'breakout', 'drift'];
const all = (run: JournalBuilder, switches?: SearchSwitches) =>
  Array.from({ length: 120 }, (_, seed) =>
    decideDirective(run.events, { cycle: run.cycles + 1, families, switches }, seededRandom(seed)),
  );

/** Eight cycles of each of three families: trend nearly passes, the others have no edge. */
function threeFamilies(): JournalBuilder {
  const run = new JournalBuilder().start();
  for (let i = 0; i < 24; i++) {
    const sharpe = i % 3 === 0 ? 0.99 : -1;
    run.cycle({ family: families[i % 3], gates: [gate('train', 'train.sharpe', sharpe, 1)] });
  }
  return run;
}

const share = (list: ReturnType<typeof all>, family: string) =>
  list.filter((directive) => directive.family === family).length / list.length;

test('families are drawn by their chance to pass: the promising and the untried often, the hopeless seldom', () => {
  const directives = all(threeFamilies());
  const [trend, hopeless, untried] = ['trend', 'reversion', 'drift'].map((family) => share(directives, family));
  assert.ok(trend > 3 * hopeless && untried > hopeless, `${trend} ${untried} ${hopeless}`);
  assert.match(directives[0].why, /was drawn by its chance to pass/);
});

test('a family that trades like a keep leaves room for the others', () => {
  const run = threeFamilies();
  const before = share(all(run), 'trend');
  run.cycle({ family: 'trend', outcome: 'keep', candidate: 'kept', score: 2 });
  assert.ok(share(all(run), 'trend') < before / 2);
});

test('switched off, a part has no say', () => {
  const run = threeFamilies();
  const off = (name: keyof SearchSwitches) => all(run, { ...EVERYTHING_ON, [name]: false });
  assert.ok(share(off('families'), 'reversion') > 2 * share(all(run), 'reversion'));
  run.cycle({ family: 'trend', candidate: 'near', route: 'patch', gates: [gate('train', 'train.sharpe', 0.9, 1)] });
  assert.ok(all(run).every(({ kind }) => kind === 'patch'));
  assert.ok(off('patches').every(({ kind }) => kind === 'new'));
});

test('a candidate that looked ahead is no near miss to work on', () => {
  const near = (fails: ReturnType<typeof gate>) => {
    const run = new JournalBuilder().start();
    run.cycle({ family: 'trend', candidate: 'one', score: 9, gates: [fails] });
    return nearMisses(historyOf(run.events)).map(({ trial }) => trial.candidate);
  };
  const failed = gate('causality', 'causality.future', 0, 1);
  assert.deepEqual(near({ ...failed, class: 'leak' }), []);
  assert.deepEqual(near(gate('train', 'train.sharpe', 0.9, 1)), ['one']);
});

test('thin cells lie at the edge of what is known', () => {
  assert.deepEqual(thinCells(new Map()), []);
  assert.equal(thinCells(new Map([[13, 4]])).length, 6);
  assert.equal(thinCells(new Map([[0, 4]])).length, 3);
});

test('an island obeys the routes of its own cycles only', () => {
  const run = new JournalBuilder().start();
  const on = (island: number) =>
    Object.assign(run.events.findLast((event) => event.type === 'cycle.started')!, { island });
  run.cycle({ family: 'trend', outcome: 'crash', route: 'fix' });
  on(0);
  run.cycle({ family: 'drift', route: 'new' });
  on(1);
  const decide = (island: number) => decideDirective(run.events, { cycle: 3, families, island }, seededRandom(1)).kind;
  assert.equal(decide(0), 'fix');
  assert.notEqual(decide(1), 'fix');
});
