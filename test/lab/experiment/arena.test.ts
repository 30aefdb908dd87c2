import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { readGatesConfig } from '../../../src/gates/config.ts';
import { openArena } from '../../../src/lab/experiment/arena.ts';
import { playSearch } from '../../../src/lab/experiment/play.ts';
import { summariseAblation } from '../../../src/lab/experiment/summary.ts';
import type { AblationRow } from '../../../src/lab/experiment/variants.ts';
import { EVERYTHING_ON } from '../../../src/search/directive/directive.ts';
import { historyOf } from '../../../src/search/memory/history.ts';
import { readSpaces } from '../../../src/search/proposers/space.ts';
import emaCross from '../../../strategies/library/ema-cross.ts';
import jumpDrift from '../../../strategies/library/post-jump-drift.ts';

const PROJECT = join(import.meta.dirname, '../../..');
const library = readSpaces(join(PROJECT, 'strategies/library/spaces.yaml'));
const definitions = { 'ema-cross': emaCross, 'post-jump-drift': jumpDrift };
const spaces = Object.entries(definitions).map(([strategy, definition]) => ({
  ...library.find((space) => space.strategy === strategy)!,
  definition,
}));

test('a search in the arena charges each trial once, refuses repeats when asked to, and is repeatable', async () => {
  const gates = readGatesConfig(join(PROJECT, 'config/gates.yaml'));
  const play = (novelty: boolean) =>
    playSearch(openArena(3, 1, gates, spaces), { switches: { ...EVERYTHING_ON, novelty } }, 3, 14);
  const [first, again, free] = [await play(true), await play(true), await play(false)];
  const plain = (events: typeof first.run.events) => events.map((event) => ({ ...event, seconds: 0 }));
  assert.deepEqual(plain(first.run.events), plain(again.run.events));
  const prints = (played: typeof first) => historyOf(played.run.events).trials.map(({ fingerprint }) => fingerprint);
  assert.equal(prints(first).length, 14);
  assert.equal(new Set(prints(first)).size, 14);
  assert.equal(free.refused, 0);
  assert.ok(new Set(prints(free)).size < 14, 'without the rule a model repeats itself');
});

test('every space of the library names a strategy of its own family and holds its defaults', () => {
  for (const { strategy, family, definition, values } of spaces) {
    assert.equal(definition.family, family, strategy);
    for (const [name, list] of Object.entries(values))
      assert.ok(list.includes(definition.params[name as never]), `${strategy}.${name}`);
  }
});

test('the table of the ablation: errors of the mean, runs with every edge, and differences between the same seeds', () => {
  const row = (variant: string, seed: number, keeps: number, firstKeep: number | null, ...found: string[]) =>
    ({ variant, seed, keeps, firstKeep, found, refused: 0, requiredSharpe: null }) as unknown as AblationRow;
  const rows = [
    row('full', 1, 4, 2, 'momentum', 'reversion', 'post-jump'),
    row('full', 2, 2, 8, 'momentum'),
    row('full', 9, 50, 1, 'momentum'),
    row('random', 1, 3, 4, 'momentum', 'reversion'),
    row('random', 2, 3, null),
  ];
  const [full, random] = summariseAblation(rows);
  assert.deepEqual({ runs: full.runs, all: full.all, lost: full.lost }, { runs: 3, all: 1, lost: null });
  assert.equal(full.firstKeep, 2);
  assert.equal(random.firstKeep, null, 'half of the runs kept nothing');
  assert.deepEqual(random.byEdge, { momentum: 1, reversion: 1, 'post-jump': 0 });
  assert.deepEqual(random.edges, { mean: 1, error: 1 });
  // Seed 9 was played by one of them alone and says nothing of the difference.
  assert.deepEqual(random.lost, { seeds: 2, edges: { mean: 1, error: 0 }, keeps: { mean: 0, error: 1 } });
});
