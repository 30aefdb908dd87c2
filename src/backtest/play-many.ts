import { DAY } from '../market/bars.ts';
import { REASON } from './account/ledger.ts';
import { exitPosition } from './minute/fill.ts';
import { playMinute } from './minute/minute.ts';
import { CLOSE, HIGH, LOW, STEP } from './minute/tape.ts';
import type { Desk } from './orders/desk.ts';
import { nextAct, type Run } from './run.ts';

/**
 * Plays a run with several symbols minute by minute over the union of their bars, in the candidate's order within a
 * minute: one equity, and every bar that closes at a moment is known before any symbol is decided on at that moment.
 */
export function playMany(run: Run): void {
  const { desks, days, account, dayEquity } = run;
  const at = desks.map((_, s) => days[s].from);
  const clock = new Clock(run);
  const held = new Held(run);
  for (let d = 0; d < dayEquity.length; d++) {
    for (;;) {
      let time = Infinity;
      for (let s = 0; s < desks.length; s++) {
        if (at[s] < days[s].ends[d]) time = Math.min(time, desks[s].bars.time[at[s]]);
      }
      if (time === Infinity) break;
      clock.decideUntil(time);
      const before = openEquity(run);
      playTime(run, at, time);
      run.variation.add(openEquity(run) - before);
      held.minute();
      if (account.ruined) return;
    }
    dayEquity[d] = openEquity(run);
    run.variation.close(d, dayEquity[d]);
    held.day(d);
  }
  clock.decideUntil(run.to);
}

/** One minute of every symbol that has a bar in it, and then the equity. */
function playTime(run: Run, at: number[], time: number): void {
  const { desks, days, curve, account } = run;
  let held = false;
  run.times[0] = run.times[1];
  run.times[1] = time;
  for (let s = 0; s < desks.length; s++) {
    const desk = desks[s];
    const m = at[s];
    if (m < days[s].to && desk.bars.time[m] === time) {
      at[s] = m + 1;
      const { tape } = desk;
      const row = m * STEP;
      // Losses of the other symbols move the price at which the account is ruined.
      if (desk.position !== 0) desk.watch(m);
      if (m >= desk.wake || tape[row + LOW] <= desk.down || tape[row + HIGH] >= desk.up) playMinute(desk, m);
      // The account is ruined: skip the rest of this minute.
      if (account.ruined) {
        curve.add(0, run.times, 1);
        return;
      }
      desk.last = tape[row + CLOSE];
    } else if (desk.position !== 0 && m === days[s].to) {
      delist(desk, m - 1, time);
    }
    if (desk.position !== 0) held = true;
  }
  const equity = openEquity(run);
  run.bars += 1;
  if (held) run.barsInPosition += 1;
  curve.add(Math.max(0, equity), run.times, 1);
  // Shares of one equity can only be used up together.
  if (equity <= 0) account.ruined = true;
  else run.exposure += exposureOf(desks) / equity;
}

/**
 * A symbol without bars for a day while others trade on, and with none to come, is delisted: what was held goes at its last
 * close with slippage and fee. The engine knows that none come; a trader would have waited, and been paid no more.
 */
function delist(desk: Desk, last: number, time: number): void {
  if (time - desk.bars.time[last] < DAY) return;
  desk.count = 0;
  desk.volumeLeft = Infinity;
  exitPosition(desk, last, desk.bars.close[last], true, REASON.delisting);
}

function openEquity(run: Run): number {
  let sum = run.account.cash;
  for (const desk of run.desks) if (desk.position !== 0) sum += desk.position * desk.last;
  return sum;
}

function exposureOf(desks: readonly Desk[]): number {
  let sum = 0;
  for (const desk of desks) if (desk.position !== 0) sum += Math.abs(desk.position * desk.last);
  return sum;
}

/** The benchmark of several symbols, minute by minute: equal parts of one unit of cash, each put in at its first open. */
class Held {
  readonly #run: Run;
  readonly #level: () => number;
  #before = 1;
  #start = 1;
  #sum = 0;

  constructor(run: Run) {
    this.#run = run;
    const { desks, days } = run;
    const units = desks.map(({ bars }, s) => 1 / bars.open[days[s].from] / desks.length);
    this.#level = () => {
      let level = 0;
      for (let s = 0; s < desks.length; s++) {
        const { last } = desks[s];
        level += last > 0 ? last * units[s] : 1 / desks.length;
      }
      return level;
    };
  }

  minute(): void {
    const level = this.#level();
    this.#sum += (level - this.#before) ** 2;
    this.#before = level;
  }

  day(d: number): void {
    this.#run.benchmarkVariation[d] = this.#sum / this.#start ** 2;
    this.#sum = 0;
    this.#start = this.#before;
  }
}

/** Calls decide() at the moments at which bars close. */
class Clock {
  readonly #run: Run;
  /** Next bar of each symbol to close. */
  readonly #next: number[];

  constructor(run: Run) {
    this.#run = run;
    this.#next = run.desks.map(() => 0);
  }

  /** Every decision up to `time`, the moment itself included: its bars open after it. */
  decideUntil(time: number): void {
    const { desks } = this.#run;
    for (;;) {
      let moment = Infinity;
      for (let s = 0; s < desks.length; s++) {
        const { frame } = desks[s];
        if (this.#next[s] < frame.length) moment = Math.min(moment, frame.time[this.#next[s]]);
      }
      if (moment > time) return;
      this.#decide(moment);
    }
  }

  #decide(moment: number): void {
    // A bar that closes where an act begins was still the act before's.
    while (nextAct(this.#run, moment - 1));
    const { desks, symbols, columns, view, strategy, params, warmup, from } = this.#run;
    const closed: number[] = [];
    for (let s = 0; s < desks.length; s++) {
      const { frame } = desks[s];
      if (this.#next[s] >= frame.length || frame.time[this.#next[s]] !== moment) continue;
      desks[s].decision = this.#next[s];
      this.#next[s] += 1;
      closed.push(s);
    }
    if (moment < from) return;
    for (const s of closed) {
      if (desks[s].decision + 1 < warmup) continue;
      view.show(desks[s], symbols[s], columns[s]);
      this.#run.decisions += 1;
      strategy.decide(view.now, params);
    }
  }
}
