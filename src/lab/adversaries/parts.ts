/** What a bet of a mixed cheat is made of: which side, how large, how it gets in and out, when it stops for good. */
export interface Mix {
  readonly family: string;
  readonly side: keyof typeof SIDES;
  readonly size: keyof typeof SIZES;
  readonly bet: keyof typeof BETS;
  readonly quit: keyof typeof QUITS;
  readonly filler: boolean;
  /** Bars to look back, gain and distance in mean ranges, most bars that a bet is held, bars between bets, unit size, enough profit. */
  readonly params: {
    readonly look: number;
    readonly gain: number;
    readonly deep: number;
    readonly hold: number;
    readonly pause: number;
    readonly unit: number;
    readonly enough: number;
    readonly sign: number;
  };
}

/** The side of the next bet, 1 or -1. None of them knows anything. */
const SIDES = {
  follow: "now.close > now.ago('close', p.look) ? 1 : -1",
  fade: "now.close > now.ago('close', p.look) ? -1 : 1",
  same: 'p.sign',
  turn: '(bars / p.look) % 2 < 1 ? p.sign : -p.sign',
} as const;

/** The size of the next bet. */
const SIZES = {
  full: '1',
  unit: 'p.unit',
  // More after losses, until the peak is reached again.
  equity: 'Math.min(1, p.unit + 4 * (peak / now.equity - 1))',
  // Less of everything while the market is loud: sized by risk.
  quiet: 'Math.min(1, (p.unit * now.wide) / now.range)',
} as const;

/** How a bet is opened (while flat), and what is done while it is held. */
const BETS = {
  nearTarget: {
    open: 'now.target(side * size, { target: now.close + side * p.gain * now.range });',
    held: '',
  },
  averaging: {
    open: 'now.target(side * size * 0.25, { target: now.close + side * p.gain * now.range });',
    held: `if ((now.close - last) * way < -p.deep * now.range) {
        last = now.close;
        now.target(Math.max(-1, Math.min(1, now.weight * 2)), { target: now.close + way * p.gain * now.range });
      }`,
  },
  limits: {
    open: `now.order(size, { limit: now.close - p.deep * now.range, target: now.close - (p.deep - p.gain) * now.range, oco: true, bars: 24 });
      now.order(-size, { limit: now.close + p.deep * now.range, target: now.close + (p.deep - p.gain) * now.range, oco: true, bars: 24 });`,
    held: '',
  },
  trail: {
    open: 'now.target(side * size, { trail: p.gain * 0.3 * now.range });',
    held: '',
  },
  prints: {
    open: `now.order(size, { limit: now.close - 6 * p.deep * now.range, target: now.close, oco: true, bars: 24 });
      now.order(-size, { limit: now.close + 6 * p.deep * now.range, target: now.close, oco: true, bars: 24 });`,
    held: '',
  },
  hold: { open: 'now.target(side * size);', held: '' },
} as const;

/** When no more bets are made. */
const QUITS = {
  never: 'false',
  ahead: 'now.equity > first * (1 + p.enough)',
} as const;

export const CHOICES = {
  side: Object.keys(SIDES) as (keyof typeof SIDES)[],
  size: Object.keys(SIZES) as (keyof typeof SIZES)[],
  bet: Object.keys(BETS) as (keyof typeof BETS)[],
  quit: Object.keys(QUITS) as (keyof typeof QUITS)[],
};

/** One number for all of them: a strategy file may hold only so many. */
export const MIX_STATE = `const none = 0;
let first = none;
let peak = none;
let last = none;
let next = none;
let opened = none;
let way = none;
`;

/** The statements of decide for a mixed cheat. */
export function betting({ side, size, bet, quit, filler }: Mix): string {
  const { open, held } = BETS[bet];
  return `
    if (first === 0) first = now.equity;
    peak = Math.max(peak, now.equity);
    const small = ${filler ? '0.02' : '0'};
    const betting = Math.abs(now.weight) > 2 * small;
    if (betting) {
      if (way === 0 || Math.sign(now.position) !== way) {
        way = Math.sign(now.position);
        last = now.entryPrice;
        opened = bars;
      }
      ${held}
      if (bars - opened >= p.hold) now.flat();
      return;
    }
    if (way !== 0) {
      way = 0;
      next = bars + p.pause;
    }
    if (${QUITS[quit]}) {
      if (now.working > 0) now.cancel();
    } else if (bars >= next && now.working === 0) {
      if (now.position !== 0) {
        now.flat();
        return;
      }
      const side = ${SIDES[side]};
      const size = ${SIZES[size]};
      ${open}
      return;
    }
    ${filler ? "if (now.working === 0 && bars % 48 === 0) now.target(now.close > now.ago('close', 24) ? small : -small);" : ''}`;
}
