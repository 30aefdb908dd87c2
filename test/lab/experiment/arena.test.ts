import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { readGatesConfig } from '../../../src/gates/config.ts';
import { readSpaces } from '../../../src/lab/calibrate/search/spaces.ts';
import { openArena } from '../../../src/lab/experiment/arena.ts';
import { playSearch } from '../../../src/lab/experiment/play.ts';
import { summariseAblation } from '../../../src/lab/experiment/summary.ts';
import type { AblationRow } from '../../../src/lab/experiment/variants.ts';
import { EVERYTHING_ON } from '../../../src/search/directive/directive.ts';
import { historyOf } from '../../../src/search/memory/history.ts';
import { readSpaces as readFamilies } from '../../../src/search/proposers/space.ts';

const PROJECT = join(import.meta.dirname, '../../..');
const spaces = (await readSpaces(join(PROJECT, 'strategies/library')))
  .filter(({ name }) => name === 'ema-cross' || name === 'post-jump-drift')
  .map(({ name, definition, values }) => ({ strategy: name, family: definition.family, definition, values }));

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

test('every space of the library names a strategy of its own family and holds its defaults', async () => {
  const library = join(PROJECT, 'strategies/library');
  const families = new Map(
    readFamilies(join(library, 'spaces.yaml')).map(({ strategy, family }) => [strategy, family]),
  );
  for (const { name, definition, values } of await readSpaces(library)) {
    assert.equal(definition.family, families.get(name), name);
    for (const [param, list] of Object.entries(values))
      assert.ok(list.includes(definition.params[param] as number), `${name}.${param}`);
  }
});

test('the table of the ablation: rates over all trials, ratios on common seeds, a p by swapped names, and its correction', () => {
  const row = (variant: string, seed: number, edges: number, trials: number, sessions = 0) =>
    ({
      variant,
      seed,
      trials,
      sessions,
      found: ['momentum', 'reversion', 'post-jump'].slice(0, edges),
    }) as unknown as AblationRow;
  const seeds = Array.from({ length: 12 }, (_, k) => k);
  const rows = [
    ...seeds.map((seed) => row('whole', seed, 3, 50, 30)),
    ...seeds.map((seed) => row('random', seed, 2, 100)),
    ...seeds.map((seed) => row('sweep', seed, 3, seed % 2 ? 49 : 51)),
    // Played by one of them alone: says nothing of a ratio.
    row('random', 99, 0, 1000),
  ];
  const [whole, random, sweep] = summariseAblation(rows, 5000);
  assert.deepEqual([whole.variant, whole.searches, whole.edges, whole.against], ['whole', 12, 3, null]);
  assert.deepEqual(whole.rate, { value: 6, low: 6, high: 6 });
  assert.equal(whole.perMillion, (36 * 1e6) / (360 * 5000));
  assert.equal(random.perMillion, null);
  assert.equal(random.against?.ratio.value, 3);
  assert.ok(random.against.p < 0.002 && random.against.holm === 2 * random.against.p);
  assert.ok(sweep.against!.p > 0.5 && sweep.against!.holm === sweep.against!.p);
  assert.ok(sweep.against!.ratio.low < 1 && sweep.against!.ratio.high > 1);
});
