import { benchmarkOf } from './account/days.ts';
import { noteExcursion } from './account/excursion.ts';
import type { SimulationRequest, SimulationResult, SymbolResult } from './contract.ts';
import type { Run } from './run.ts';
import { standingsOf } from './standing.ts';
import { heldTogether } from './universe/benchmark.ts';

/** What the simulation measured. A ruined account is worth nothing from that day on. */
export function resultOf(run: Run, request: SimulationRequest): SimulationResult {
  const { account, curve, days, desks, dayEquity } = run;
  const { ledger } = account;
  const ends: number[] = [];
  for (const [s, desk] of desks.entries()) {
    const last = days[s].to - 1;
    // A symbol without bars ends nowhere.
    if (desk.bars.length > 0) ends.push(desk.bars.time[Math.max(0, last)]);
    if (desk.position !== 0) noteExcursion(desk, last, desk.bars.close[last]);
  }
  ledger.resolve(desks.map((desk) => desk.bars.time));
  const lastDay = dayEquity.length - 1;
  const finalEquity = account.ruined || lastDay < 0 ? (account.ruined ? 0 : account.start) : dayEquity[lastDay];
  curve.finish(Math.max(...ends));
  return {
    scenario: request.scenario.name,
    params: run.asked,
    cash: account.start,
    finalEquity,
    days: days[0].time.slice(),
    dayEquity,
    dayBenchmark: run.members ? heldTogether(run).level.slice() : benchmarkOf(days),
    dayVariation: run.variation.days,
    benchmarkVariation: run.benchmarkVariation,
    trades: ledger.tradeColumns(request.detail === 'days' ? 0 : undefined),
    maxDrawdown: curve.maxDrawdown,
    underwaterMs: curve.underwater,
    adverse: account.adverse,
    roundTrips: account.roundTrips,
    bars: run.bars,
    barsInPosition: run.barsInPosition,
    meanExposure: run.bars === 0 ? 0 : run.exposure / run.bars,
    traded: account.traded,
    fees: account.fees,
    slippage: account.slippage,
    funding: account.funding,
    decisions: run.decisions,
    fillCount: ledger.fills,
    refused: account.refused,
    ruined: account.ruined,
    equityFingerprint: ledger.fingerprint(dayEquity),
    ...(run.strategy.universe && { symbols: symbolsOf(run) }),
    ...(request.detail === 'full' && {
      fills: ledger.fillList(desks.map((desk) => desk.symbol)),
      standings: standingsOf(run),
    }),
  };
}

function symbolsOf({ account, desks, bars }: Run): SymbolResult[] {
  const { cash, traded } = account.ledger.flows(desks.length);
  const { last } = account.positions!;
  return desks.map((desk, s) => ({
    symbol: desk.symbol,
    profit: cash[s] - desk.funded + (desk.position === 0 ? 0 : desk.position * last[s]),
    traded: traded[s],
    exposure: bars === 0 ? 0 : desk.exposure / bars,
  }));
}
