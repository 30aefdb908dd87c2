import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { seededRandom } from '../../../src/base/random.ts';
import { buildDigest } from '../../../src/search/digest/digest.ts';
import { decideDirective } from '../../../src/search/directive/decide.ts';
import { EVERYTHING_ON, type SearchSwitches } from '../../../src/search/directive/directive.ts';
import { parseProgram, phaseOf } from '../../../src/search/directive/phases.ts';
import { thinCells } from '../../../src/search/memory/behaviour.ts';
import { gate, JournalBuilder } from '../build.ts';

const families = ['trend', 'reversion', 'breakout', 'drift'];
const all = (run: JournalBuilder, options: { program?: string; switches?: SearchSwitches } = {}) =>
  Array.from({ length: 60 }, (_, seed) =>
    decideDirective(run.events, { cycle: run.cycles + 1, families, ...options }, seededRandom(seed)),
  );
const phases = (line: string) => `text\n\`\`\`phases\n${line}\n\`\`\`\n`;

test('the shipped program has phases and no problem; a misspelt phase is reported and the rest holds', () => {
  const shipped = parseProgram(readFileSync(join(import.meta.dirname, '../../../prompts/program.md'), 'utf8'));
  assert.deepEqual(shipped.problems, []);
  assert.ok(shipped.phases.length >= 2);
  const program = parseProgram(phases('a: cycles 1-5: new\nb: cycles 6-: new, explode\nc: cycles 7-: exploit'));
  assert.match(program.problems.join(), /explode/);
  assert.equal(phaseOf(program, 5).name, 'a');
  assert.equal(phaseOf(program, 6).name, 'any');
  assert.equal(phaseOf(program, 900).name, 'c');
});

test('a phase limits what is asked for, as the human wrote it', () => {
  const run = new JournalBuilder().start();
  for (const family of families)
    run.cycle({ family, outcome: 'keep', candidate: `${family}-kept`, score: 1.2, params: { a: 1, b: 2, c: 3 } });
  const kinds = (line: string) => [...new Set(all(run, { program: phases(line) }).map(({ kind }) => kind))].sort();
  assert.deepEqual(kinds('x: cycles 1-: new'), ['new']);
  assert.deepEqual(kinds('x: cycles 1-: cross'), ['cross']);
  assert.deepEqual(kinds('x: cycles 1-: moonshot'), ['moonshot']);
  assert.deepEqual(kinds('x: cycles 1-: new, exploit, cross, simplify'), ['cross', 'exploit', 'new', 'simplify']);
});

test('a cross names two keepers of different families, once a pair', () => {
  const run = new JournalBuilder().start();
  run.cycle({ family: 'trend', outcome: 'keep', candidate: 'a', score: 1.2 });
  run.cycle({ family: 'reversion', outcome: 'keep', candidate: 'b', score: 1.1 });
  const [cross] = all(run, { program: phases('x: cycles 1-: cross') });
  assert.deepEqual([cross.base, cross.other].sort(), ['a', 'b']);
  run.cycleStart({ directive: 'cross', base: cross.base });
  Object.assign(run.events.at(-1)!, { why: cross.why });
  run.cycleEnd();
  assert.ok(all(run, { program: phases('x: cycles 1-: cross') }).every(({ kind }) => kind !== 'cross'));
});

test('a candidate that looked ahead is no near miss to work on', () => {
  const program = phases('x: cycles 1-: exploit');
  const bases = (fails: ReturnType<typeof gate>) => {
    const run = new JournalBuilder().start();
    run.cycle({ family: 'trend', candidate: 'one', score: 9, gates: [fails] });
    return new Set(all(run, { program }).flatMap(({ base }) => base ?? []));
  };
  const failed = gate('causality', 'causality.future', 0, 1);
  assert.deepEqual([...bases({ ...failed, class: 'leak' })], []);
  assert.deepEqual([...bases(gate('train', 'train.sharpe', 0.9, 1))], ['one']);
});

test('simplified: at an equal score the smaller one is worked on and shown, the keep stays', () => {
  const program = phases('x: cycles 1-: exploit');
  const made = (
    params: Record<string, number>,
    score: number,
    gates = [gate('redundancy', 'redundancy.keep', 0.99, 0.97)],
  ) => {
    const run = new JournalBuilder().start();
    run.cycle({ family: 'trend', outcome: 'keep', candidate: 'big', score: 2, params: { a: 1, b: 2, c: 3 } });
    run.cycleStart({ directive: 'simplify', base: 'big', family: 'trend' });
    run.trial({ family: 'trend', candidate: 'small', score, params, gates });
    run.cycleEnd();
    const bases = new Set(all(run, { program }).flatMap(({ kind, base }) => (kind === 'exploit' ? [base] : [])));
    return { bases, digest: buildDigest(run.events, { tokens: 2000, cycle: 3 }) };
  };
  const equal = made({ a: 1, b: 2 }, 1.95);
  assert.ok(equal.bases.has('small') && !equal.bases.has('big'), [...equal.bases].join());
  assert.match(equal.digest, /^- big .*as good with fewer parameters: small/m);
  const others = [
    made({ a: 1, b: 2, d: 3 }, 2),
    made({ a: 1 }, 1.5),
    made({ a: 1 }, 2, [gate('stress', 'stress.costs', 0, 1)]),
  ];
  for (const { bases, digest } of others) {
    assert.ok(bases.has('big'));
    assert.doesNotMatch(digest, /fewer parameters/);
  }
});

test('a plateau climbs the ladder: vary, least tried family, restart, moonshot, ask', () => {
  const run = new JournalBuilder().start();
  run.cycle({ family: 'trend', outcome: 'keep', candidate: 'kept', score: 2 });
  const steps: string[] = [];
  for (let i = 0; i < 40; i++) {
    const [directive] = all(run);
    if (/^(plateaued|stuck)/.test(directive.why)) steps.push(directive.why.replace(/ for \d+ cycles/, ''));
    const troubled = i >= 12 ? 'plateaued' : 'exploring';
    run.cycle({
      family: i % 2 ? 'trend' : 'reversion',
      score: 0.1,
      state: troubled,
      gates: [gate('train', 'train.sharpe', 0.1, 1), gate('train', 'train.trades', 3, 30)],
    });
  }
  const said = steps.join('\n');
  assert.match(said, /untried family is forced/);
  assert.match(said, /restart from kept/);
  assert.match(said, /nothing near what was tried/);
});

test('switched off, a part has no say', () => {
  const run = new JournalBuilder().start();
  for (let i = 0; i < 12; i++)
    run.cycle({ family: families[i % 3], metrics: { holdingHours: 10 * i, turnover: 50, beta: 0.2 } });
  const off = (name: keyof SearchSwitches) => all(run, { switches: { ...EVERYTHING_ON, [name]: false } });
  assert.ok(off('directive').every(({ kind, family }) => kind === 'new' && family === null));
  assert.ok(off('archive').every(({ aim }) => aim === undefined));
  assert.ok(all(run).some(({ aim }) => aim !== undefined));
  const advance = (list: ReturnType<typeof all>) => list.filter(({ family }) => family === 'drift').length;
  assert.ok(advance(all(run)) > advance(off('novelty')));
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
