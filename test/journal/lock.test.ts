import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { lockHolder, lockRun } from '../../src/journal/lock.ts';

const folder = () => mkdtempSync(join(tmpdir(), 'ralph-lock-'));

const LOCKER = `
  const { lockRun } = await import(${JSON.stringify(join(import.meta.dirname, '../../src/journal/lock.ts'))});
  try { await lockRun(process.argv[1]); console.log('locked'); } catch (error) { console.log(error.message); process.exit(1); }
  setInterval(() => {}, 1000);
`;

async function locker(dir: string): Promise<{ said: string; kill(): Promise<void> }> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', LOCKER, dir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const said = await new Promise<string>((resolve, reject) => {
    child.stdout.once('data', (data) => resolve(String(data).trim()));
    child.once('exit', (code, signal) => reject(new Error(`the holder of the lock ended with ${signal ?? code}`)));
  });
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  return {
    said,
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
  await assert.rejects(lockRun(dir), /is in use by process \d+/);
  assert.ok(lockHolder(dir));
  await first.kill();
  assert.equal(lockHolder(dir), null);
  const lock = await lockRun(dir);
  await lock.release();
  assert.equal(existsSync(join(dir, 'lock')), false);
});

test('a lock from before a reboot, or of a process number that was used again, is stale', async () => {
  for (const change of [{ boot: 'another' }, { started: '1' }, { pid: 4194303 }]) {
    const dir = folder();
    const lock = await lockRun(dir);
    const own = JSON.parse(readFileSync(join(dir, 'lock'), 'utf8'));
    await lock.release();
    writeFileSync(join(dir, 'lock'), JSON.stringify({ ...own, ...change }));
    await (await lockRun(dir)).release();
  }
});

test('of many that come at once exactly one gets the stale lock', async () => {
  const dir = folder();
  const dead = await locker(dir);
  await dead.kill();
  const racers = await Promise.all(Array.from({ length: 6 }, () => locker(dir)));
  assert.equal(racers.filter(({ said }) => said === 'locked').length, 1);
  await Promise.all(racers.map(({ kill }) => kill()));
});

test('a holder on another machine is trusted while it touches its lock, and not for ever', async () => {
  const dir = folder();
  const lock = await lockRun(dir);
  const path = join(dir, 'lock');
  const own = JSON.parse(readFileSync(path, 'utf8'));
  await lock.release();
  writeFileSync(path, JSON.stringify({ ...own, host: 'elsewhere' }));
  await assert.rejects(lockRun(dir), /is in use by process \d+ on elsewhere/);
  const long = new Date(Date.now() - 120_000);
  utimesSync(path, long, long);
  await (await lockRun(dir)).release();
});

test('a holder on another machine whose clock is an hour behind keeps its lock while it touches it', async (t) => {
  const dir = folder();
  const lock = await lockRun(dir);
  const path = join(dir, 'lock');
  const own = JSON.parse(readFileSync(path, 'utf8'));
  await lock.release();
  writeFileSync(path, JSON.stringify({ ...own, host: 'elsewhere' }));
  const touch = () => utimesSync(path, new Date(Date.now() - 3_600_000), new Date(Date.now() - 3_600_000));
  touch();
  const beat = setInterval(touch, 300);
  t.after(() => clearInterval(beat));
  await assert.rejects(lockRun(dir), /is in use by process \d+ on elsewhere/);
});

test('taking the lock sweeps away what killed processes left half-written, and nothing else', async () => {
  const dir = folder();
  for (const name of ['history.json.123.tmp', 'lock.999', 'notes.tmp', 'lock.txt']) writeFileSync(join(dir, name), '');
  const lock = await lockRun(dir);
  assert.deepEqual(readdirSync(dir).sort(), ['lock', 'lock.txt', 'notes.tmp']);
  await lock.release();
});
