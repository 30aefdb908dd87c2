import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Job } from '../../../src/fleet/job.ts';
import { openSlots } from '../../../src/fleet/worker/slots.ts';
import type { Workbench } from '../../../src/gates/workbench/workbench.ts';

test('candidates whose jobs come in turn stay open in a worker of one process; the one that was idle for longest goes', async () => {
  const [opened, closed]: string[][] = [[], []];
  const slots = openSlots(1, async (candidate) => {
    opened.push(candidate);
    return {
      allowed: async () => ({ ok: true, value: [candidate] }),
      close: async () => void closed.push(candidate),
    } as unknown as Workbench;
  });
  let id = 0;
  const ask = async (candidate: string) => {
    const job: Job = { candidate, kind: 'train', calls: [{ kind: 'allowed', points: [] }] };
    id += 1;
    const asked = slots.run({ id: String(id), retryCount: 0, queue: 'all', job });
    assert.equal(slots.free, 0, 'one evaluation at a time');
    assert.deepEqual(await asked, [{ ok: true, value: [candidate] }]);
    assert.equal(slots.free, 1);
  };
  for (const candidate of ['a', 'b', 'a', 'b', 'c', 'a', 'd']) await ask(candidate);
  assert.deepEqual([opened, closed], [['a', 'b', 'c', 'd'], ['b']]);
  await slots.tidy('a');
  await slots.close();
  assert.deepEqual(closed.toSorted(), ['a', 'b', 'c', 'd']);
});
