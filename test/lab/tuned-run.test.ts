import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RunEvent } from '../../src/journal/events.ts';
import { withRanges } from '../../src/lab/scripted/ranges.ts';
import { cycleEvents, startOfRun } from '../../src/lab/story.ts';
import { laterOf, toldOf } from '../../src/lab/tuned-run.ts';

const files = {
  name: 'a-1',
  strategy: 'export default defineStrategy({\n  params: { fast: 10, width: 2, flip: 0 },\n  decide() {},\n});\n',
  yaml: 'strategy: a-1.ts\nsymbols: [BTCUSD]\nparams: { fast: 8, width: 1.5, flip: 0 }\n',
};

/** What the model writes after it left its numbers to the harness. */
async function written(args: typeof files): Promise<typeof files> {
  const said = await withRanges(() => ({ content: '', calls: [{ name: 'write_candidate', args }] }))({} as never);
  assert.ok('calls' in said && said.calls);
  return said.calls[0].args as typeof files;
}

test('numbers of the YAML become ranges in the code, a switch stays, and what has ranges gets them moved', async () => {
  const once = await written(files);
  assert.match(once.strategy, /params: \{ fast: range\(4, 16\), width: range\(0\.75, 3\), flip: 0 \}/);
  assert.equal(once.yaml, 'strategy: a-1.ts\nsymbols: [BTCUSD]\n');
  const twice = await written({ ...once, name: 'a-2' });
  assert.match(twice.strategy, /fast: range\(\d+, \d+\)/);
  assert.notEqual(twice.strategy, once.strategy);
});

test('the figures of a run: trials, how far each came, and how much further a tuned one gets', () => {
  const events = [startOfRun, ...cycleEvents(1), ...cycleEvents(2)] as RunEvent[];
  const told = toldOf(events, '/nowhere');
  assert.deepEqual([told.cycles, told.trials, told.keeps, told.shrinkage], [2, 2, 0, null]);
  assert.deepEqual([told.reached.train, told.reached.stress], [2, 0]);
  assert.deepEqual(told.passed, [3, 3]);
  assert.deepEqual(told.perCycle, ['train.sharpe', 'train.sharpe']);
  const { stages, low, high } = laterOf({ tuned: { passed: [4, 6, 5, 5] }, untuned: { passed: [3, 3, 3, 3] } });
  assert.equal(stages, 2);
  assert.ok(low > 1 && low < 2 && high > 2 && high < 3);
});
