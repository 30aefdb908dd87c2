import type { SimulationResult } from '../../backtest/contract.ts';
import { PROJECT_DIR } from '../../base/roots.ts';
import type { RunEvent } from '../../journal/events.ts';
import { configFolderOf } from '../../journal/projections/rows.ts';
import { stateOf } from '../../journal/state/run-state.ts';
import { type Bars, barsBetween, DAY, HOUR, MINUTE, type Range } from '../../market/bars.ts';
import { readWindowFile } from '../../market/window-file.ts';
import type { Tape, TapeRequest, TapeTrade } from '../../page/tape.ts';
import { trainResult } from '../../task/trading/trial/train-result.ts';

/** Minutes of bars of a few years fill memory: they are let go when nobody has zoomed for so long. */
const KEPT_MS = 5 * 60_000;

/**
 * Bars and fills of a trial, null for one that has no result. The trial is played once more for it; the last one played is kept, since
 * a reader who zooms asks for the same one again and again. Rejects with a RalphError where it cannot be played as it was.
 */
export function tapesOf(
  dir: string,
  config: string | undefined,
  current: () => readonly RunEvent[],
): (name: string, request: TapeRequest) => Promise<Tape | null> {
  let last: { readonly name: string; readonly source: Promise<TapeSource | null> } | null = null;
  let letGo: NodeJS.Timeout | undefined;
  return async (name, request) => {
    clearTimeout(letGo);
    letGo = setTimeout(() => {
      last = null;
    }, KEPT_MS).unref();
    if (last?.name !== name) last = { name, source: play(dir, config, current(), name) };
    const { source } = last;
    try {
      const played = await source;
      return played && tapeOf(played, request);
    } catch (thrown) {
      if (last?.source === source) last = null;
      throw thrown;
    }
  };
}

async function play(runDir: string, config: string | undefined, events: readonly RunEvent[], name: string) {
  const trial = stateOf(events).byTrial.get(name);
  if (!trial?.finished?.equityFingerprint) return null;
  const configDir = config ?? configFolderOf(events, PROJECT_DIR);
  const options = { projectDir: PROJECT_DIR, configDir, runDir };
  const { result, symbols, windowFiles } = await trainResult(options, trial);
  const windows = new Map<string, ReturnType<typeof readWindowFile>>();
  /** Bars of a symbol, warm-up included, and the train window. */
  const barsOf = (symbol: string) => {
    const path = windowFiles[symbols.indexOf(symbol)];
    const window = windows.get(path) ?? readWindowFile(path);
    windows.set(path, window);
    return window;
  };
  return { result, symbols, barsOf };
}

/** Candles that a chart shows at most, and what it and its list can hold beside them. */
const MOST_CANDLES = 400;
const MOST_FILLS = 400;
const MOST_TRADES = 500;
const INTERVALS = [1, 5, 15, 60, 240, 1440, 7 * 1440].map((minutes) => minutes * MINUTE);
/** What is shown of a trade beside itself, and of a window without one. */
const LEAST = 6 * HOUR;
const FIRST_LOOK = 30 * DAY;

type TapeSource = NonNullable<Awaited<ReturnType<typeof play>>>;

/** The candles and fills of a stretch. What lies outside of train is never shown. */
function tapeOf({ result, symbols, barsOf }: TapeSource, request: TapeRequest): Tape {
  const index = Math.max(0, symbols.indexOf(request.symbol ?? ''));
  const symbol = symbols[index];
  const { bars, range } = barsOf(symbol);
  const trades = tradesIn(result, index);
  const { from, to } = stretch(request, range, trades[0]);
  const fills = (result.fills ?? []).filter((fill) => fill.symbol === symbol && fill.time >= from && fill.time < to);
  return {
    symbols,
    symbol,
    window: range,
    from,
    to,
    ...candles(barsBetween(bars, from, to), to - from),
    fills: fills
      .slice(0, MOST_FILLS)
      .map(({ time, price, quantity, reason }) => ({ at: time, price, quantity, reason })),
    fillsLeftOut: Math.max(0, fills.length - MOST_FILLS),
    trades: trades.slice(0, MOST_TRADES),
    tradesLeftOut: Math.max(0, trades.length - MOST_TRADES),
  };
}

/** The stretch asked for, within the window and no shorter than a chart can use. */
function stretch({ from, to }: TapeRequest, range: Range, newest: TapeTrade | undefined): Range {
  const asked = Number.isFinite(from) && Number.isFinite(to) && to > from;
  const middle = newest ? (newest.entryAt + newest.exitAt) / 2 : range.to;
  const half = newest ? Math.max(LEAST, 2 * (newest.exitAt - newest.entryAt)) : FIRST_LOOK / 2;
  const [first, last] = asked ? [from, to] : [middle - half, middle + half];
  const length = Math.min(range.to - range.from, Math.max(last - first, LEAST));
  const start = Math.min(Math.max(first, range.from), range.to - length);
  return { from: start, to: start + length };
}

function candles(bars: Bars, length: number): Pick<Tape, 'interval' | 'times' | 'open' | 'high' | 'low' | 'close'> {
  const interval = INTERVALS.find((each) => length / each <= MOST_CANDLES) ?? INTERVALS.at(-1)!;
  const [times, open, high, low, close]: number[][] = [[], [], [], [], []];
  for (let i = 0; i < bars.length; i++) {
    const start = (Math.floor(bars.time[i] / interval) * interval) / 1000;
    const last = times.length - 1;
    if (times[last] === start) {
      high[last] = Math.max(high[last], bars.high[i]);
      low[last] = Math.min(low[last], bars.low[i]);
      close[last] = bars.close[i];
    } else {
      times.push(start);
      open.push(bars.open[i]);
      high.push(bars.high[i]);
      low.push(bars.low[i]);
      close.push(bars.close[i]);
    }
  }
  return { interval, times, open, high, low, close };
}

/** Closed trades of a symbol, the newest first. */
function tradesIn({ trades }: SimulationResult, symbol: number): TapeTrade[] {
  const own: TapeTrade[] = [];
  for (let i = trades.length - 1; i >= 0; i--) {
    if (trades.symbol[i] !== symbol) continue;
    own.push({
      side: trades.side[i] > 0 ? 'long' : 'short',
      entryAt: trades.entryTime[i],
      exitAt: trades.exitTime[i],
      entryPrice: trades.entryPrice[i],
      exitPrice: trades.exitPrice[i],
      profit: trades.profit[i],
    });
  }
  return own;
}
