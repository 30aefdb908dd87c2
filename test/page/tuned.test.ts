import assert from 'node:assert/strict';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { surfaceOf } from '../../src/gates/tuning/surface.ts';
import type { EventOf } from '../../src/journal/events.ts';
import { openObjects } from '../../src/journal/objects.ts';
import { factsOf } from '../../src/page/facts.ts';
import { reportHtml, reportMarkdown } from '../../src/page/report.ts';
import { picturesOf, readTuned, tunedTrials, tunedView } from '../../src/page/tuned.ts';
import { madeTuned, makeRun } from './made-run.ts';

test('the surface shows the two parameters that move the score most, with medians and what was traded', () => {
  const tuned = madeTuned();
  const surface = surfaceOf(tuned)!;
  // `fast` moves the score alone; it lies across.
  assert.equal(surface.sides[1].name, 'fast');
  const across = surface.sides[1].values.length;
  const row = surface.values.slice(0, across).filter((value) => value !== null);
  assert.deepEqual(
    row,
    row.toSorted((a, b) => a - b),
  );
  assert.deepEqual(surface.picked.flat().sort(), [1, 2, 3, 4]);
  assert.ok(surface.picked.some((parts) => parts.includes(3) && parts.includes(4)));
  const dead = tuned.surface.map((point) => ({ ...point, score: null, sharpe: null }));
  assert.equal(surfaceOf({ ...tuned, surface: dead }), null);
  const { fast } = tuned.axes;
  assert.equal(surfaceOf({ ...tuned, axes: { fast } })?.sides[0].values.length, 1);
});

test('a report tells what tuning lost, part by part, and draws the path and the surface; a name cannot act in the picture', () => {
  const run = makeRun(15);
  run.journal.close();
  const { events } = run.journal;
  const tuned = tunedTrials(run.dir, events);
  assert.deepEqual(
    tuned.map(({ trial }) => trial),
    ['0015-1'],
  );
  const options = { requiredSharpe: 1, returnsOf: () => new Float64Array(), tuned };
  const html = reportHtml(factsOf(events), options);
  assert.match(html, /What 0015-1 was tuned to/);
  assert.equal(html.match(/<figure class="picture">/g)?.length, 2);
  assert.match(
    reportMarkdown(factsOf(events), options),
    /## What tuning lost[\s\S]*\| 0015-1 \| 1\.50 \| [-\d.]+ \| \d+% \| 0\.9\d \|/,
  );
  const renamed = JSON.parse(JSON.stringify(tuned[0].tuned).replaceAll('slow', '<script>'));
  assert.ok(picturesOf(renamed).every(({ svg }) => !svg.includes('<script>')));
});

test('what a trial was tuned to is said to be missing or damaged where it is, and the rest of its page stays', () => {
  const dir = mkdtempSync(join(tmpdir(), 'ralph-tuned-'));
  const report = openObjects(dir).put(JSON.stringify(madeTuned()));
  const finished = { tuned: { path: [], final: null, report } } as unknown as EventOf<'trial.finished'>;
  assert.equal(tunedView(dir, finished)?.problem, null);
  assert.equal(tunedView(dir, { ...finished, tuned: undefined }), null);
  writeFileSync(join(dir, 'objects', report), '{}');
  assert.match(tunedView(dir, finished)?.problem ?? '', /damaged/);
  assert.throws(() => readTuned(dir, finished), /damaged/);
});
