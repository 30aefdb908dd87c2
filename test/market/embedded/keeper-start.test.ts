import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { childrenOf, commandOf, needsProc } from '../../../src/lab/processes.ts';

const DATABASE = join(import.meta.dirname, '../../../src/market/database.ts');

/** Opens a new embedded database in a process of its own, and kills the first `kills` keepers as they start. */
async function openWhileKilled(kills: number): Promise<string> {
  const dir = mkdtempSync(join(tmpdir(), 'ralph-keeper-'));
  const program = `
    const { openDatabase } = await import(${JSON.stringify(DATABASE)});
    await openDatabase({ dataDir: ${JSON.stringify(dir)} }).then(
      async (database) => { await database.close(); console.log('opened'); },
      ({ name, message }) => console.log(name, message),
    );
    console.log('end');`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program]);
  let said = '';
  child.stdout.on('data', (chunk) => {
    said += chunk;
  });
  const killed = new Set<number>();
  const killer = setInterval(() => {
    for (const pid of childrenOf(child.pid!)) {
      if (killed.size >= kills || killed.has(pid) || !commandOf(pid).includes('keeper.ts')) continue;
      process.kill(pid, 'SIGKILL');
      killed.add(pid);
    }
  }, 20);
  const code = await new Promise((resolve) => child.once('exit', resolve));
  clearInterval(killer);
  rmSync(dir, { recursive: true, force: true, maxRetries: 20, retryDelay: 200 });
  assert.equal(killed.size, kills);
  return `${code} ${said.replaceAll('\n', ' ').trim()}`;
}

test('a keeper that is killed while it starts is started again', needsProc, async () => {
  assert.equal(await openWhileKilled(1), '0 opened end');
});

test('keepers that are killed again and again are a plain error', needsProc, async () => {
  assert.match(
    await openWhileKilled(3),
    /^0 RalphError the embedded database in .* did not start: .*3 times by SIGKILL end$/,
  );
});
