import type { SimulationData } from '../../engine.ts';
import type { EngineMarket, SymbolCosts } from '../../market.ts';

/** By what prices and volumes of each symbol are multiplied. */
interface Scaling {
  readonly scales: readonly number[];
  readonly volumes: readonly number[];
}

/**
 * The market whose prices and volumes are scaled. Quantities are scaled back, so that money stays what it was: the equity must not tell the
 * scale.
 */
export function scaledMarket(
  data: readonly SimulationData[],
  market: EngineMarket,
  { scales, volumes }: Scaling,
): EngineMarket {
  const factors = new Map(
    data.map(({ symbol }, s) => [symbol, { price: scales[s], quantity: 1 / scales[s], volume: volumes[s] }]),
  );
  return { ...market, ...rulesAt(market, (symbol) => factors.get(symbol) ?? SAME, 1 / scales[0]) };
}

/** The same market for another account: money and quantities of `from` are what `to` were, and the very same trades are possible. */
export function marketFor(
  market: EngineMarket,
  { from, to }: { readonly from: number; readonly to: number },
): EngineMarket {
  const quantity = to / from;
  return { ...market, cash: to, ...rulesAt(market, () => ({ ...SAME, quantity }), quantity) };
}

/** By what a symbol's prices, quantities and volumes are multiplied. */
interface Factors {
  readonly price: number;
  readonly quantity: number;
  readonly volume: number;
}

const SAME: Factors = { price: 1, quantity: 1, volume: 1 };

/**
 * The rules of trading with such factors: exactly the same trades are possible, also where tick, lot or smallest order are in the way. Without them a
 * candidate could tell this run from the one that it is judged by. `units`: the factor of a sizing in units.
 */
function rulesAt(
  { sizing, symbols }: EngineMarket,
  factorsOf: (symbol: string) => Factors,
  units: number,
): Pick<EngineMarket, 'sizing' | 'symbols'> {
  const costs = Object.entries(symbols).map(([symbol, each]) => [symbol, costsAt(each, factorsOf(symbol))] as const);
  return {
    sizing: sizing.mode === 'units' ? { ...sizing, units: sizing.units * units } : sizing,
    symbols: Object.fromEntries(costs),
  };
}

function costsAt(
  { tick, lot, minQuantity = 0, minNotional, participation, impactBps = 0, ...costs }: SymbolCosts,
  { price, quantity, volume }: Factors,
): SymbolCosts {
  return {
    ...costs,
    tick: tick * price,
    lot: lot * quantity,
    minQuantity: minQuantity * quantity,
    minNotional: minNotional * price * quantity,
    // The same share of what a position is, not of the volume.
    participation: (participation * quantity) / volume,
    impactBps: (impactBps * volume) / quantity,
  };
}
