import type { SimulationResult } from '../../../backtest/contract.ts';
import type { Activity, Day } from '../../../forward/entries.ts';
import { DAY, type Range } from '../../../market/bars.ts';
import { benchmarkReturns, dailyReturns } from '../../../metrics/returns.ts';

/** The days of a stretch of a simulation as the record has them; `hashOf` is the hash of a day's bars. */
export function daysOf(
  result: SimulationResult,
  about: { readonly run: string; readonly trial: string; readonly engine: string; readonly symbols: readonly string[] },
  hashOf: (day: Range) => string,
  { from, to }: Range,
): Day[] {
  const { run, trial, engine, symbols } = about;
  const returns = dailyReturns(result);
  const benchmark = benchmarkReturns(result);
  const fills = result.fills ?? [];
  const positions = symbols.map(() => 0);
  let next = 0;
  return Array.from(result.days).flatMap((day, d): Day[] => {
    const own: Day['fills'] = [];
    for (; next < fills.length && fills[next].time < day + DAY; next++) {
      const { time, symbol, price, quantity, fee, reason } = fills[next];
      positions[symbols.indexOf(symbol)] += quantity;
      own.push([time, symbol, price, quantity, fee, reason]);
    }
    if (day < from || day >= to) return [];
    return [
      {
        type: 'day',
        run,
        trial,
        day,
        return: returns[d],
        benchmark: benchmark[d],
        variation: result.dayVariation[d],
        benchmarkVariation: result.benchmarkVariation[d],
        fills: own,
        positions: [...positions],
        bars: hashOf({ from: day, to: day + DAY }),
        engine,
      },
    ];
  });
}

/** What was traded between the ends of two simulations that begin on the same day; from the beginning where there is no earlier one. */
export function activityOf(
  name: Activity['name'],
  result: SimulationResult,
  before: Omit<Activity, 'name'> | null,
): Activity {
  const whole = wholeOf(result);
  if (before === null) return { name, ...whole };
  const invested = whole.exposure * whole.bars - before.exposure * before.bars;
  return { name, ...summed((key) => whole[key] - before[key], Math.max(0, invested)) };
}

/** Figures of an activity that add up, and the bars times the exposure in them. */
function summed(of: (key: Exclude<keyof Activity, 'name' | 'exposure'>) => number, invested: number) {
  const bars = of('bars');
  return {
    days: of('days'),
    bars,
    fills: of('fills'),
    trades: of('trades'),
    exposure: bars > 0 ? invested / bars : 0,
    traded: of('traded'),
    costs: of('costs'),
  };
}

/** All of a simulation. */
export function wholeOf(result: SimulationResult): Omit<Activity, 'name'> {
  return {
    days: result.days.length,
    bars: result.bars,
    fills: result.fillCount,
    trades: result.trades.length,
    exposure: result.meanExposure,
    traded: result.traded,
    costs: result.fees + result.slippage + result.funding,
  };
}

/** Stretches of one account put together again. */
export function together(parts: readonly Activity[]): Omit<Activity, 'name'> {
  const invested = parts.reduce((total, { exposure, bars }) => total + exposure * bars, 0);
  return summed((key) => parts.reduce((total, each) => total + each[key], 0), invested);
}
