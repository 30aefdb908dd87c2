import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from 'yaml';
import { contractSchema } from '../../../src/task/command/contract/contract.ts';
import { newerForm } from '../../../src/task/number/task.ts';

test('the older form of a task is told as a whole contract of the newer form', () => {
  const command = ['python3', 'score it.py', '--fast'];
  const older = {
    command,
    file: 'solve.py',
    goal: 'Be "quick".',
    better: 'lower',
    keepAt: 3,
    timeoutSeconds: 9,
  } as const;
  const { task } = parse(newerForm(older));
  const contract = contractSchema.parse(task);
  assert.deepEqual(contract.editable, ['solve.py']);
  assert.equal(contract.run, "python3 'score it.py' --fast solve.py");
  assert.deepEqual([contract.goal, contract.budgetSeconds, contract.metrics.value.better], ['Be "quick".', 9, 'lower']);
});
