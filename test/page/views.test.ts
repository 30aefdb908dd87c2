import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { RalphEvent, RunEvent } from '../../src/journal/events.ts';
import { openJournal } from '../../src/journal/journal.ts';
import { writeProjections } from '../../src/journal/projections/projections.ts';
import { statusOf } from '../../src/journal/projections/status.ts';
import { cycleEvents, startOfRun } from '../../src/lab/story.ts';
import { factsOf } from '../../src/page/facts.ts';
import { lineChart, reportHtml, reportMarkdown, reportText } from '../../src/page/report.ts';
import { Feed, Follower } from '../../src/tracking/feed.ts';
import { trackedRuns } from '../../src/tracking/runs.ts';

function journal(...events: RalphEvent[]): RunEvent[] {
  return [startOfRun, ...events].map((event, i) => ({ ...event, seq: i + 1, at: i * 1000, prev: '' }) as RunEvent);
}

const events = journal(...cycleEvents(1), ...cycleEvents(2), ...cycleEvents(3));

test('tail prints one line a trial with outcome, reason, family, score, N and the best keep', () => {
  const feed = new Feed();
  const lines = events.flatMap((event) => feed.line(event) ?? []);
  assert.equal(lines.length, 3);
  assert.equal(lines[0], '0001-1  DISCARD · sharpe 0.92 < 1.00 · reversion-rsi · score 0.31 · N 1 · best none');
  assert.match(lines[2], /N 3 · best none$/);
});

test('a follower sees every event once, over a growing file, a half line, and a file replaced by sealing', () => {
  const path = join(mkdtempSync(join(tmpdir(), 'ralph-follow-')), 'journal.jsonl');
  const writer = openJournal(path, { sealBytes: 9000 });
  const follower = new Follower(path);
  const seen: number[] = [];
  writer.append(startOfRun);
  for (let cycle = 1; cycle <= 12; cycle++) {
    for (const event of cycleEvents(cycle)) writer.append(event);
    if (cycle % 4 !== 0) seen.push(...follower.read().map(({ seq }) => seq));
  }
  seen.push(...follower.read().map(({ seq }) => seq));
  assert.deepEqual(
    seen,
    writer.events.map(({ seq }) => seq),
  );
  writer.close();
  appendFileSync(path, '{"seq":');
  assert.deepEqual(follower.read(), []);
});

test('tracked runs are the same each time, named for tailing, and hold every gate; selection keeps its numbers', () => {
  const looked = journal(
    ...cycleEvents(1).map((event) =>
      event.type === 'trial.finished'
        ? {
            ...event,
            gates: [
              ...event.gates,
              {
                stage: 'selection' as const,
                gate: 'selection.sharpe',
                passed: false,
                value: 0.123,
                threshold: 0.5,
                side: 'min' as const,
                gap: 0.7,
                class: 'held_back' as const,
                message: 'selection not passed',
              },
            ],
          }
        : event,
    ),
  );
  const [trial, search] = trackedRuns(looked, 1, { returnsOf: () => Float64Array.from({ length: 900 }, () => 0.001) });
  assert.equal(trial.name, 'DISCARD · sharpe 0.92 < 1.00 · reversion-rsi');
  assert.match(trial.id, /^t-0001-1-[0-9a-f]{6}$/);
  assert.equal(trial.summary['gate/train/sharpe/value'], 0.919);
  assert.equal(trial.summary['gate/selection/sharpe/passed'], 0);
  const [file] = search.files;
  assert.ok('text' in file);
  const { columns, data } = JSON.parse(file.text);
  assert.deepEqual([data.length, data[0].length, data[0][1]], [1, columns.length, '0001-1']);
  assert.deepEqual((search.summary.trialTable as Record<string, unknown>).nrows, 1);
  assert.ok(!file.text.includes('0.123'));
  assert.equal(JSON.stringify(trial).includes('0.123'), false);
  assert.ok(trial.history.length <= 201 && trial.history.at(-1)?.['curve/day'] === 899);
  const { gate, class: why, value, gap, route } = trial.summary;
  assert.deepEqual([gate, why, route], ['train.sharpe', 'no_edge', 'new']);
  assert.ok(value === 0.919 && Math.abs(Number(gap) - 0.081) < 1e-9);
  assert.deepEqual([trial.group, trial.jobType, search.group, search.jobType], ['t', 'trial', 't', 'search']);
  assert.deepEqual(trial.tags, ['reversion-rsi', 'discard', 'train.sharpe', 'no_edge', 'island 1']);
  assert.deepEqual([search.exitCode, search.summary.n, search.summary.looks], [null, 1, 0]);
  const done = trackedRuns(
    [...looked, { type: 'run.ended', reason: 'done', exitCode: 0, seq: 99, at: 1, prev: '' }],
    1,
  );
  assert.deepEqual([done[1].exitCode, done[1].summary.ended], [0, 'done']);
  assert.match(search.name, /^SEARCH · 0 keep of 1 trials/);
  assert.deepEqual(
    trackedRuns(looked, 1, { returnsOf: () => Float64Array.from({ length: 900 }, () => 0.001) })[0],
    trial,
  );
});

test('the report names families, near misses and the front, and HTML escapes what a model wrote', () => {
  const evil = cycleEvents(4).map((event) =>
    event.type === 'trial.started' || event.type === 'verdict.given'
      ? { ...event, family: '<script>alert(1)</script>' }
      : event,
  );
  const facts = factsOf(journal(...cycleEvents(1), ...evil));
  const options = { requiredSharpe: 2.06, returnsOf: () => Float64Array.from([0.01, -0.02, 0.03]) };
  const markdown = reportMarkdown(facts, options);
  assert.match(markdown, /the required Sharpe on train is 2\.06/);
  assert.match(markdown, /\| 0001-1 \| reversion-rsi \| sharpe 0\.92 < 1\.00 \| 8\.1% \|/);
  for (const line of reportText(facts, options).split('\n')) assert.ok(line.length <= 80, line);
  const html = reportHtml(facts, options);
  assert.equal(html.includes('<script'), false);
  assert.match(html, /<svg[\s\S]*<path d="M/);
});

test('the HTML report has the survivors first, equity with dates and drawdown, months, and what the tokens cost', () => {
  const from = Date.UTC(2013, 0, 1);
  const window = { symbol: 'X', window: 'train', from, to: from + 900 * 86_400_000, first: from, last: from, bars: 1 };
  const [began, ...rest] = journal(
    ...cycleEvents(1).map((event) =>
      event.type === 'trial.finished' ? { ...event, outcome: 'keep' as const } : event,
    ),
  );
  const config = { values: { price: { prompt: 2, completion: 10 } } };
  const start = { ...began, config, coverage: [{ ...window, share: 1 }] } as RunEvent;
  const returns = Float64Array.from({ length: 900 }, (_, day) => (day < 31 ? 0.001 : day % 2 === 0 ? 0.002 : -0.002));
  const html = reportHtml(factsOf([start, ...rest]), { requiredSharpe: null, returnsOf: () => returns });
  const places = ['What survived', 'Equity on train', '>2013-07<', 'Months of 0001-1', 'Score by trial', 'by family'];
  const found = places.map((text) => html.indexOf(text));
  assert.deepEqual(
    found,
    found.toSorted((a, b) => a - b),
  );
  assert.ok(found[0] > 0);
  assert.match(html, /<td[^>]*>2013<\/td><td[^>]*>3\.1%<\/td>/);
  // 50,000 tokens read and 4,000 written.
  assert.match(html, /50000 tokens read and 4000 written, 0\.14 at the price/);
});

test('the report says what the windows hold, what was forgotten and why, and which trials were train only', () => {
  const from = Date.UTC(2013, 3, 1);
  const train = {
    symbol: 'BTCUSD',
    window: 'train',
    from,
    to: from + 86_400_000,
    first: from,
    last: from + 86_340_000,
  };
  const [began, ...rest] = journal(...cycleEvents(1), ...cycleEvents(2));
  const told = rest.map((event) =>
    event.type === 'trial.started' ? { ...event, forgotten: ['a feed with wrong days'], trainOnly: true } : event,
  );
  const start = { ...began, coverage: [{ ...train, bars: 1437, share: 1437 / 1440 }] } as RunEvent;
  const options = { requiredSharpe: null, returnsOf: () => new Float64Array() };
  const markdown = reportMarkdown(factsOf([start, ...told]), options);
  assert.match(
    markdown,
    /\| BTCUSD \| train \| 2013-04-01 \| 2013-04-02 \| 2013-04-01 00:00 \| 2013-04-01 23:59 \| 1437 \| 99\.8% \|/,
  );
  assert.equal(markdown.match(/was forgotten: a feed with wrong days\./g)?.length, 1);
  assert.match(markdown, /2 trials train only/);
  assert.doesNotMatch(reportMarkdown(factsOf(events), options), /forgotten|train only/);
});

test('a chart of nothing says so', () => {
  assert.match(lineChart('x', [{ name: 'a', values: [null, Number.NaN] }], 'n'), /nothing to draw/);
});

test('tables of a long run are made again only so often that they take a small share of the time', (context) => {
  const dir = mkdtempSync(join(tmpdir(), 'ralph-page-'));
  // Each look at the clock finds it half a second on: making anything takes at least that long.
  let now = 0;
  context.mock.method(performance, 'now', () => (now += 500));
  const grown = [...events];
  const write = () => {
    writeProjections(dir, grown);
    return ['history.json', 'STATUS.md'].map((name) => readFileSync(join(dir, name), 'utf8'));
  };
  const first = write();
  grown.push(...journal(...cycleEvents(4)).slice(1));
  assert.deepEqual(write(), first);
  now += 60_000;
  for (const [i, text] of write().entries()) assert.notEqual(text, first[i]);
});

test('verbs on a folder without runs say what to do and exit 2; an unknown tag gets the nearest', () => {
  const runs = mkdtempSync(join(tmpdir(), 'ralph-runs-'));
  const ralph = join(import.meta.dirname, '../../ralph.ts');
  const call = (...args: string[]) => {
    try {
      return {
        status: 0,
        text: execFileSync(process.execPath, [ralph, ...args, '--runs', runs], { encoding: 'utf8', stdio: 'pipe' }),
      };
    } catch (error) {
      return { status: (error as { status: number }).status, text: String((error as { stderr: string }).stderr) };
    }
  };
  assert.deepEqual([call('status').status, call('results', '--json').status], [2, 2]);
  const writer = openJournal(join(runs, 'night-1', 'journal.jsonl'));
  const fault = {
    type: 'fault.occurred',
    class: 'model_down',
    where: 'a session',
    detail: 'gone',
    retryInMs: 100,
  } as const;
  const faults = [1, 2, 3].map((attempt) => ({ ...fault, attempt }));
  for (const event of [startOfRun, ...faults, ...cycleEvents(1)]) writer.append(event);
  writer.close();
  assert.match(call('verify', '--tag', 'nigth-1').text, /did you mean "night-1"/);
  assert.equal(JSON.parse(call('results', '--json').text).length, 1);
  assert.equal(JSON.parse(call('status', '--json').text).state, 'crashed');
  const told = call('status').text;
  assert.match(told, /not running: it was killed or crashed, last seen \d/);
  assert.match(told, /best +nothing was kept yet/);
  assert.deepEqual(JSON.parse(call('status', '--json').text).budget.faults, { spent: 0, limit: 5 });
  assert.match(call('tail', '--no-follow').text, /0001-1 {2}DISCARD/);
  assert.match(JSON.parse(call('tail', '--json').text).at(-1).line, /^0001-1 {2}DISCARD/);
  const report = JSON.parse(call('report', '--json').text);
  assert.deepEqual([report.status.trials, report.families[0].trials, report.nearMisses.length], [1, 1, 1]);
});

test("the holdout's veto stands beside its keep, and opening it changes no other figure", () => {
  const kept = cycleEvents(1).map((event) =>
    event.type === 'trial.finished' || event.type === 'verdict.given' ? { ...event, outcome: 'keep' as const } : event,
  );
  const before = journal(...kept);
  const opening = { type: 'holdout.opened', candidate: 'a', trial: '0001-1', look: 1 } as const;
  const answer = { answer: 'rejected', sharpe: -0.4, detectable: 1.2 } as const;
  const after = journal(...kept, opening, { ...opening, ...answer, type: 'holdout.answered' });
  const { holdoutLooks: none, ...figures } = statusOf(before);
  const { holdoutLooks: one, ...same } = statusOf(after);
  assert.deepEqual([none, one], [0, 1]);
  assert.deepEqual(same, figures);
  assert.equal(figures.best?.trial, '0001-1');
  const options = { requiredSharpe: null, returnsOf: () => new Float64Array() };
  assert.match(reportText(factsOf(after), options), /0001-1 .* rejected/);
});

test('a report names what survivors risked, what larger money makes, and the days that the model may know', () => {
  const day = (text: string) => Date.parse(text);
  const window = { symbol: 'X', first: 0, last: 0, bars: 1, share: 1 };
  const coverage = [
    { ...window, window: 'train', from: day('2023-01-01'), to: day('2024-01-01') },
    { ...window, window: 'selection fold 1', from: day('2024-01-01'), to: day('2024-02-01') },
    { ...window, window: 'holdout', from: day('2024-02-08'), to: day('2024-03-09') },
  ];
  const metrics = {
    sharpe: 2,
    adverseExcursion: 0.123,
    worstDay: 0.041,
    expectedShortfall: 0.02,
    capacitySharpe: 1.1,
    hiddenRisk: 1.2,
    carry: -0.01,
    nullP: 0.00012,
    nullHourP: 0.0312,
    nullDayP: 0.41,
  };
  const told = journal(
    ...cycleEvents(1).map((event) =>
      event.type === 'trial.finished' ? { ...event, outcome: 'keep' as const, metrics } : event,
    ),
  ).map((event) =>
    event.type === 'run.started' ? { ...event, coverage, provenance: { knowledge: '2024-02-18' } } : event,
  );
  const markdown = reportMarkdown(factsOf(told), { requiredSharpe: null, returnsOf: () => new Float64Array() });
  const row = '| 0001-1 | 12.3% | 4.1% | 2.0% | 1.20 | 1.10 | -1.0% | 0.0001 | 0.0312 | 0.4100 |';
  assert.ok(markdown.includes(row), markdown);
  const known = 'The model may know the market until 2024-02-18: 31 of 31 selection days and 10 of 30 holdout days';
  assert.ok(markdown.includes(known), markdown);
});
