import type { SimulationData } from '../../../backtest/engine.ts';
import { type Bars, barsBetween, DAY, type Range } from '../../../market/bars.ts';
import { type MemoryWindows, WARMUP_DAYS } from './memory-workbench.ts';

/** Ranges of one calibration market. */
export interface CalibrationRanges {
  readonly train: Range;
  readonly folds: readonly Range[];
  readonly warmupMs: number;
}

export const TRAIN_DAYS = 4 * 365;
const EMBARGO_DAYS = 7;
export const SELECTION_DAYS = 365;
const FOLDS = 4;

/** Days of a simulated calibration market, warm-up and embargo included. */
export const MARKET_DAYS = WARMUP_DAYS + TRAIN_DAYS + EMBARGO_DAYS + SELECTION_DAYS;

/** Four years of train, a week of embargo, one year of selection in four folds, from the first bar on. */
export function standardRanges(start: number): CalibrationRanges {
  const train = { from: start + WARMUP_DAYS * DAY, to: start + (WARMUP_DAYS + TRAIN_DAYS) * DAY };
  const first = train.to + EMBARGO_DAYS * DAY;
  const fold = (SELECTION_DAYS / FOLDS) * DAY;
  const folds = Array.from({ length: FOLDS }, (_, i) => ({
    from: midnight(first + i * fold),
    to: midnight(first + (i + 1) * fold),
  }));
  return { train, folds, warmupMs: WARMUP_DAYS * DAY };
}

/** Cuts series into windows, each with its warm-up; nothing after a window's end is handed to it. */
export function windowsOf(
  series: Readonly<Record<string, Bars>>,
  { train, folds, warmupMs }: CalibrationRanges,
): MemoryWindows {
  const cut = (range: Range): SimulationData[] =>
    Object.entries(series).map(([symbol, bars]) => ({
      symbol,
      bars: barsBetween(bars, range.from - warmupMs, range.to),
      range,
    }));
  return { train: cut(train), folds: folds.map(cut) };
}

function midnight(time: number): number {
  return Math.floor(time / DAY) * DAY;
}
