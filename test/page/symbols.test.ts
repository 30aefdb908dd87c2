import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { RunEvent } from '../../src/journal/events.ts';
import { cycleEvents, startOfRun } from '../../src/lab/story.ts';
import { symbolFigures } from '../../src/metrics/symbols.ts';
import { factsOf } from '../../src/page/facts.ts';
import { reportText } from '../../src/page/report.ts';
import { trialView } from '../../src/page/trial.ts';
import { trackedRuns } from '../../src/tracking/runs.ts';
import { resultWith } from '../metrics/support.ts';

const result = {
  ...resultWith([1100, 1200]),
  cash: 1000,
  symbols: [
    { symbol: 'AAA', profit: -50, traded: 1150, exposure: 0.25 },
    { symbol: 'BBB', profit: 250, traded: 2300, exposure: 0.5 },
  ],
};

test('figures of the symbols of a universe: shares of cash and of the net profit, best first', () => {
  const [best, worst] = symbolFigures(result)!;
  assert.deepEqual([best.symbol, best.profit, best.share, best.exposure], ['BBB', 0.25, 1.25, 0.5]);
  assert.deepEqual([worst.symbol, worst.profit, worst.share], ['AAA', -0.05, -0.25]);
  assert.equal(worst.turnover, (1150 / 1150 / 2) * 365);
  assert.equal(symbolFigures({ ...result, symbols: undefined }), undefined);
  const lost = symbolFigures({ ...result, symbols: [{ ...result.symbols[0] }] })!;
  assert.equal(lost[0].share, null);
});

const OPTIONS = { requiredSharpe: null, returnsOf: () => new Float64Array() };
const symbols = symbolFigures(result)!;
const events = [startOfRun, ...cycleEvents(1)].map((event, i) => {
  const kept = event.type === 'trial.finished' ? { ...event, outcome: 'keep' as const, symbols } : event;
  return { ...kept, seq: i + 1, at: i * 1000, prev: '' } as RunEvent;
});

test('a kept universe shows what each symbol did: in the report, on the page, at W&B; others show nothing of it', () => {
  const text = reportText(factsOf(events), OPTIONS);
  assert.match(text, /WHAT EACH SYMBOL DID/);
  assert.match(text, /0001-1 +BBB +25(\.0)?% +125(\.0)?%/);
  const view = trialView(mkdtempSync(join(tmpdir(), 'ralph-symbols-')), events, '0001-1');
  assert.deepEqual(view?.symbols, symbols);
  const [{ summary }] = trackedRuns(events, 1);
  assert.equal(summary['symbol/BBB/profit'], 0.25);
  assert.equal(summary['symbol/AAA/exposure'], 0.25);

  const single = events.map((event) => (event.type === 'trial.finished' ? { ...event, symbols: undefined } : event));
  assert.doesNotMatch(reportText(factsOf(single), OPTIONS), /EACH SYMBOL/);
  assert.equal(trialView('/nowhere', single, '0001-1')?.symbols, null);
});
