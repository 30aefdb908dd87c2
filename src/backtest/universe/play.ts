import { DAY } from '../../market/bars.ts';
import type { Now } from '../../strategy/now.ts';
import { Marks } from '../many/marks.ts';
import { nextAct, type Run } from '../run.ts';
import { heldTogether } from './benchmark.ts';
import { Block } from './block.ts';
import { Closing } from './closing.ts';
import { Membership } from './membership.ts';
import { columnsFor, openUniverse } from './now.ts';
import { Wishes } from './wishes.ts';

/**
 * Plays a universe: one account, and one decision at each moment at which a bar of any symbol closes. The minutes between two such moments are a
 * block: those in which nothing can happen to any symbol are only marked.
 */
export function playUniverse(run: Run): void {
  const { desks, days, account, dayEquity } = run;
  const marks = new Marks(desks);
  account.positions = marks;
  const wishes = new Wishes(account, desks, marks, run.limits);
  const { seats, now } = openUniverse(run, (seat, act, weight, options) => wishes.add(seat, act, weight, options));
  const closing = new Closing(run);
  const block = new Block(run, marks, closing);
  const membership = run.members && new Membership(run, marks, run.members);
  run.benchmarkVariation.set(heldTogether(run).variation);
  let day = 0;
  const closeDay = () => {
    dayEquity[day] = block.equity();
    run.variation.close(day, dayEquity[day]);
    day += 1;
  };
  for (;;) {
    const moment = closing.moment();
    if (moment === Infinity) break;
    membership?.leave(moment - 1, block.at);
    // A bar that closes at midnight lies in the day before.
    while (day < dayEquity.length && days[0].time[day] + DAY < moment) closeDay();
    if (block.begin(moment)) {
      block.play();
      if (account.ruined) return;
    } else if (moment > run.to) break;
    membership?.leave(moment, block.at);
    if (moment <= run.to) decideAt(moment);
  }
  membership?.leave(run.to, block.at);
  while (day < dayEquity.length) closeDay();

  function decideAt(moment: number): void {
    for (let s = 0; s < desks.length; s++) {
      const seat = seats[s];
      seat.live = closing.at[s] === moment;
      if (seat.live) closing.pass(s);
      desks[s].decision = closing.next[s] - 1;
    }
    let changed = false;
    // A bar that closes where an act begins was still the act before's.
    while (nextAct(run, moment - 1)) changed = true;
    let any = false;
    for (let s = 0; s < seats.length; s++) {
      const seat = seats[s];
      if (changed) seat.columns = columnsFor(run, s);
      seat.ready = desks[s].decision + 1 >= run.warmup && (!membership || membership.has(s, moment));
      seat.live &&= seat.ready;
      any ||= seat.live;
    }
    if (!any) return;
    account.moment = moment;
    run.decisions += 1;
    run.strategy.decide(now as unknown as Now, run.params);
    wishes.settle();
  }
}
