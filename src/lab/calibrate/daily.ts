import type { SimulationResult } from '../../backtest/contract.ts';
import { gaussian, seededRandom } from '../../base/random.ts';
import { inTurn } from '../../gates/workbench/spread.ts';
import type { Timeframe } from '../../market/bars.ts';
import { DAY } from '../../market/bars.ts';
import { DAYS_A_YEAR } from '../../metrics/returns.ts';
import type { Ground, Proposer } from './search/search.ts';
import { SELECTION_DAYS, TRAIN_DAYS } from './search/windows.ts';

/** Families that the daily trials pretend to belong to. */
const FAMILIES = 8;
const DEVIATION = 0.4 / Math.sqrt(DAYS_A_YEAR);

/**
 * The rule without a market: normal daily returns of independent candidates, four years of train and one of selection, none of them with skill
 * but, where a Sharpe ratio is given, exactly one at a random place. No costs, no bars: the hardest noise (100 independent tries) and the plainest
 * power, in milliseconds, through the same gates. Stress and neighbours answer like the base simulation.
 */
export function dailyGround(
  { name, sharpe, trials }: { name: string; sharpe?: number; trials: number },
  index: number,
): Ground {
  const seed = `${name} ${index}`;
  const random = seededRandom(seed);
  const skilled = sharpe === undefined ? -1 : Math.floor(random() * trials);
  const benchmark = draw(`${seed} benchmark`, 0, TRAIN_DAYS + SELECTION_DAYS);
  return {
    train: { from: 0, to: TRAIN_DAYS * DAY },
    selectionDays: SELECTION_DAYS,
    benchOf: ({ params }) => {
      const { trial } = params;
      const returns = draw(`${seed} ${trial}`, trial - 1 === skilled ? (sharpe ?? 0) : 0, TRAIN_DAYS + SELECTION_DAYS);
      const part = (from: number, to?: number) =>
        resultOf(returns.subarray(from, to), benchmark.subarray(from, to), seed + trial + from);
      const [train, fold] = [part(0, TRAIN_DAYS), part(TRAIN_DAYS)];
      return {
        folds: 1,
        // Nothing here is tuned.
        ...inTurn(async () => ({ ok: true, value: [train] })),
        simulate: async (window, requests) => ({
          ok: true,
          value: requests.map(({ params: { trial: asked } }) => {
            if (window !== 'train') return fold;
            // A neighbour trades otherwise and earns the same.
            return asked === trial ? train : { ...train, equityFingerprint: `${train.equityFingerprint} ${asked}` };
          }),
        }),
        surrogates: async (requests) => ({
          ok: true,
          value: requests.map(({ surrogate }) => {
            if (surrogate!.noise) return train;
            const own = `${seed} ${trial} surrogate ${surrogate!.drift} ${surrogate!.index}`;
            return resultOf(draw(own, 0, TRAIN_DAYS), benchmark.subarray(0, TRAIN_DAYS), own);
          }),
        }),
        audit: async (_, cuts) => ({ ok: true, value: { cuts, compared: 0, leak: null } }),
        close: async () => {},
      };
    },
  };
}

/** Trial after trial; its number is the parameter. */
export const dailyProposer: Proposer = (done) => {
  const trial = done.length + 1;
  const definition = {
    family: `family-${trial % FAMILIES}`,
    hypothesis: 'none',
    timeframe: '1d' as Timeframe,
    params: {},
    warmup: 0,
    decide: () => {},
  };
  return { space: { name: 'daily', definition, values: {} }, params: { trial } };
};

function draw(seed: string, sharpe: number, days: number): Float64Array {
  const random = seededRandom(seed);
  const mean = (sharpe * DEVIATION) / Math.sqrt(DAYS_A_YEAR);
  return Float64Array.from({ length: days }, () => mean + DEVIATION * gaussian(random));
}

/** A simulation with these daily returns and enough of everything else to pass the plain gates. */
function resultOf(returns: Float64Array, benchmark: Float64Array, equityFingerprint: string): SimulationResult {
  const trades = 100;
  const profit = Float64Array.from({ length: trades }, (_, i) => (i % 2 === 0 ? 2 : -1));
  const column = () => new Float64Array(trades).fill(1);
  return {
    scenario: 'base',
    params: {},
    cash: 1,
    finalEquity: 1,
    days: Float64Array.from(returns, (_, day) => day * DAY),
    dayEquity: levels(returns),
    dayBenchmark: levels(benchmark),
    dayVariation: returns.map((change) => change * change),
    benchmarkVariation: benchmark.map((change) => change * change),
    trades: {
      length: trades,
      symbol: new Uint8Array(trades),
      side: new Int8Array(trades).fill(1),
      entryTime: column(),
      exitTime: column(),
      entryPrice: column(),
      exitPrice: column(),
      quantity: column(),
      profit,
    },
    maxDrawdown: 0,
    underwaterMs: 0,
    adverse: 0,
    roundTrips: trades,
    bars: returns.length,
    barsInPosition: returns.length,
    meanExposure: 1,
    traded: 1,
    fees: 0,
    slippage: 0,
    funding: 0,
    decisions: returns.length,
    fillCount: 2 * trades,
    refused: 0,
    ruined: false,
    equityFingerprint,
  };
}

function levels(returns: Float64Array): Float64Array {
  let level = 1;
  return returns.map((change) => {
    level *= 1 + change;
    return level;
  });
}
