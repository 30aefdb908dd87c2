import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { barsOf, DAY, HOUR, MINUTE } from '../../src/market/bars.ts';
import { coverageOf } from '../../src/market/coverage.ts';
import { openStretches, type Session, sessionSchema } from '../../src/market/sessions.ts';
import { Inspector } from '../../src/market/verify/inspect.ts';
import { writeWindowFile } from '../../src/market/window-file.ts';

const NEW_YORK = sessionSchema.parse({
  timezone: 'America/New_York',
  open: '09:30',
  close: '16:00',
  holidays: ['2005-03-25'],
});
const at = (text: string) => Date.parse(`${text}:00Z`);
const words = (session: Session, from: string, to: string) =>
  openStretches(session, at(from), at(to)).map((each) =>
    [each.from, each.to].map((time) => new Date(time).toISOString().slice(5, 16)).join(' '),
  );

test('sessions follow the clock of their zone through the change of the clock; holidays and weekends are closed', () => {
  // Clocks went forward on Sunday, 3 April 2005.
  assert.deepEqual(words(NEW_YORK, '2005-04-01T00:00', '2005-04-05T00:00'), [
    '04-01T14:30 04-01T21:00',
    '04-04T13:30 04-04T20:00',
  ]);
  assert.deepEqual(words(NEW_YORK, '2005-03-25T00:00', '2005-03-28T15:00'), ['03-28T14:30 03-28T15:00']);
  assert.deepEqual(words('fx', '2005-04-01T12:00', '2005-04-05T00:00'), [
    '04-01T12:00 04-01T22:00',
    '04-03T21:00 04-05T00:00',
  ]);
});

/** Flat bars at some minutes. */
const barsAt = (times: number[]) => {
  const one = new Float64Array(times.length).fill(1);
  return barsOf([Float64Array.from(times), one, one, one, one, one]);
};
const inspect = (times: number[], session?: Session, interval = MINUTE) => {
  const inspector = new Inspector(times[0], interval, session);
  inspector.add(barsAt(times));
  return inspector.finish(times.at(-1)! + interval);
};

test('nights and weekends are no gaps, missing minutes of a session are; bars of another zone are counted', () => {
  const open = openStretches(NEW_YORK, at('2005-03-21T00:00'), at('2005-04-02T00:00'));
  const times = open.flatMap(({ from, to }) =>
    Array.from({ length: (to - from) / MINUTE }, (_, k) => from + k * MINUTE),
  );
  assert.deepEqual(inspect(times).gaps.length, 8);
  const whole = inspect(times, NEW_YORK);
  assert.deepEqual([whole.gaps, whole.outside, whole.holes.length], [[], 0, 8]);
  const holed = times.filter((time) => time < open[2].from + HOUR || time >= open[2].from + 2 * HOUR);
  assert.deepEqual(inspect(holed, NEW_YORK).gaps, [{ from: open[2].from + HOUR, length: 60 }]);
  const shifted = inspect(
    times.map((time) => time - 5 * HOUR),
    NEW_YORK,
  );
  assert.equal(shifted.outside, 9 * 5 * 60);
  // Of the last session nothing is looked at behind the last bar.
  assert.equal(
    shifted.gaps.reduce((sum, { length }) => sum + length, 0),
    8 * 5 * 60,
  );
});

test('an hour that begins before the open belongs to its session, the hour before it does not', () => {
  // Of 22 March 2005, open from 14:30 to 21:00 UTC.
  const hours = (first: number) =>
    Array.from({ length: 21 - first }, (_, k) => at('2005-03-22T00:00') + (first + k) * HOUR);
  assert.equal(inspect(hours(14), NEW_YORK, HOUR).outside, 0);
  assert.equal(inspect(hours(13), NEW_YORK, HOUR).outside, 1);
  assert.equal(inspect([at('2005-03-22T00:00')], NEW_YORK, DAY).outside, 0);
});

test('a window of a market that closes is covered by the minutes in which it is open', (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'ralph-session-'));
  t.after(() => rmSync(dir, { recursive: true }));
  const range = { from: at('2005-03-21T00:00'), to: at('2005-03-28T00:00') };
  const open = openStretches(NEW_YORK, range.from, range.to);
  const times = open.flatMap(({ from, to }) =>
    Array.from({ length: (to - from) / MINUTE }, (_, k) => from + k * MINUTE),
  );
  const path = join(dir, 'SPY.bars');
  const about = { symbol: 'SPY', range, warmupMs: 0, provenance: '' };
  const file = { path, ...writeWindowFile(path, barsAt(times.slice(390)), about) };
  const shares = (session?: Session) =>
    coverageOf({ train: [file], selection: [], holdout: [] }, () => session).map(({ share }) => share);
  // Four days of 390 minutes, for Friday was a holiday; the first is missing.
  assert.deepEqual(shares(NEW_YORK), [3 / 4]);
  assert.deepEqual(shares(), [(3 * 390) / (7 * 1440)]);
});

test('a session that cannot be is refused', () => {
  for (const wrong of [
    { timezone: 'Mars/Base' },
    { open: '16:00', close: '09:30' },
    { days: ['monday'] },
    { holidays: ['25.12.2024'] },
  ])
    assert.throws(() => sessionSchema.parse({ timezone: 'UTC', open: '09:00', close: '17:00', ...wrong }));
});
