import { firstIndex } from '../base/numbers.ts';
import { playMinute } from './minute/minute.ts';
import { CLOSE, HIGH, LOW, STEP } from './minute/tape.ts';
import { nextAct, type Run } from './run.ts';

/** Plays a run with one symbol; equal in result to `playMany`, faster because nothing else has to be watched. */
export function playOne(run: Run): void {
  const { desks } = run;
  const { frame, fine } = desks[0];
  const { ends, from: first, to: last } = run.days[0];
  let k = fine ? first : firstAbove(frame.end, first);
  while (nextAct(run, run.from - 1));
  const show = () => run.view.show(run.view.place(desks[0], run.symbols[0], run.columns[0]));
  show();
  // A bar whose minutes lie before the range but that closes in it may be decided on: its orders fill inside the range.
  if (k > 0 && frame.time[k - 1] >= run.from && frame.time[k - 1] <= run.to) decideAt(run, k - 1);
  const play = fine ? playFine : playCoarse;
  if (first === last) run.dayEquity.fill(run.account.cash);
  for (let d = 0; d < run.dayEquity.length && first < last; d++) {
    while (nextAct(run, run.days[0].time[d])) show();
    const dayEnd = ends[d];
    const until = fine ? dayEnd : barsUntil(frame.end, dayEnd, last);
    if (until > k) play(run, k, until);
    if (run.account.ruined) return;
    k = Math.max(k, until);
    const { position } = desks[0];
    const { cash } = run.account;
    const equity = cash + (position === 0 ? 0 : position * desks[0].bars.close[dayEnd - 1]);
    run.dayEquity[d] = equity;
    run.variation.endDay(d, dayEnd, cash, position, equity);
  }
}

/**
 * Decision bars of one minute: every bar is decided on, but its prices are looked at only while something is held or waits. A loop for
 * each of the two, because the shorter one then keeps what it needs in registers.
 */
function playFine(run: Run, from: number, until: number): void {
  const [desk] = run.desks;
  const { exposure } = run;
  // Summed up by days, as the other loops do.
  run.exposure = 0;
  let k = from;
  while (k < until && !run.account.ruined) {
    const idle = desk.position === 0 && desk.count === 0;
    k = idle ? decideIdle(run, k, until) : playBusy(run, k, until);
  }
  run.exposure += exposure;
}

/** Decides on bars while nothing is held and nothing waits; returns the first bar of another kind. */
function decideIdle(run: Run, from: number, until: number): number {
  const { params, view } = run;
  const { decide } = run.strategy;
  const { now, cursor } = view;
  const desk = run.desks[0];
  const ready = run.warmup - 1;
  const first = from < ready ? ready : from;
  let k = first;
  while (k < until) {
    desk.decision = k;
    cursor.index = k;
    decide(now, params);
    k += 1;
    if (desk.count > 0) break;
  }
  run.decisions += k - first;
  return k;
}

/**
 * Bars while something is held or waits; a minute is entered only when something can happen in it. What the loop compares is kept in locals
 * and read again only after a call that may have changed it. Returns the first bar on which nothing is held and nothing waits.
 */
function playBusy(run: Run, from: number, until: number): number {
  const { params, view, account, curve } = run;
  const { decide } = run.strategy;
  const { now, cursor } = view;
  const desk = run.desks[0];
  const { tape } = desk;
  const { time } = desk.bars;
  const firstDecision = run.warmup - 1;
  let { cash } = account;
  let { position, wake, down, up } = desk;
  let deepest = curve.quietAbove();
  let { peak } = curve;
  let { exposure } = run;
  let inPosition = 0;
  let idle = false;
  let k = from;
  for (; k < until && !idle; k++) {
    const row = k * STEP;
    if (k >= wake || tape[row + LOW] <= down || tape[row + HIGH] >= up) {
      playMinute(desk, k);
      ({ position, wake, down, up } = desk);
      cash = account.cash;
      desk.changed = false;
      idle = position === 0 && desk.count === 0;
      if (account.ruined) {
        curve.add(0, time, k);
        break;
      }
    }
    const value = position * tape[row + CLOSE];
    const equity = cash + value;
    if (equity < deepest || equity >= peak) {
      curve.add(equity, time, k);
      deepest = curve.quietAbove();
      peak = curve.peak;
    }
    if (position !== 0) {
      inPosition += 1;
      exposure += (value < 0 ? -value : value) / equity;
    }
    if (k >= firstDecision) {
      desk.decision = k;
      cursor.index = k;
      decide(now, params);
      if (desk.changed) {
        desk.changed = false;
        ({ wake, down, up } = desk);
        idle = position === 0 && desk.count === 0;
      }
    }
  }
  run.exposure = exposure;
  run.barsInPosition += inPosition;
  run.decisions += Math.max(0, k - Math.max(from, firstDecision));
  return k;
}

/**
 * Coarser decision bars: the minutes inside one are walked only while its low or high reaches a price that an order, an
 * exit or ruin waits for, or when its closes may make a new peak or a new largest drawdown.
 */
function playCoarse(run: Run, from: number, until: number): void {
  const { account } = run;
  const desk = run.desks[0];
  const { low, high, close, end, time } = desk.frame;
  const { from: first, to: last } = run.days[0];
  for (let k = from; k < until; k++) {
    const start = k > 0 && end[k - 1] > first ? end[k - 1] : first;
    const stop = end[k] < last ? end[k] : last;
    if (stop > desk.wake || low[k] <= desk.down || high[k] >= desk.up) {
      walk(run, k, start, stop);
      if (account.ruined) return;
    } else if (desk.position !== 0) {
      hold(run, k, start, stop);
    }
    if (desk.position !== 0) {
      // A look at the minutes would wait for memory at every bar.
      const value = desk.position * (stop === end[k] ? close[k] : desk.bars.close[stop - 1]);
      run.exposure += ((value < 0 ? -value : value) * (stop - start)) / (account.cash + value);
    }
    if (time[k] <= run.to) decideAt(run, k);
  }
}

/** Minutes of bar `k` one by one, but for those before the next wake while the whole bar stays inside the bounds. */
function walk(run: Run, k: number, from: number, to: number): void {
  const { account, curve } = run;
  const desk = run.desks[0];
  const { time, low: lows, high: highs, close } = desk.bars;
  const low = desk.frame.low[k];
  const high = desk.frame.high[k];
  let inside = !(low <= desk.down || high >= desk.up);
  for (let m = from; m < to; m++) {
    if (inside && m < desk.wake) {
      const until = desk.wake < to ? desk.wake : to;
      if (desk.position !== 0) hold(run, k, m, until);
      m = until;
      if (m === to) return;
    }
    if (m >= desk.wake || lows[m] <= desk.down || highs[m] >= desk.up) {
      desk.turnTo(m);
      playMinute(desk, m);
      if (account.ruined) {
        curve.add(0, time, m);
        return;
      }
      inside = !(low <= desk.down || high >= desk.up);
    }
    curve.add(account.cash + desk.position * close[m], time, m);
    if (desk.position !== 0) run.barsInPosition += 1;
  }
}

/** Minutes of bar `k` in which nothing is traded but the equity moves. */
function hold(run: Run, k: number, from: number, to: number): void {
  const { account, curve } = run;
  const { position, bars, frame } = run.desks[0];
  const least = frame.lowClose[k];
  const most = frame.highClose[k];
  run.barsInPosition += to - from;
  const best = account.cash + position * (position > 0 ? most : least);
  const worst = account.cash + position * (position > 0 ? least : most);
  if (best < curve.peak && worst >= curve.alarm) curve.dive(bars.time, from);
  else mark(run, from, to);
}

function mark(run: Run, from: number, to: number): void {
  const { cash } = run.account;
  const { position, bars } = run.desks[0];
  const { close, time } = bars;
  for (let m = from; m < to; m++) run.curve.add(cash + position * close[m], time, m);
}

function decideAt(run: Run, k: number): void {
  run.desks[0].decision = k;
  run.view.cursor.index = k;
  if (k + 1 < run.warmup) return;
  run.decisions += 1;
  run.strategy.decide(run.view.now, run.params);
}

/** Index after the last decision bar that begins before minute `dayEnd`; days never cut one, the end of the range may. */
function barsUntil(end: Int32Array, dayEnd: number, last: number): number {
  return dayEnd === last ? Math.min(end.length, firstAbove(end, last - 1) + 1) : firstAbove(end, dayEnd);
}

/** Index of the first element above `value` in a rising list. */
function firstAbove(list: Int32Array, value: number): number {
  return firstIndex(list.length, (i) => list[i] > value);
}
