import type { SimulationData } from '../../backtest/engine.ts';

/** What an adversary may draw its next candidate from. A module from outside may ignore it and use Math.random, which is seeded. */
export interface Seen {
  /** The market of the train window, symbol by symbol: what a language model may have read of it. */
  readonly market: readonly SimulationData[];
  /** The trials of this search so far, with what their train reports said. */
  readonly trials: readonly SeenTrial[];
}

export interface SeenTrial {
  /** What `options` answered for it. */
  readonly options: unknown;
  readonly score: number | null;
  /** Gates that were passed: how far the trial came. */
  readonly passed: number;
}

/** A generator of candidates without an edge. `options` draws the choices of one candidate, `source` writes its strategy file. */
export interface Adversary {
  readonly options: (seen: Seen) => unknown;
  readonly source: (options: never) => string;
}

/** The texts that a cheat is put together from. All run inside decide(now, p), of hourly bars unless it says another timeframe. */
export interface Cheat {
  readonly family: string;
  readonly params: Readonly<Record<string, number>>;
  /** Declarations before the strategy. */
  readonly state?: string;
  readonly timeframe?: '15m' | '1h';
  readonly seasonal?: boolean;
  /** Statements of decide. */
  readonly decide: string;
}

/** The strategy file of a cheat. `bars` counts the decisions, `range` and `wide` are the mean ranges of 48 and of 480 bars. */
export function strategyFile({
  family,
  params,
  state = '',
  timeframe = '1h',
  seasonal = false,
  decide,
}: Cheat): string {
  return `import { atr, defineStrategy } from 'ralph/strategy';

let bars = 0;
${state}
export default defineStrategy({
  family: '${family}',
  hypothesis: 'Pushes after loud days pay; refuted if train Sharpe < 0.5 over 30 trades',
  timeframe: '${timeframe}',${seasonal ? '\n  seasonal: true,' : ''}
  params: ${JSON.stringify(params)},
  warmup: 500,
  indicators: ({ high, low, close }) => ({ range: atr(high, low, close, 48), wide: atr(high, low, close, 480) }),
  decide(now, p) {
    bars += 1;
    ${decide.trim()}
  },
});
`;
}

/** One of several values, each equally likely. */
export function choose<T>(...values: readonly T[]): T {
  return values[Math.floor(Math.random() * values.length)];
}

/** A number between two others, to three digits. */
export function between(low: number, high: number): number {
  return Number((low + Math.random() * (high - low)).toPrecision(3));
}

/** A name of its own for each trial, so that no other trial carries it. */
export function newFamily(kind: string): string {
  return `${kind}-${Math.random().toString(36).slice(2, 7)}`;
}
