import { firstIndex } from '../../base/numbers.ts';
import { MINUTE } from '../../market/bars.ts';
import { nextAct, type Run } from '../run.ts';
import type { Place } from '../view/view.ts';
import type { Marks } from './marks.ts';

/** Calls decide() at the moments at which bars close. */
export class Clock {
  /** The next moment at which a bar closes, epoch ms; Infinity for none. */
  moment = Infinity;
  readonly #run: Run;
  readonly #marks: Marks;
  /** Next bar of each symbol to close, and when it does. */
  readonly #next: Int32Array;
  readonly #closes: Float64Array;
  readonly #times: readonly Float64Array[];
  /** Symbols whose bar closes at the moment being decided on. */
  readonly #closed: Int32Array;
  #places: readonly Place[];

  constructor(run: Run, marks: Marks) {
    const { desks, from } = run;
    this.#run = run;
    this.#marks = marks;
    // What closes before the range is never decided on.
    this.#next = Int32Array.from(desks, ({ frame }) => firstIndex(frame.length, (k) => frame.time[k] >= from));
    this.#times = desks.map(({ frame }) => frame.time);
    this.#closes = Float64Array.from(this.#times, (time, s) => time[this.#next[s]] ?? Infinity);
    this.#closed = new Int32Array(desks.length);
    for (const [s, desk] of desks.entries()) desk.decision = this.#next[s] - 1;
    this.#places = this.#placesNow();
    this.#advance();
  }

  /** Every decision up to `time`, the moment itself included: its bars open after it. */
  decideUntil(time: number): void {
    while (this.moment <= time) {
      this.#decide(this.moment);
      this.#advance();
    }
  }

  /** How many minutes from `time` on the decisions at their closes are of single minutes, inside the range and of the act under way. */
  free(time: number): number {
    const { desks, later, to } = this.#run;
    if (!desks[0].fine) return 0;
    const until = later.length > 0 ? Math.min(to, later[0].from) : to;
    return Math.floor((until - time) / MINUTE);
  }

  /** What `decideUntil` shows. */
  get places(): readonly Place[] {
    return this.#places;
  }

  /** Goes on behind decisions that were made elsewhere. */
  follow(): void {
    const { desks } = this.#run;
    for (let s = 0; s < desks.length; s++) {
      this.#next[s] = desks[s].decision + 1;
      this.#closes[s] = this.#times[s][this.#next[s]] ?? Infinity;
    }
    this.#advance();
  }

  #advance(): void {
    const closes = this.#closes;
    let moment = Infinity;
    for (let s = 0; s < closes.length; s++) if (closes[s] < moment) moment = closes[s];
    this.moment = moment;
  }

  #decide(moment: number): void {
    const run = this.#run;
    // A bar that closes where an act begins was still the act before's.
    if (run.later.length > 0 && nextAct(run, moment - 1)) {
      while (nextAct(run, moment - 1));
      this.#places = this.#placesNow();
    }
    const { desks, view, params, warmup } = run;
    const { decide } = run.strategy;
    const { now } = view;
    const marks = this.#marks;
    const next = this.#next;
    const closes = this.#closes;
    const closed = this.#closed;
    const places = this.#places;
    let count = 0;
    for (let s = 0; s < closes.length; s++) {
      if (closes[s] !== moment) continue;
      const k = next[s];
      desks[s].decision = k;
      next[s] = k + 1;
      const time = this.#times[s];
      closes[s] = k + 1 < time.length ? time[k + 1] : Infinity;
      closed[count++] = s;
    }
    for (let i = 0; i < count; i++) {
      const s = closed[i];
      const desk = desks[s];
      if (desk.decision + 1 < warmup) continue;
      view.show(places[s]);
      run.decisions += 1;
      decide(now, params);
      if (desk.changed) marks.read(s);
    }
  }

  #placesNow(): readonly Place[] {
    const { desks, symbols, columns, view } = this.#run;
    return desks.map((desk, s) => view.place(desk, symbols[s], columns[s]));
  }
}
