import type { SimulationData } from '../../engine.ts';
import type { EngineMarket, Sizing, SymbolCosts } from '../../market.ts';

/** By what prices and volumes of each symbol are multiplied. */
interface Scaling {
  readonly scales: readonly number[];
  readonly volumes: readonly number[];
}

/**
 * The market whose prices and volumes are scaled. Quantities are scaled back, so that money stays what it was: what the equity is must not tell the
 * scale.
 */
export function scaledMarket(
  data: readonly SimulationData[],
  market: EngineMarket,
  { scales, volumes }: Scaling,
): EngineMarket {
  const factors = new Map(data.map(({ symbol }, s) => [symbol, { price: scales[s], volume: volumes[s] }]));
  const symbols = Object.entries(market.symbols).map(([symbol, costs]) => {
    const { price, volume } = factors.get(symbol) ?? { price: 1, volume: 1 };
    return [symbol, rulesAt(costs, { price, quantity: 1 / price, volume })] as const;
  });
  return { ...market, sizing: sizingAt(market.sizing, 1 / scales[0]), symbols: Object.fromEntries(symbols) };
}

/** The same market for another account: money and quantities of `from` are what `to` were, and the very same trades are possible. */
export function marketFor(
  market: EngineMarket,
  { from, to }: { readonly from: number; readonly to: number },
): EngineMarket {
  const quantity = to / from;
  const symbols = Object.entries(market.symbols).map(
    ([symbol, costs]) => [symbol, rulesAt(costs, { price: 1, quantity, volume: 1 })] as const,
  );
  return { ...market, cash: to, sizing: sizingAt(market.sizing, quantity), symbols: Object.fromEntries(symbols) };
}

/**
 * The rules of trading where prices, quantities and volumes are multiplied by these: exactly the same trades are possible, also where tick, lot or
 * smallest order are in the way. Without them a candidate could tell this run from the one that it is judged by.
 */
function rulesAt(
  { tick, lot, minQuantity = 0, minNotional, participation, impactBps = 0, ...costs }: SymbolCosts,
  { price, quantity, volume }: { readonly price: number; readonly quantity: number; readonly volume: number },
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

/** What a weight is does not change with the account, but for a number of units. */
function sizingAt(sizing: Sizing, quantity: number): Sizing {
  return sizing.mode === 'units' ? { ...sizing, units: sizing.units * quantity } : sizing;
}
