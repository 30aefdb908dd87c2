import assert from 'node:assert/strict';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TrialRecord } from '../../../src/forward/record.ts';
import type { ForwardRow } from '../../../src/forward/row.ts';
import { newsIn, noteForward, trackForward } from '../../../src/loop/watch/forward-told.ts';
import { forwardTables, readForward } from '../../../src/page/forward.ts';
import { openOutbox } from '../../../src/tracking/outbox.ts';

const NOW = Date.UTC(2026, 0, 9);

function row(trial: string, rest: Partial<ForwardRow> = {}): ForwardRow {
  return {
    trial,
    candidate: 'ema-1',
    family: 'ema',
    role: 'keep',
    state: 'alive',
    since: '2026-01-02',
    expected: null,
    promise: null,
    evidence: null,
    from: '2026-01-01',
    through: '2026-01-09',
    days: 8,
    added: 1,
    unseen: 3,
    return: 0.02,
    benchmarkReturn: 0.01,
    sharpe: { train: 2, folds: null, holdout: null, record: 1.5 },
    gap: [],
    missing: null,
    changed: [],
    corrected: 0,
    differs: 0,
    problem: null,
    ...rest,
  };
}

test('a keep that begins to fade or dies is told once; the report has what the newest look saw', () => {
  const dir = mkdtempSync(join(tmpdir(), 'ralph-forward-'));
  assert.deepEqual([readForward(dir), forwardTables(dir)], [null, []]);
  const look = (seen: ForwardRow) => {
    const news = newsIn(dir, [seen]).join();
    assert.equal(newsIn(dir, [seen]).join(), news, 'news stay news until they are noted');
    noteForward(dir, [seen], NOW);
    return news;
  };
  assert.equal(look(row('0001-1')), '');
  const fading = row('0001-1', { state: 'fading', since: '2026-01-08' });
  assert.match(look(fading), /^0001-1 \(ema-1\) is fading since 2026-01-08/);
  assert.equal(look(fading), '', 'no news the second time');
  assert.match(look(row('0001-1', { state: 'dead' })), /is dead/);
  const [table] = forwardTables(dir);
  assert.deepEqual(table.rows[0].slice(0, 4), ['0001-1', 'dead', '2026-01-02', 8]);
  writeFileSync(join(dir, 'forward.json'), '{"at":1,');
  assert.deepEqual(forwardTables(dir), [], 'half a file is written again by the next look');
});

test('a record becomes a run at the tracker in the group of its search, with its days and an alert when it dies', () => {
  const dir = mkdtempSync(join(tmpdir(), 'ralph-forward-'));
  const day = { return: 0.01, benchmark: -0.01 };
  const record = { days: [day, day] } as unknown as TrialRecord;
  const looked = [
    { row: row('0001-1', { state: 'dead' }), record },
    { row: row('0002-1', { role: 'control', state: null }), record },
    { row: row('0003-1', { problem: 'no bars' }), record: null },
  ];
  assert.equal(trackForward(dir, [], looked, NOW), 2);
  const outbox = openOutbox(dir);
  const [dead, control] = outbox.pending().map((file) => outbox.read(file).run);
  assert.deepEqual([dead.jobType, dead.tags, dead.alert?.at], ['forward', ['ema', 'keep', 'dead'], NOW]);
  assert.deepEqual(dead.history.at(-1), { 'forward/day': 2, 'forward/equity': 1.01 ** 2, 'forward/market': 0.99 ** 2 });
  assert.deepEqual([control.alert, /^CONTROL · 2 days/.test(control.name)], [null, true]);
  // The next look, without a new day: the server holds all of it.
  const digests = () => outbox.pending().map((file) => outbox.read(file).digest);
  const before = digests();
  trackForward(dir, [], looked, NOW + 3_600_000);
  assert.deepEqual(digests(), before);
});
