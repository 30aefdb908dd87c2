import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { PACKAGE_ROOT } from '../../../../src/base/roots.ts';
import { stateOf } from '../../../../src/journal/state/run-state.ts';
import { simulateTogether } from '../../../../src/lab/calibrate/markets/together.ts';
import { DAY, HOUR } from '../../../../src/market/bars.ts';
import { signalsOf } from '../../../../src/task/trading/signals/signals.ts';
import { makeProjectWith } from './kept-run.ts';

const start = Date.UTC(2021, 0, 1);
const SYMBOLS = ['BTCUSD', 'ETHUSD', 'LTCUSD'];
/** Days of the first of train, behind ten of warm-up, on which another one is among the two that trade most. */
const CHANGE = 80;

/** Money goes from ETHUSD to LTCUSD five days before the change, which lies behind the freeze. */
const series = simulateTogether({ seed: 'later', symbols: SYMBOLS, start, minutes: 110 * 1440, annualVolatility: 0.8 });
for (const [symbol, early, late] of [
  ['BTCUSD', 100, 100],
  ['ETHUSD', 10, 1],
  ['LTCUSD', 1, 100],
] as const) {
  const { time, volume } = series[symbol];
  const moves = start + (10 + CHANGE - 5) * DAY;
  for (let i = 0; i < time.length; i++) volume[i] *= time[i] < moves ? early : late;
}

test('signals and the forward record of a set follow its members: one who joins later changes nothing that was recorded', async (t) => {
  const project = await makeProjectWith(series, undefined, {
    lines: () => `universes:\n  coins: { top: 2, days: 10, everyDays: 10, of: [${SYMBOLS.join(', ')}] }`,
    members: (day) => ({
      BTCUSD: [{ from: day(0), to: null }],
      ETHUSD: [{ from: day(0), to: day(CHANGE) }],
      LTCUSD: [{ from: day(CHANGE), to: null }],
    }),
    source: readFileSync(join(PACKAGE_ROOT, 'strategies/universe/rank-momentum.ts'), 'utf8'),
    params: { days: 2, hold: 1 },
  });
  t.after(() => project.remove());
  const { day, from, feed, played } = project;
  const keep = project.keepOf('set');

  // Before anything tells of the change.
  await feed(0, day(CHANGE - 6) + 2 * HOUR);
  const [first] = (await keep.look()).looked;
  assert.equal(first.problem, null, String(first.problem));
  assert.deepEqual(first.record?.frozen.symbols, ['BTCUSD', 'ETHUSD']);
  assert.equal(first.record?.days.length, CHANGE - 6 - 70);

  // Behind it.
  await feed(day(CHANGE - 6) + 2 * HOUR, day(CHANGE + 15) + 2 * HOUR);
  const [second] = (await keep.look()).looked;
  assert.equal(second.problem, null, String(second.problem));
  assert.deepEqual([second.added, second.differs, second.record?.corrections.length], [21, 0, 0]);
  const whole = played(day(CHANGE + 15));
  const fills = (whole.fills ?? []).filter(({ time }) => time >= from && time < day(CHANGE + 15));
  const recorded = second.record!.days.flatMap(({ fills }) => fills);
  assert.deepEqual(
    recorded.map(([time, symbol, price, quantity]) => [time, symbol, price, quantity]),
    fills.map(({ time, symbol, price, quantity }) => [time, symbol, price, quantity]),
  );
  assert.ok(
    recorded.some(([, symbol]) => symbol === 'LTCUSD'),
    'the new member is traded',
  );
  const [again] = (await keep.look()).looked;
  assert.deepEqual([again.added, again.record?.corrections.length], [0, 0]);

  // What stands now is what the longer backtest holds.
  const [signal] = await signalsOf({
    projectDir: project.dir,
    configDir: project.config,
    runDir: keep.runDir,
    events: keep.events,
    trials: stateOf(keep.events).trials,
    capital: null,
    now: day(CHANGE + 15) + 2 * HOUR,
  });
  const end = played(day(CHANGE + 15) + 2 * HOUR);
  assert.deepEqual(
    signal.symbols.map(({ symbol }) => symbol),
    SYMBOLS,
  );
  for (const { symbol, quantity } of signal.symbols) {
    const held = end.standings?.find((each) => each.symbol === symbol)?.position ?? Number.NaN;
    const scaled = (held * signal.capital) / end.finalEquity;
    assert.ok(Math.abs(quantity - scaled) <= Math.abs(scaled) * 1e-3, `${symbol}: ${quantity}, expected ${scaled}`);
  }
  assert.equal(signal.symbols.find(({ symbol }) => symbol === 'ETHUSD')?.side, 'flat');
});
