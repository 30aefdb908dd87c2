import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { readSeen, writeSeen } from '../../../src/fleet/run/state.ts';

test('what a run sees is read while it is new; a folder that cannot be written to does not end the run', (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'ralph-seen-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  const read = (now = Date.now()) => readSeen<{ at: number; waiting: number }>(dir, 'fleet.json', now);
  assert.equal(read(), null);
  writeSeen(dir, 'fleet.json', { waiting: 3 });
  assert.equal(read()?.waiting, 3);
  assert.equal(read(Date.now() + 31_000), null);
  writeFileSync(join(dir, 'fleet.json'), '{');
  assert.equal(read(), null);
  writeSeen(join(dir, 'missing'), 'fleet.json', { waiting: 3 });
});
