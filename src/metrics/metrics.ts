import type { SimulationResult } from '../backtest/contract.ts';
import { DAY } from '../market/bars.ts';
import { marketRelation } from './benchmark.ts';
import {
  annualReturn,
  benchmarkReturns,
  calmar,
  DAYS_A_YEAR,
  dailyReturns,
  dayProfits,
  expectedShortfall,
  turnover,
} from './returns.ts';
import { momentsOf, sharpeRatio, sortinoRatio } from './statistics/moments.ts';
import { concentration, expectancy, expectancyBps, holdingHours, profitFactor, winRate } from './trades.ts';
import { orNull } from './undefined.ts';

export { dailyReturns } from './returns.ts';

/** One candidate's numbers by name; null where a number is undefined, and a gate on null fails. See README.md. */
export type Metrics = Readonly<Record<string, number | null>>;

/** From a ratio or deviation per day to one per year. */
const ANNUAL = Math.sqrt(DAYS_A_YEAR);
/** Best entries whose share of the profit is shown. */
const TOP = 5;

/** Every number that Ralph reports of one simulation, from what the engine measured. README.md has the formulas. */
export function computeMetrics(result: SimulationResult): Metrics {
  const { cash, finalEquity, days, dayEquity, dayBenchmark, trades, symbols } = result;
  const returns = dailyReturns(result);
  const market = benchmarkReturns(result);
  const annual = annualReturn(cash, finalEquity, days.length);
  const held = annualReturn(1, dayBenchmark.at(-1) ?? Number.NaN, days.length);
  const relation = marketRelation(returns, market);
  const profits = symbols?.map(({ profit }) => profit);
  return {
    sharpe: orNull(sharpeRatio(returns) * ANNUAL),
    sortino: orNull(sortinoRatio(returns) * ANNUAL),
    calmar: calmar(annual, result.maxDrawdown),
    totalReturn: orNull(finalEquity / cash - 1),
    annualReturn: annual,
    annualVolatility: orNull(momentsOf(returns).deviation * ANNUAL),
    maxDrawdown: orNull(result.maxDrawdown),
    adverseExcursion: orNull(result.adverse),
    worstDay: returns.length === 0 ? null : orNull(-Math.min(...returns)),
    expectedShortfall: expectedShortfall(returns),
    underwaterDays: orNull(result.underwaterMs / DAY),
    trades: trades.length,
    roundTrips: orNull(result.roundTrips),
    profitFactor: profitFactor(trades.profit),
    expectancy: expectancy(trades.profit),
    expectancyBps: expectancyBps(trades),
    winRate: winRate(trades.profit),
    holdingHours: holdingHours(trades),
    exposure: orNull(result.meanExposure),
    timeInMarket: orNull(result.barsInPosition / result.bars),
    turnover: turnover(result.traded, dayEquity),
    costs: orNull((result.fees + result.slippage + result.funding) / cash),
    carry: orNull(-result.funding / cash),
    beta: relation.beta,
    benchmarkCorrelation: relation.correlation,
    alpha: relation.alpha === null ? null : relation.alpha * DAYS_A_YEAR,
    benchmarkReturn: held,
    benchmarkSharpe: orNull(sharpeRatio(market) * ANNUAL),
    excessReturn: annual === null || held === null ? null : annual - held,
    topDaysShare: concentration(dayProfits(result), TOP),
    topTradesShare: concentration(trades.profit, TOP),
    ...(profits && { topSymbolShare: concentration(profits, 1) }),
  };
}
