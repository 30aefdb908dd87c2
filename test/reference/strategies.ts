import { neutralise, topK } from '../../src/strategy/across.ts';
import { defineStrategy, type StrategyDefinition } from '../../src/strategy/definition.ts';
import { roc, sma, stdev } from '../../src/strategy/indicators/index.ts';

const common = { hypothesis: 'none', universe: true, params: {}, calendar: 'none' } as const;

/** The strategies of universe.py, written against the contract. */
export const STRATEGIES: Readonly<Record<string, StrategyDefinition>> = {
  'rank-momentum': defineStrategy({
    ...common,
    family: 'rank-momentum',
    timeframe: '1d',
    warmup: 8,
    indicators: ({ close }) => ({ speed: roc(close, 7) }),
    decide(now) {
      const weights = topK(
        now.symbols.map(({ live, speed }) => (live ? speed : Number.NaN)),
        1,
      );
      for (const [i, symbol] of now.symbols.entries()) symbol.target(weights[i]);
    },
  }),
  'rank-reversal': defineStrategy({
    ...common,
    family: 'rank-reversal',
    timeframe: '4h',
    warmup: 7,
    indicators: ({ close }) => ({ speed: roc(close, 6) }),
    decide(now) {
      const weights = neutralise(now.symbols.map(({ live, speed }) => (live ? -speed : Number.NaN)));
      for (const [i, symbol] of now.symbols.entries()) symbol.target(rounded(weights[i], 8));
    },
  }),
  'pair-ratio': defineStrategy({
    ...common,
    family: 'pair-ratio',
    timeframe: '1h',
    warmup: 48,
    decide(now) {
      const [btc, ltc] = [now.of('BTCUSD'), now.of('LTCUSD')];
      if (!btc.live || !ltc.live) return;
      const ratios = Array.from({ length: 48 }, (_, k) => Math.log(btc.ago('close', k) / ltc.ago('close', k)));
      const mean = ratios.reduce((sum, ratio) => sum + ratio, 0) / 48;
      const deviation = Math.sqrt(ratios.reduce((sum, ratio) => sum + (ratio - mean) ** 2, 0) / 48);
      const z = (ratios[0] - mean) / deviation;
      const weight = z > 2 ? -0.5 : z < -2 ? 0.5 : Math.abs(z) < 0.5 ? 0 : undefined;
      if (weight === undefined) return;
      btc.target(weight);
      ltc.target(-weight);
    },
  }),
  'volatility-parity': defineStrategy({
    ...common,
    family: 'volatility-parity',
    timeframe: '1d',
    warmup: 21,
    indicators: ({ close }) => ({ risk: stdev(roc(close, 1), 20) }),
    decide(now) {
      const inverse = now.symbols.map(({ live, risk }) => (live ? 1 / risk : 0));
      const total = inverse.reduce((sum, value) => sum + value, 0);
      for (const [i, symbol] of now.symbols.entries()) symbol.target(rounded(inverse[i] / total, 10));
    },
  }),
  'market-regime': defineStrategy({
    ...common,
    family: 'market-regime',
    timeframe: '4h',
    warmup: 30,
    indicators: ({ close }) => ({ average: sma(close, 30) }),
    decide(now) {
      const btc = now.of('BTCUSD');
      const rising = btc.close > btc.average;
      for (const symbol of now.symbols) {
        if (!rising) symbol.target(0);
        else if (symbol.position === 0 && symbol.live) symbol.target(0.6, { stop: symbol.close * 0.97 });
      }
    },
  }),
};

/** To whole parts, the even one where both are as near, as Python rounds. */
function rounded(weight: number, parts: number): number {
  const scaled = weight * parts;
  const floor = Math.floor(scaled);
  const away = scaled - floor;
  return (away > 0.5 || (away === 0.5 && floor % 2 !== 0) ? floor + 1 : floor) / parts;
}
