import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { childrenOf, commandOf, isAlive, needsProc } from '../../../src/lab/processes.ts';
import { until } from '../../../src/lab/until.ts';

test('a child in an endless loop ends by itself when its harness was killed', needsProc, async (t) => {
  const harness = spawn(process.execPath, [join(import.meta.dirname, 'fixtures/harness.ts')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(harness, 'exit');
  t.after(() => harness.kill('SIGKILL'));
  const [folder] = (await Promise.race([
    once(harness.stdout, 'data'),
    ended.then(() => assert.fail('the harness ended before its box was open')),
  ])) as [Buffer];
  const children = childrenOf(harness.pid!);
  const boxes = children.filter((pid) => commandOf(pid).includes('--permission'));
  assert.equal(boxes.length, 1);
  // Killed while the candidate runs, not while its request is on the way: then a closed channel alone would end the child.
  const idle = processorTicks(boxes[0]);
  await until('the candidate runs', () => !isAlive(boxes[0]) || processorTicks(boxes[0]) >= idle + 20);
  harness.kill('SIGKILL');
  await ended;
  rmSync(folder.toString(), { recursive: true, force: true });
  await until('the child has ended', () => !isAlive(boxes[0]));
  // The compiler's and the bundler's processes see their input closed.
  await until('what the harness had started has ended', () => !children.some(isAlive));
});

/** Hundredths of a second of processor time that a process has used. */
function processorTicks(pid: number): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
    return Number(fields[11]) + Number(fields[12]);
  } catch {
    return 0;
  }
}
