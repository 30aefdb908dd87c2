import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TURN_CLASSES } from '../../../src/agent/contract.ts';
import { say, table } from '../../../src/base/draw/terminal.ts';
import { FAULT_IDS, FAULTS } from '../../../src/lab/server/faults/catalogue.ts';
import { hold, SOURCE } from '../../agent/fixtures/desk.ts';

const ALL = Array.from({ length: 56 }, (_, i) => `F${String(i + 1).padStart(2, '0')}`);

test('the fault server has a mode for every row of the catalogue', () => {
  assert.deepEqual(FAULT_IDS, ALL);
});

test('every row of the catalogue: injected three times, survived or ended cleanly', async () => {
  const rows: string[][] = [];
  const seen = new Set<string>();
  for (const { id, title } of FAULTS) {
    const { end, files, faults, refused } = await hold(
      { seed: 11, faults: { rate: 0.7, kinds: [id], limit: 3 }, silenceMs: 1500 },
      { capabilities: { stream: id !== 'F20' }, limits: { idleMs: 250 } },
    );
    const injected = faults[id] ?? 0;
    const classes = Object.entries(end.classes).filter(([kind]) => kind !== 'OK_CALLS');
    for (const kind of Object.keys(end.classes)) seen.add(kind);
    const survived = end.reason === 'finished' && files.get('a.ts') === SOURCE;
    rows.push([
      id,
      title,
      String(injected),
      counts(classes),
      counts(Object.entries(end.recoveries ?? {})).replace('OK_CALLS, nothing to do', '-'),
      survived ? 'survived' : `${end.reason}: ${end.detail.slice(0, 60)}`,
    ]);
    assert.ok(injected > 0, `${id} was never injected`);
    assert.deepEqual(refused, [], `${id} poisoned the history`);
    assert.notEqual(end.reason, 'crashed');
    assert.ok(
      survived || ['gave_up', 'server_down', 'server_refused'].includes(end.reason),
      `${id}: ${end.reason} ${end.detail}`,
    );
  }
  say(table(['row', 'failure', 'injected', 'class', 'recovery', 'session'], rows));
  assert.deepEqual([...seen].sort(), [...TURN_CLASSES].sort(), 'every class of turn occurs');
});

function counts(entries: readonly (readonly [string, number | undefined])[]): string {
  return entries.map(([name, count]) => `${name} ${count}`).join(', ') || 'OK_CALLS, nothing to do';
}
