import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { readGatesConfig } from '../../src/gates/config.ts';
import { EVERYTHING_ON } from '../../src/search/directive.ts';
import { openArena } from '../../src/search/experiment/arena.ts';
import { playSearch } from '../../src/search/experiment/play.ts';
import { historyOf } from '../../src/search/history.ts';
import { readSpaces } from '../../src/search/proposers/read-spaces.ts';
import emaCross from '../../strategies/library/ema-cross.ts';
import jumpDrift from '../../strategies/library/post-jump-drift.ts';

const PROJECT = join(import.meta.dirname, '..', '..');
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
