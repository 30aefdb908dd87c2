import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { RunEvent } from '../../../../src/journal/events.ts';
import { openJournal } from '../../../../src/journal/journal.ts';
import { openObjects } from '../../../../src/journal/objects.ts';
import { stateOf } from '../../../../src/journal/state/run-state.ts';
import { cycleEvents, startOfRun } from '../../../../src/lab/story.ts';
import { trialCount } from '../../../../src/search/memory/carry.ts';
import type { Cycle } from '../../../../src/task/task.ts';
import { aimOf } from '../../../../src/task/trading/trial/near-miss.ts';

test('the aim of a patch is read from the journal and its objects, and what a brief has shown counts in N', () => {
  const dir = mkdtempSync(join(tmpdir(), 'ralph-aim-'));
  const objects = openObjects(dir);
  const measures = { sharpe: 0.7, trades: 40, exposure: 0.5, drawdown: 0.1, hiddenRisk: 1 };
  const axes = { fast: { kind: 'range', from: 1, to: 9, step: 1, log: false } };
  const surface = [{ params: { fast: 5 }, score: 1, sharpe: 0.7, measures }];
  const report = objects.put(JSON.stringify({ axes, surface, curves: 7 }));
  const journal = openJournal(join(dir, 'journal.jsonl'));
  journal.append(startOfRun);
  for (const event of cycleEvents(1, (text) => objects.put(`if (x) now.target(1); // ${text}`)))
    journal.append(event.type === 'trial.finished' ? { ...event, tuned: { path: [], final: null, report } } : event);
  const base = journal.events.find((event) => event.type === 'trial.started')!;
  assert.ok(base.type === 'trial.started');
  const directive = { kind: 'patch', why: 'w', base: base.candidate, family: null, gate: 'train.sharpe' } as const;
  const cycle = { directive, events: journal.events, runDir: dir } as unknown as Cycle;
  const aimed = aimOf(cycle)!;
  assert.deepEqual([aimed.trial, aimed.aim.curves], ['0001-1', 7]);
  assert.match(
    aimed.aim.text,
    /line 1: if \(x\) now\.target\(1\);[\s\S]*adds 7 to N\):\n- fast 1 to 4: not tried, 4 to 6: 0\.7/,
  );
  assert.equal(aimOf({ ...cycle, directive: { ...directive, kind: 'fix' } } as Cycle), null);

  const [next] = cycleEvents(2);
  assert.ok(next.type === 'cycle.started');
  journal.append({ ...next, shown: { trial: '0001-1', curves: 7 } });
  const events: readonly RunEvent[] = journal.events;
  assert.deepEqual([stateOf(events).n, trialCount(events)], [1 + 7, 1 + 7]);
  journal.close();
});
