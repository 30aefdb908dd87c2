import type { SimulationData } from '../../../backtest/engine.ts';
import { MINUTE, TIMEFRAME_MS, TIMEFRAMES, type Timeframe } from '../../../market/bars.ts';
import type { StrategyDefinition } from '../../../strategy/definition.ts';
import type { Now } from '../../../strategy/now.ts';
import type { SymbolView, UniverseNow } from '../../../strategy/universe.ts';
import type { SignalRow, Signals } from './file.ts';

/** The longest bars whose closes hit every signal. */
export function timeframeOf(signals: Signals, interval = MINUTE): Timeframe {
  const fits = (timeframe: Timeframe) =>
    TIMEFRAME_MS[timeframe] >= interval &&
    [...signals.values()].every((rows) => rows.every(({ time }) => time % TIMEFRAME_MS[timeframe] === 0));
  const finest = TIMEFRAMES.find((timeframe) => TIMEFRAME_MS[timeframe] >= interval) ?? '1m';
  return TIMEFRAMES.toReversed().find(fits) ?? finest;
}

/**
 * A strategy that does what a file says: at the close of each bar of a symbol the newest signal of that time or before takes effect, once. A signal that
 * falls into a gap takes effect with the next bar. Data and no code: it is trusted, and sees the time. For one simulation.
 */
export function signalStrategy(signals: Signals, timeframe: Timeframe): StrategyDefinition {
  const next = new Map<string, number>();
  const decide = ({ symbols }: UniverseNow) => {
    for (const symbol of symbols) {
      if (!symbol.live) continue;
      const rows = signals.get(symbol.name) ?? [];
      const first = next.get(symbol.name) ?? 0;
      let at = first;
      while (at < rows.length && rows[at].time <= timeOf(symbol)) at += 1;
      next.set(symbol.name, at);
      if (at > first) obey(symbol, rows[at - 1]);
    }
  };
  return {
    family: 'signals',
    hypothesis: 'signals of a file',
    timeframe,
    params: {},
    warmup: 0,
    universe: true,
    decide: decide as unknown as (now: Now) => void,
  };
}

/** Exits of the signal before end with it. */
function obey(symbol: SymbolView, { weight, stop, target }: SignalRow): void {
  if (weight === 0) symbol.flat();
  else symbol.target(weight, { stop: stop ?? null, target: target ?? null });
}

/** Close of its last bar; candidates in the box are not shown it. */
function timeOf(symbol: SymbolView): number {
  return (symbol as SymbolView & { readonly time: number }).time;
}

/** Signals before the window, in it, and too late to do anything: behind the window, or behind the last bar of their symbol. */
export function countsOf(signals: Signals, data: readonly SimulationData[]) {
  let [before, inside, after] = [0, 0, 0];
  for (const { symbol, bars, range } of data) {
    const last = bars.length === 0 ? range.from : bars.time[bars.length - 1];
    for (const { time } of signals.get(symbol) ?? []) {
      if (time > last || time >= range.to) after += 1;
      else if (time < range.from) before += 1;
      else inside += 1;
    }
  }
  return { before, inside, after };
}
