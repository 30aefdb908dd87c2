import type { EngineMarket } from '../../backtest/market.ts';

/** What every engine bench trades under: one unit, 10 bps a side, no slippage, as the peers were measured. */
export const market: EngineMarket = {
  cash: 10_000_000,
  sizing: { mode: 'units', units: 1 },
  symbols: {
    X: {
      kind: 'spot',
      makerBps: 10,
      takerBps: 10,
      slippageBps: 0,
      rangeShare: 0,
      participation: 0,
      tick: 0,
      lot: 0,
      minNotional: 0,
    },
  },
};
