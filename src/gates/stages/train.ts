import type { SimulationResult } from '../../backtest/contract.ts';
import { computeMetrics, type Metrics } from '../../metrics/metrics.ts';
import { dayProfits } from '../../metrics/returns.ts';
import { profitFactor } from '../../metrics/trades.ts';
import { atLeast, atMost, plain } from '../check.ts';
import type { GatesConfig } from '../config.ts';
import { type Evidence, evidenceOf } from '../evidence.ts';
import { scoreOf } from '../score.ts';
import type { GateResult } from '../verdict.ts';
import type { TrainFindings } from './stage.ts';

const read = new WeakMap<SimulationResult, { readonly evidence: Evidence; readonly metrics: Metrics }>();

/** What one simulation says under any gates; calibration judges the same one under many. */
function readingOf(result: SimulationResult) {
  const found = read.get(result) ?? { evidence: evidenceOf(result), metrics: computeMetrics(result) };
  read.set(result, found);
  return found;
}

/** Reads a simulation of the whole train window. */
export function trainFindings(result: SimulationResult, config: GatesConfig): TrainFindings {
  const { evidence } = readingOf(result);
  return { result, evidence, score: scoreOf(evidence.returns, result.meanExposure, config.score, evidence.hiddenRisk) };
}

/** Agent-visible numbers of the train side. */
export function trainMetrics({ result, evidence }: TrainFindings): Metrics {
  return {
    ...readingOf(result).metrics,
    sharpe: finite(evidence.sharpe),
    hiddenRisk: finite(evidence.hiddenRisk),
    activeSharpe: finite(evidence.activeSharpe),
    beta: finite(evidence.beta),
    benchmarkCorrelation: finite(evidence.correlation),
  };
}

/** Plain demands on the train window at normal costs. */
export function trainGates({ result, evidence }: TrainFindings, config: GatesConfig): GateResult[] {
  const stage = 'train';
  const { train } = config;
  // Of the days where a book that is always invested closes too few trades.
  const profits = result.trades.length >= train.minTrades ? result.trades.profit : dayProfits(result);
  return [
    plain(stage, 'solvent', !result.ruined, 'risk', result.ruined ? 'equity reached zero' : 'equity stays above zero'),
    atLeast(stage, 'trades', Math.floor(result.roundTrips + 1e-6), train.minTrades, { class: 'too_few', digits: 0 }),
    atLeast(stage, 'exposure', result.meanExposure, train.minExposure, { class: 'too_few', digits: 3 }),
    atMost(stage, 'benchmarkCorrelation', evidence.correlation, train.maxBenchmarkCorrelation, {
      class: 'redundant',
      label: 'correlation with buy-and-hold',
    }),
    atMost(stage, 'hiddenRisk', evidence.hiddenRisk, train.maxHiddenRisk, {
      class: 'hidden_risk',
      label: 'risk within the day',
      note: 'variation by the minute over that by the day, in units of the market',
    }),
    atLeast(stage, 'sharpe', sharpeValue(evidence), train.minSharpe, { class: 'no_edge' }),
    atLeast(stage, 'profitFactor', profitFactor(profits) ?? Number.NaN, train.minProfitFactor, {
      class: 'no_edge',
      label: 'profit factor',
    }),
    atMost(stage, 'drawdown', result.maxDrawdown, train.maxDrawdown, { class: 'risk' }),
  ];
}

function sharpeValue({ returns, sharpe }: Evidence): number {
  return returns.length < 30 ? Number.NaN : sharpe;
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
