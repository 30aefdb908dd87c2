import { DAY, MINUTE } from '../../market/bars.ts';
import type { Run } from '../run.ts';
import { heldTogether } from '../universe/benchmark.ts';
import { Clock } from './clock.ts';
import { Marks } from './marks.ts';
import { Minutes } from './minutes.ts';
import { Stretch } from './stretch.ts';

/**
 * Plays a run with several symbols minute by minute over the union of their bars, in the candidate's order within a
 * minute: one equity, and every bar that closes at a moment is known before any symbol is decided on at that moment.
 */
export function playMany(run: Run): void {
  const { days, account, variation, dayEquity } = run;
  const marks = new Marks(run.desks);
  account.positions = marks;
  const minutes = new Minutes(run, marks);
  const stretch = new Stretch(run, marks, minutes);
  const clock = new Clock(run, marks);
  run.benchmarkVariation.set(heldTogether(run).variation);
  for (let d = 0; d < dayEquity.length; d++) {
    playUntil(days[0].time[d] + DAY, run, minutes, stretch, clock);
    if (account.ruined) return;
    dayEquity[d] = minutes.equity;
    variation.close(d, minutes.equity);
  }
  clock.decideUntil(run.to);
}

/** Fewer minutes together are played one by one. */
const WORTH = 4;

/** A function of its own, because one that is entered once a simulation is compiled anew in each. */
function playUntil(
  midnight: number,
  { account, variation, times }: Run,
  minutes: Minutes,
  stretch: Stretch,
  clock: Clock,
): void {
  for (let time = minutes.next(); time < midnight; time = minutes.next()) {
    if (clock.moment <= time) clock.decideUntil(time);
    const length = Math.min(stretch.length(time), clock.free(time), Math.floor((midnight - time) / MINUTE));
    if (length >= WORTH) {
      stretch.play(time, length, clock.places);
      if (account.ruined) return;
      clock.follow();
      continue;
    }
    times[0] = times[1];
    times[1] = time;
    const before = minutes.equity;
    minutes.play(time);
    if (account.ruined) return;
    variation.add(minutes.equity - before);
  }
}
