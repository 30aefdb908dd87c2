import type { SimulationData } from '../../../backtest/engine.ts';
import { firstIndex } from '../../../base/numbers.ts';
import { MINUTE, TIMEFRAME_MS, TIMEFRAMES, type Timeframe } from '../../../market/bars.ts';
import type { StrategyDefinition } from '../../../strategy/definition.ts';
import type { Now } from '../../../strategy/now.ts';
import type { SymbolView, UniverseNow } from '../../../strategy/universe.ts';
import type { SignalRow, Signals } from './file.ts';

/** Signals of one symbol in the order in which they take effect. */
interface Due {
  readonly row: SignalRow;
  /** Close of the bar at whose end the order is given, so that it is live in the next one; epoch ms. */
  readonly moment: number;
}

/** When each signal takes effect on some bars, symbol by symbol. */
export interface Schedule {
  readonly timeframe: Timeframe;
  readonly due: ReadonlyMap<string, readonly Due[]>;
  /** Signals of the window that a later one takes the place of before a bar comes in which they could fill. */
  readonly overtaken: number;
}

/**
 * Gives each signal to the end of the last bar that opened before its time: its order is live in the first bar that opens at its time or after it. What
 * falls into a gap waits for the bar behind it, and the last one counts.
 */
export function scheduleOf(signals: Signals, data: readonly SimulationData[]): Schedule {
  const [{ interval = MINUTE }] = data;
  const timeframe = TIMEFRAMES.find((each) => TIMEFRAME_MS[each] >= interval) ?? '1m';
  const length = TIMEFRAME_MS[timeframe];
  const closeOf = (time: number) => (Math.floor(time / length) + 1) * length;
  let overtaken = 0;
  const due = data.map(({ symbol, bars: { time }, range }) => {
    const first = firstIndex(time.length, (k) => closeOf(time[k]) >= range.from);
    // Nothing is decided before: what was known by then holds from the start.
    const start = first < time.length ? closeOf(time[first]) : range.from;
    const own = (signals.get(symbol) ?? []).flatMap((row) => {
      const bar = firstIndex(time.length, (k) => time[k] >= row.time);
      if (bar === time.length) return [];
      return [{ row, moment: bar === 0 ? start : Math.max(start, closeOf(time[bar - 1])) }];
    });
    overtaken += own.filter(({ row, moment }, i) => row.time >= range.from && own[i + 1]?.moment === moment).length;
    return [symbol, own] as const;
  });
  return { timeframe, due: new Map(due), overtaken };
}

/** A strategy that does what a file says, each signal once. Data and no code: it is trusted, and sees the time. For one simulation. */
export function signalStrategy({ timeframe, due }: Schedule): StrategyDefinition {
  const next = new Map<string, number>();
  const decide = ({ symbols }: UniverseNow) => {
    for (const symbol of symbols) {
      if (!symbol.live) continue;
      const own = due.get(symbol.name) ?? [];
      const first = next.get(symbol.name) ?? 0;
      if (first === own.length) continue;
      const now = timeOf(symbol);
      let at = first;
      while (at < own.length && own[at].moment <= now) at += 1;
      if (at === first) continue;
      next.set(symbol.name, at);
      obey(symbol, own[at - 1].row);
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
