import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';

test('a child in an endless loop ends by itself when its harness was killed', {
  skip: !existsSync('/proc/self/task') && 'needs /proc',
}, async () => {
  const harness = spawn(process.execPath, [join(import.meta.dirname, 'fixtures', 'harness.ts')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [folder] = (await Promise.race([
    once(harness.stdout, 'data'),
    once(harness, 'exit').then(() => assert.fail('the harness ended before its box was open')),
  ])) as [Buffer];
  const children = readFileSync(`/proc/${harness.pid}/task/${harness.pid}/children`, 'utf8').trim().split(' ');
  const boxes = children.filter((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('--permission'));
  assert.equal(boxes.length, 1);
  // Killed while the candidate runs, not while its request is on the way: then a closed channel alone would end the child.
  const idle = processorTicks(boxes[0]);
  while (isAlive(boxes[0]) && processorTicks(boxes[0]) < idle + 20) await wait(20);
  harness.kill('SIGKILL');
  await once(harness, 'exit');
  rmSync(folder.toString(), { recursive: true });
  const patience = AbortSignal.timeout(120_000);
  while (isAlive(boxes[0]) && !patience.aborted) await wait(50);
  assert.equal(isAlive(boxes[0]), false);
  // The compiler's and the bundler's processes see their input closed.
  while (children.some(isAlive) && !patience.aborted) await wait(50);
  assert.deepEqual(children.filter(isAlive), []);
});

/** Hundredths of a second of processor time that a process has used. */
function processorTicks(pid: string): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
    return Number(fields[11]) + Number(fields[12]);
  } catch {
    return 0;
  }
}

/** A process that nobody has waited for yet is not alive any more. */
function isAlive(pid: string): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
