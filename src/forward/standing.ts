import { DAY } from '../market/bars.ts';
import { DAYS_A_YEAR } from '../metrics/returns.ts';
import { ALARM, changeAfter, daysToSee, nextVariance, SEEN, sightingAfter } from './detector.ts';
import type { Day, Sums } from './entries.ts';
import type { TrialRecord } from './record.ts';

/**
 * - too early: nothing speaks against the promise, and the edge is not seen yet.
 * - alive: the edge is seen above zero, and nothing speaks against the promise.
 * - fading: it earns less than was promised.
 * - dead: what it earns is nearer to zero than to the promise; final.
 */
export type State = 'too early' | 'alive' | 'fading' | 'dead';

/** Where a keep stands after its recorded days. */
export interface Standing {
  readonly state: State;
  /** The day that brought it there, epoch ms; null while nothing has. */
  readonly since: number | null;
  /** When an edge of the promised size is expected to be seen, epoch ms; null without a promise. */
  readonly expected: number | null;
  /** Evidence (see detector.ts) against the promise and against half of it, of ALARM; and for an edge above zero, of 20. */
  readonly evidence: { readonly lessThanPromised: number; readonly nearerToZero: number; readonly aboveZero: number };
}

/** What a standing needs to know of a recorded day, and of the trial before its first one. */
export type Observed = Pick<Day, 'day' | 'return' | 'benchmark' | 'variation' | 'benchmarkVariation'>;
export type Held = Pick<TrialRecord['frozen'], 'from' | 'promise' | 'beta' | 'variance' | 'sums'>;

/** Where a keep stands after the days of its record. */
export function standingOf({ frozen, days }: { readonly frozen: Held; readonly days: readonly Observed[] }): Standing {
  const watch = new Watch(frozen);
  for (const day of days) watch.take(day);
  return watch.standing();
}

/**
 * Feeds day after day to the detectors, as the return that beta to the benchmark does not explain over the deviation that was expected
 * before it: that of the judge, its variance the daily one times max(1, q / q_m).
 */
export class Watch {
  readonly #frozen: Held;
  readonly #promised: number;
  readonly #evidence = { lessThanPromised: 0, nearerToZero: 0, aboveZero: 1 };
  #variance: number;
  #sums: Sums;
  #seen: number | null = null;
  #fading: number | null = null;
  #dead: number | null = null;

  constructor(frozen: Held) {
    this.#frozen = frozen;
    this.#promised = frozen.promise.sharpe / Math.sqrt(DAYS_A_YEAR);
    this.#variance = frozen.variance;
    this.#sums = frozen.sums;
  }

  take(day: Observed): void {
    const active = activeOf(day, this.#frozen.beta);
    const [promised, evidence] = [this.#promised, this.#evidence];
    if (promised > 0) {
      const value = active / Math.sqrt(this.#variance * Math.max(1, hiddenRiskOf(this.#sums)));
      evidence.aboveZero = sightingAfter(evidence.aboveZero, value, promised);
      evidence.lessThanPromised = changeAfter(evidence.lessThanPromised, value, promised);
      evidence.nearerToZero = changeAfter(evidence.nearerToZero, value, promised / 2);
      if (evidence.aboveZero >= SEEN) this.#seen ??= day.day;
      if (evidence.lessThanPromised < ALARM) this.#fading = null;
      else this.#fading ??= day.day;
      if (evidence.nearerToZero >= ALARM) this.#dead ??= day.day;
    }
    // Nothing is left to come back from.
    if (day.return <= -1) this.#dead ??= day.day;
    this.#variance = nextVariance(this.#variance, active);
    this.#sums = withDay(this.#sums, day);
  }

  get state(): State {
    if (this.#dead !== null) return 'dead';
    if (this.#fading !== null) return 'fading';
    return this.#seen === null ? 'too early' : 'alive';
  }

  standing(): Standing {
    const wait = daysToSee(this.#promised);
    return {
      state: this.state,
      since: this.#dead ?? this.#fading ?? this.#seen,
      expected: Number.isFinite(wait) ? this.#frozen.from + wait * DAY : null,
      evidence: { ...this.#evidence },
    };
  }
}

/** The part of a day's return that the market does not explain. */
export function activeOf(day: Pick<Day, 'return' | 'benchmark'>, beta: number): number {
  return day.return - beta * day.benchmark;
}

/** q / q_m: quadratic variation by the minute over daily variance, in units of the benchmark's own; as in src/gates/evidence.ts. */
export function hiddenRiskOf(sums: Sums): number {
  const own = ratioOf(sums.variation, sums.returns, sums.squares, sums.days);
  const market = ratioOf(sums.benchmarkVariation, sums.benchmark, sums.benchmarkSquares, sums.days);
  // A side that never moved hides nothing.
  return own > 0 && Number.isFinite(own) ? own / (market > 0 && Number.isFinite(market) ? market : 1) : 1;
}

function ratioOf(variation: number, sum: number, squares: number, days: number): number {
  return variation / (squares - (sum * sum) / days);
}

export const NO_DAYS: Sums = {
  days: 0,
  returns: 0,
  squares: 0,
  variation: 0,
  benchmark: 0,
  benchmarkSquares: 0,
  benchmarkVariation: 0,
};

/** The sums with one more day. */
export function withDay(sums: Sums, day: Pick<Day, 'return' | 'benchmark' | 'variation' | 'benchmarkVariation'>): Sums {
  return {
    days: sums.days + 1,
    returns: sums.returns + day.return,
    squares: sums.squares + day.return ** 2,
    variation: sums.variation + day.variation,
    benchmark: sums.benchmark + day.benchmark,
    benchmarkSquares: sums.benchmarkSquares + day.benchmark ** 2,
    benchmarkVariation: sums.benchmarkVariation + day.benchmarkVariation,
  };
}
