import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { verifyRun } from '../../../src/journal/verify/verify.ts';
import { makeLightProject, measurer } from '../../../src/lab/failpoints/project.ts';
import { startModelServer } from '../../../src/lab/server/serve.ts';

const system = (program: string, ...args: string[]) => execFileSync(program, args, { stdio: 'pipe' });

test('a full disk ends the run with exit 3 and loses nothing; with room again the same command goes on', async (context) => {
  const project = await makeLightProject();
  const runs = join(project.dir, 'runs');
  mkdirSync(runs);
  try {
    system('mount', '-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', runs);
  } catch {
    project.remove();
    context.skip('this user may not mount a small file system');
    return;
  }
  const model = await startModelServer({ brain: measurer(), seed: 1, faults: { rate: 0 } });
  try {
    const env = { RALPH_BASE_URL: model.baseUrl };
    assert.equal((await project.run('full', { cycles: 1, env })).exitCode, 0);
    const before = project.events('full');
    const { bavail, bsize } = statfsSync(runs);
    writeFileSync(join(runs, 'filler'), Buffer.alloc(Math.max(0, bavail * bsize - 24 * 1024)));
    const stopped = await project.run('full', { cycles: 3, env });
    assert.equal(stopped.exitCode, 3, stopped.all);
    assert.match(stopped.all, /disk_full|no space/i);
    const kept = project.events('full');
    assert.deepEqual(kept.slice(0, before.length), before);
    rmSync(join(runs, 'filler'));
    const again = await project.run('full', { cycles: 3, env });
    assert.equal(again.exitCode, 0, again.all);
    const after = project.events('full');
    assert.deepEqual(after.slice(0, kept.length), kept);
    const verified = await verifyRun(join(runs, 'full'));
    assert.deepEqual(verified, { ok: true, cycles: 3, trials: 3, problems: [] });
    context.diagnostic(
      `stopped after ${kept.length - before.length} more events: ${stopped.all.trim().split('\n').at(-1)}`,
    );
  } finally {
    await model.close();
    system('umount', runs);
    project.remove();
  }
});
