import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HeldBench } from '../../../src/task/trading/held.ts';
import { cannedWorkbench } from '../../gates/support.ts';

const files = { name: 'a', source: 'source', yaml: 'yaml' };

function bench() {
  const closed: string[] = [];
  const opened = cannedWorkbench(() => assert.fail('nothing is played'), {
    close: async () => void closed.push('closed'),
  });
  return { opened, closed };
}

test('a probed candidate gets its processes back once, and its taker closes them', async () => {
  const held = new HeldBench();
  const { opened, closed } = bench();
  await held.keep(files, { bench: opened, probeMs: 5 });
  assert.deepEqual(await held.take({ ...files }), { bench: opened, probeMs: 5 });
  assert.equal(await held.take(files), undefined);
  await held.close();
  assert.deepEqual(closed, []);
});

test('no other candidate ever gets them: one letter in one file is another candidate', async () => {
  for (const other of [{ name: 'b' }, { source: 'source ' }, { yaml: 'Yaml' }]) {
    const held = new HeldBench();
    const { opened, closed } = bench();
    await held.keep(files, { bench: opened, probeMs: 5 });
    assert.equal(await held.take({ ...files, ...other }), undefined);
    assert.deepEqual(closed, ['closed']);
    assert.equal(await held.take(files), undefined);
  }
});

test('one that is kept in place of another, or at the end, closes it', async () => {
  const held = new HeldBench();
  const [first, second] = [bench(), bench()];
  await held.keep(files, { bench: first.opened, probeMs: 5 });
  await held.keep({ ...files, name: 'b' }, { bench: second.opened, probeMs: 5 });
  assert.deepEqual([first.closed, second.closed], [['closed'], []]);
  await held.close();
  await held.close();
  assert.deepEqual(second.closed, ['closed']);
});
