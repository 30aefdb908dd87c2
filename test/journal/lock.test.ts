import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import fs, { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { lockHolder, lockRun } from '../../src/journal/lock.ts';

const folder = () => mkdtempSync(join(tmpdir(), 'ralph-lock-'));

const LOCKER = `
  const { lockRun } = await import(${JSON.stringify(join(import.meta.dirname, '../../src/journal/lock.ts'))});
  try { lockRun(process.argv[1]); console.log('locked'); } catch (error) { console.log(error.message); process.exit(1); }
  setInterval(() => {}, 1000);
`;

// A test that fails leaves holders alive, and the file would wait for them.
const holders: ChildProcess[] = [];
after(() => {
  for (const child of holders) child.kill('SIGKILL');
});

async function locker(dir: string): Promise<{ said: string; pid: number; kill(): Promise<void> }> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', LOCKER, dir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  holders.push(child);
  const said = await new Promise<string>((resolve, reject) => {
    child.stdout.once('data', (data) => resolve(String(data).trim()));
    child.once('exit', (code, signal) => reject(new Error(`the holder of the lock ended with ${signal ?? code}`)));
  });
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  return {
    said,
    pid: child.pid ?? 0,
    kill: async () => {
      child.kill('SIGKILL');
      await gone;
    },
  };
}

test('a second harness is refused while the first lives, and comes in after the first was killed', async () => {
  const dir = folder();
  const first = await locker(dir);
  assert.equal(first.said, 'locked');
  assert.throws(() => lockRun(dir), new RegExp(`is in use by process ${first.pid} on `));
  assert.equal(lockHolder(dir)?.pid, first.pid);
  await first.kill();
  assert.equal(lockHolder(dir), null);
  const lock = lockRun(dir);
  lock.release();
  assert.equal(existsSync(join(dir, 'lock')), false);
});

test('a file that names a holder, without the lock behind it, keeps no harness out', () => {
  const dir = folder();
  writeFileSync(join(dir, 'lock'), JSON.stringify({ pid: process.pid, host: 'elsewhere' }));
  assert.equal(lockHolder(dir), null);
  lockRun(dir).release();
});

test('of many that come at once exactly one gets the lock that a killed harness left, and it stays the holder', async () => {
  const dir = folder();
  const dead = await locker(dir);
  await dead.kill();
  const racers = await Promise.all(Array.from({ length: 6 }, () => locker(dir)));
  const won = racers.filter(({ said }) => said === 'locked');
  assert.equal(won.length, 1);
  assert.equal(JSON.parse(readFileSync(join(dir, 'lock'), 'utf8')).pid, won[0].pid);
  await Promise.all(racers.map(({ kill }) => kill()));
});

test('asking for the holder neither takes the lock nor frees it', async () => {
  const dir = folder();
  const lock = lockRun(dir);
  for (let i = 0; i < 20; i++) assert.equal(lockHolder(dir)?.pid, process.pid);
  await assert.rejects(async () => {
    const other = await locker(dir);
    assert.match(other.said, /is in use/);
    throw new Error('refused');
  }, /refused/);
  lock.release();
  assert.equal(lockHolder(dir), null);
});

test('taking the lock sweeps away what killed processes left half-written, and nothing else', () => {
  const dir = folder();
  for (const name of ['history.json.123.tmp', 'notes.tmp', 'lock.txt']) writeFileSync(join(dir, name), '');
  const lock = lockRun(dir);
  assert.deepEqual(readdirSync(dir).sort(), ['lock', 'lock.sqlite', 'lock.txt', 'notes.tmp']);
  lock.release();
});

test('the name of the holder goes while the lock is still held: the next holder never loses its own', (context) => {
  const dir = folder();
  const lock = lockRun(dir);
  const { rmSync } = fs;
  const held: boolean[] = [];
  context.mock.method(fs, 'rmSync', (path: string, options: object) => {
    held.push(lockHolder(dir) !== null);
    rmSync(path, options);
  });
  syncBuiltinESMExports();
  try {
    lock.release();
  } finally {
    context.mock.restoreAll();
    syncBuiltinESMExports();
  }
  assert.deepEqual(held, [true]);
  assert.equal(lockHolder(dir), null);
});
