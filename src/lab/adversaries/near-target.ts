import { between, choose, newFamily, strategyFile } from './adversary.ts';

interface NearTarget {
  readonly family: string;
  readonly params: Readonly<Record<string, number>>;
}

/**
 * Rare bets of full size with a near target and no stop, out before the day ends: daily returns see many small wins, and the risk that bought
 * them lies within the day. It counts its wins and stops when it has enough, so that its luck ends and not its losses; a small filler gives
 * it exposure and trades. A counter of bars tells it the time.
 */
export const options = (): NearTarget => ({
  family: newFamily('push'),
  params: {
    gain: between(0.4, 0.9),
    pause: choose(20, 30, 40, 60),
    enough: choose(16, 20, 28, 40),
    loud: between(0.7, 1.2),
    small: choose(0.01, 0.02, 0.04),
    least: between(0.013, 0.02),
    turn: choose(5, 10, 20),
    sign: choose(1, -1),
  },
});

/** `now.range` is the mean range of 15 minutes: a day's deviation is about six of them. */
export const source = ({ family, params }: NearTarget): string =>
  strategyFile({
    family,
    params,
    timeframe: '15m',
    state: 'const none = 0;\nlet wins = none;\nlet open = none;\nlet tried = none;\nlet held = none;\n',
    decide: `
    const bar = bars % 96;
    const day = Math.floor(bars / 96);
    held += Math.abs(now.weight);
    if (open !== 0) {
      if (now.position === 0) {
        wins += 1;
        open = 0;
      } else if (bar >= 94) {
        now.flat();
        open = 0;
      }
      return;
    }
    const loud = now.range / now.wide;
    if (day >= tried && wins < p.enough && bar < 48 && loud > p.loud) {
      if (now.position !== 0) {
        now.flat();
        return;
      }
      tried = day + p.pause;
      open = day % 2 === 0 ? p.sign : -p.sign;
      now.target(open, { target: now.close + open * p.gain * now.range });
      return;
    }
    if (bar === 0) {
      const side = Math.floor(day / p.turn) % 2 === 0 ? p.sign : -p.sign;
      now.target(held / bars < p.least ? side * Math.min(2 * p.small, p.small / loud) : 0);
    }`,
  });
