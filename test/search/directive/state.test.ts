import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RunEvent } from '../../../src/journal/events.ts';
import { escalationOf } from '../../../src/search/directive/escalate.ts';
import { type SearchState, searchState } from '../../../src/search/directive/state.ts';
import { historyOf } from '../../../src/search/memory/history.ts';
import { gate, JournalBuilder } from '../build.ts';
import { MAKERS, type Trace, trace } from '../traces.ts';

const SEEDS = [101, 102, 103, 104, 105, 106, 107, 108];
const alarming = (state: SearchState) => state === 'plateaued' || state === 'stuck';

/** The state before each cycle, as the loop would have asked for it: index i is what cycle i + 1 was told. */
function statesOf({ events }: Trace): SearchState[] {
  const growing: RunEvent[] = [];
  const states: SearchState[] = [];
  for (const event of events) {
    if (event.type === 'cycle.started') states.push(searchState(historyOf(growing)).state);
    growing.push(event);
  }
  return states;
}

function judge(one: Trace) {
  const states = statesOf(one);
  const before = states.slice(0, one.trouble ?? states.length);
  const during = one.trouble === null ? [] : states.slice(one.trouble, one.recovery ?? undefined);
  const first = (wanted: (state: SearchState) => boolean, list: SearchState[]) => {
    const at = list.findIndex(wanted);
    return at < 0 ? null : at + 1;
  };
  return {
    falseAlarms: before.filter(alarming).length,
    healthyCycles: before.length,
    delay: first(alarming, during),
    stuckDelay: first((state) => state === 'stuck', during),
    calm: one.recovery === null ? null : first((state) => !alarming(state), states.slice(one.recovery)),
  };
}

const median = (values: (number | null)[]) => {
  const known = values.filter((value) => value !== null).sort((a, b) => a - b);
  return known.length === 0 ? null : known[Math.floor(known.length / 2)];
};

test('88 labelled traces: trouble is seen soon, and health is rarely called trouble', (t) => {
  let falseCycles = 0;
  let healthyCycles = 0;
  let seen = 0;
  let troubled = 0;
  for (const kind of Object.keys(MAKERS)) {
    const results = SEEDS.map((seed) => judge(trace(kind, seed)));
    const { truth } = MAKERS[kind];
    const alarms = results.reduce((sum, { falseAlarms }) => sum + falseAlarms, 0);
    const healthy = results.reduce((sum, result) => sum + result.healthyCycles, 0);
    falseCycles += alarms;
    healthyCycles += healthy;
    const delays = results.map(({ delay }) => delay);
    if (truth !== 'healthy') {
      troubled += results.length;
      seen += delays.filter((delay) => delay !== null).length;
    }
    t.diagnostic(
      `${kind.padEnd(26)} ${truth.padEnd(8)} false alarms ${alarms}/${healthy} cycles` +
        (truth === 'healthy'
          ? ''
          : `; seen ${delays.filter((d) => d !== null).length}/${results.length}, delay median ${median(delays)} worst ${Math.max(...delays.map((d) => d ?? Number.POSITIVE_INFINITY))}`) +
        (truth === 'stuck' ? `; "stuck" after ${median(results.map(({ stuckDelay }) => stuckDelay))}` : '') +
        (results[0].calm === null ? '' : `; calm again after ${median(results.map(({ calm }) => calm))}`),
    );
    if (truth !== 'healthy') assert.ok((median(delays) ?? 99) <= 16, `${kind}: ${delays.join(' ')}`);
    if (truth === 'stuck')
      assert.ok(
        results.every(({ stuckDelay }) => stuckDelay !== null),
        `${kind} is never called stuck`,
      );
  }
  t.diagnostic(`in all: ${falseCycles} false of ${healthyCycles} healthy cycles, ${seen} of ${troubled} troubles seen`);
  assert.ok(falseCycles / healthyCycles < 0.06);
  assert.equal(seen, troubled);
});

test('spent looks are trouble at once, asked about once, and over with a new segment', () => {
  const run = new JournalBuilder().start();
  for (let i = 0; i < 6; i++) run.cycle({ family: `f${i}`, gates: [gate('train', 'train.sharpe', 0.5 + i / 20, 1)] });
  const refused = { family: 'f9', gates: [gate('selection', 'selection.held_back', null, null)] };
  run.cycle(refused);
  assert.equal(searchState(historyOf(run.events)).state, 'improving', 'a task without looks has nothing to spend');
  run.add({ type: 'selection.looked', trial: '0001-1', cycle: 1, look: 1 });
  run.cycle(refused);
  const report = searchState(historyOf(run.events));
  assert.match(report.why, /looks at held-back data are spent/);
  assert.equal(escalationOf(historyOf(run.events), report).ask, true);
  run.cycleStart({ state: 'stuck' });
  assert.equal(escalationOf(historyOf(run.events), report).ask, false);
  run.add({ type: 'segment.started', segment: 2, provenance: {}, changed: ['windows'] });
  assert.notEqual(searchState(historyOf(run.events)).state, 'stuck');
});

test('prose changes nothing: a summary that claims success is not read', () => {
  const quiet = new JournalBuilder().start();
  const loud = new JournalBuilder().start();
  for (let i = 0; i < 30; i++) {
    quiet.cycle({ family: 'a', fingerprint: 'same' });
    loud.cycle({ family: 'a', fingerprint: 'same' });
  }
  for (const event of loud.events)
    if (event.type === 'session.ended') event.summary = 'Huge breakthrough, Sharpe 9, done!';
  assert.deepEqual(searchState(historyOf(loud.events)), searchState(historyOf(quiet.events)));
});

test('submissions that were sent back as repeats count as tried and not new', () => {
  const run = new JournalBuilder().start();
  const novel = ['a', 'b', 'c', 'd'].flatMap((name) => Array.from({ length: 3 }, () => name));
  for (const family of novel) {
    run.cycle({ family, metrics: { sharpe: 0.4, holdingHours: 10, turnover: 50, beta: 0 } });
  }
  const share = () => /([0-9]+)% of the trials/.exec(searchState(historyOf(run.events)).why)?.[1];
  const before = share();
  for (let i = 0; i < 12; i++) {
    const refused = { candidate: `a-${i}`, family: 'a', fingerprint: `r${i}`, params: {}, like: '0001-1' };
    run.add({ type: 'trial.refused', cycle: run.cycles, ...refused, correlation: null });
  }
  assert.ok(before !== undefined && share() !== undefined, searchState(historyOf(run.events)).why);
  assert.ok(Number(share()) < Number(before), `${before}% -> ${share()}%`);
});
