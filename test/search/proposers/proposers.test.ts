import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Random, seededRandom } from '../../../src/base/random.ts';
import { historyOf } from '../../../src/search/memory/history.ts';
import { geneticProposer } from '../../../src/search/proposers/genetic.ts';
import type { ProposedTrial, Proposer, SearchSpace } from '../../../src/search/proposers/space.ts';
import { randomProposer } from '../../../src/search/proposers/space.ts';
import { sweepProposer } from '../../../src/search/proposers/sweep.ts';
import { gate, JournalBuilder } from '../build.ts';

const range = (n: number) => Array.from({ length: n }, (_, i) => i);
const SPACES: SearchSpace[] = [
  { strategy: 'one', family: 'a', values: { x: range(20), y: range(20), z: range(20) } },
  { strategy: 'two', family: 'b', values: { x: range(20), y: range(20), z: range(20) } },
];

/** A smooth hill in family a, nothing in b. */
const height = ({ family, params }: ProposedTrial) =>
  family === 'b'
    ? 0.1
    : Math.max(0, 1 - (Math.abs(params.x - 13) + Math.abs(params.y - 4) + Math.abs(params.z - 8)) / 30);

function search(proposer: Proposer, random: Random, trials: number): { best: number; keys: string[] } {
  const run = new JournalBuilder().start().cycleStart();
  let best = 0;
  const keys: string[] = [];
  while (run.trials < trials) {
    const batch = proposer(historyOf(run.events), random, 5);
    if (batch.length === 0) break;
    for (const point of batch) {
      const value = height(point);
      best = Math.max(best, value);
      keys.push(JSON.stringify([point.family, point.params]));
      run.trial({
        family: point.family,
        candidate: `${point.strategy}-${run.trials}`,
        params: { ...point.params },
        score: value,
        gates: [gate('train', 'train.sharpe', value, 1.01)],
      });
    }
  }
  return { best, keys };
}

test('the genetic search climbs a hill faster than random draws, over ten seeds', () => {
  const mean = (make: () => Proposer) =>
    range(10).reduce((sum, seed) => sum + search(make(), seededRandom(seed), 150).best, 0) / 10;
  const [genetic, random] = [mean(() => geneticProposer(SPACES)), mean(() => randomProposer(SPACES))];
  assert.ok(genetic > random + 0.03, `genetic ${genetic.toFixed(3)}, random ${random.toFixed(3)}`);
});

test('no proposer repeats a point, and the sweep takes its strategies in turn until all is tried', () => {
  const small = SPACES.map((space) => ({ ...space, values: { x: [1, 2, 3], y: [1, 2] } }));
  for (const proposer of [geneticProposer(small), randomProposer(small), sweepProposer(small, 1)]) {
    const { keys } = search(proposer, seededRandom(3), 100);
    assert.equal(new Set(keys).size, keys.length);
    assert.equal(keys.length, 12);
  }
  const { keys } = search(sweepProposer(small, 1), seededRandom(3), 100);
  assert.deepEqual(
    keys.slice(0, 4).map((key) => key.slice(2, 3)),
    ['a', 'b', 'a', 'b'],
  );
});

test('a proposer has no memory of its own: the same history and stream give the same batch', () => {
  const run = new JournalBuilder().start().cycleStart();
  for (let i = 0; i < 30; i++)
    run.trial({
      family: i % 2 ? 'a' : 'b',
      candidate: i % 2 ? 'one' : 'two',
      params: { x: i % 20, y: i % 7, z: i % 5 },
      score: i / 30,
    });
  const ask = () => geneticProposer(SPACES)(historyOf([...run.events]), seededRandom(5), 6);
  assert.deepEqual(ask(), ask());
});
