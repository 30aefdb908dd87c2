import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, test } from 'node:test';
import { stateOf } from '../../../../src/journal/state/run-state.ts';
import { DAY, MINUTE } from '../../../../src/market/bars.ts';
import { simulateMarket } from '../../../../src/market/simulate.ts';
import { forwardRow } from '../../../../src/task/trading/forward/row.ts';
import { forwardText } from '../../../../src/verbs/forward.ts';
import { PLAIN } from '../../../loop/brains.ts';
import { makeProjectWith } from './kept-run.ts';

const start = Date.UTC(2021, 0, 1);
const { bars } = simulateMarket({ seed: 5, start, minutes: (92 * DAY) / MINUTE });

/** Trades the other way round as soon as it finds a clock, a process or a network in its world. */
const PEEKS = `
  const world = () => (function (this: any) { return this; })();
  const tries = [
    () => world().process.env !== undefined,
    () => world().fetch !== undefined,
    () => world().Date.now() > 0,
  ];
  const seen = tries.some((look) => { try { return look(); } catch { return false; } });
  if (seen) { now.target(-1); return; }
  ${PLAIN}`;

let project: Awaited<ReturnType<typeof makeProjectWith>>;
let keep: ReturnType<typeof project.keepOf>;
before(async () => {
  project = await makeProjectWith({ SIMUSD: bars });
  keep = project.keepOf('one');
  await project.feed(0, project.from + 6 * DAY);
  const [{ record, problem }] = (await keep.look()).looked;
  assert.deepEqual([problem, record?.days.length], [null, 5]);
});
after(() => project.remove());

test('later bars that a kill left behind go at the next look; those of a process at work stay', async (t) => {
  const folder = (name: string) => join(project.dir, '.data', name);
  const [left, older, used] = ['signals-4194999-aB3dE6', 'forward-aB3dE6', `forward-${process.ppid}-aB3dE6`].map(
    folder,
  );
  for (const dir of [left, older, used]) mkdirSync(dir);
  t.after(() => rmSync(used, { recursive: true }));
  await keep.look();
  assert.deepEqual([left, older, used].map(existsSync), [false, false, true]);
});

test('nicer costs are refused for the trial, and what was recorded stays', async (t) => {
  const configDir = join(project.dir, 'nicer');
  cpSync(project.config, configDir, { recursive: true });
  t.after(() => rmSync(configDir, { recursive: true }));
  const market = join(configDir, 'market.yaml');
  writeFileSync(market, readFileSync(market, 'utf8').replaceAll('takerBps: 10', 'takerBps: 0'));
  const [{ problem, record }] = (await keep.look({ configDir })).looked;
  assert.match(String(problem?.message), /is not played as it was kept: .*changed: market/);
  assert.equal(record?.days.length, 5);
});

test('a candidate that was edited in the run is refused', async (t) => {
  const [name] = Object.values(keep.events.find((event) => event.type === 'trial.started')!.files);
  const path = join(keep.runDir, 'objects', name);
  const text = readFileSync(path, 'utf8');
  t.after(() => writeFileSync(path, text));
  writeFileSync(path, text.replace('now.fast > now.slow', 'now.fast >= now.slow'));
  const [{ problem }] = (await keep.look()).looked;
  assert.match(String(problem?.message), /damaged: its content does not match its name/);
});

test('a journal that tells of other parameters or of a later freeze is refused', async () => {
  const other = keep.events.map((event) =>
    event.type === 'trial.started' ? { ...event, params: { fast: 11, slow: 50 } } : event,
  );
  const later = keep.events.map((event) =>
    event.type === 'trial.finished' ? { ...event, at: event.at + DAY } : event,
  );
  for (const events of [other, later]) {
    const [{ problem, record }] = (await keep.look({ events, trials: stateOf(events).trials })).looked;
    assert.match(
      String(problem?.message),
      /the journal tells of another 0001-1 than the forward record was opened with/,
    );
    assert.equal(record?.days.length, 5);
  }
});

test('bars that are nicer afterwards are named, and rewrite nothing', async () => {
  const [{ record: then }] = (await keep.look()).looked;
  const at = new Date(project.from + 2 * DAY + 700 * MINUTE);
  await project.database.pool.query('update ralph.bars set close = close * 1.01, high = high * 1.01 where time = $1', [
    at,
  ]);
  const [looked] = (await keep.look()).looked;
  assert.equal(looked.problem, null);
  assert.deepEqual(looked.record!.days, then!.days);
  const row = forwardRow(keep.events, looked);
  assert.deepEqual([row.corrected, row.days, row.added], [1, 5, 0]);
  const [again] = (await keep.look()).looked;
  assert.equal(again.record!.corrections.length, 1, 'it is written once');
  const text = forwardText([row], null, []);
  assert.match(text, /the bars of 1 recorded day were corrected later; what was recorded stays/);
  assert.match(text, /0001-1 +train +50/);
  // Nothing of the held-back windows is told before the holdout was opened.
  assert.deepEqual([row.sharpe.folds, row.sharpe.holdout, row.unseen], [null, null, 0]);
});

test('a record that was cut short or deleted is refused, until a person says why to go on', async () => {
  const path = join(project.dir, '.data/forward.sqlite');
  const cut = new DatabaseSync(path);
  assert.throws(() => cut.exec('delete from forward where seq > 3'), /only grows/);
  cut.exec('drop trigger forward_no_delete; delete from forward where seq > 3');
  cut.close();
  await assert.rejects(keep.look(), /the forward record lost lines: the ledger knows line \d+ of it/);
  for (const ending of ['', '-wal', '-shm']) rmSync(`${path}${ending}`, { force: true });
  await assert.rejects(keep.look(), /the forward record lost lines/);
  const { accepted, looked } = await keep.look({ accept: 'the disk died' });
  assert.deepEqual([accepted, looked[0].added], [['the disk died'], 5]);
  assert.deepEqual((await keep.look()).accepted, ['the disk died']);
  assert.match(forwardText([], null, accepted), /it goes on without them because: the disk died/);
});

test('a candidate that never trades has a record of its own, without a Sharpe ratio', async () => {
  const [{ problem, record }] = (await project.keepOf('three', '', new Float64Array(50)).look()).looked;
  assert.equal(problem, null, String(problem));
  const { observed, error, sharpe } = record!.frozen.promise;
  assert.deepEqual([observed, error, sharpe, record!.days.length], [null, null, 0, 5]);
  assert.ok(record!.days.every((day) => day.return === 0 && day.fills.length === 0));
});

test('a candidate that looks for a clock, a process or a network finds none in its record either', async () => {
  const [honest] = (await keep.look()).looked;
  const [peeking] = (await project.keepOf('two', PEEKS).look()).looked;
  assert.equal(peeking.problem, null, String(peeking.problem));
  assert.ok(peeking.record!.days.length > 0);
  for (const [d, day] of peeking.record!.days.entries()) assert.deepEqual(day.fills, honest.record!.days[d].fills);
});
