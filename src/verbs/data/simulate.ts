import { print, printJson } from '../../base/draw/terminal.ts';
import { simulateMarket } from '../../market/simulate.ts';
import { storeBars } from '../../market/store/store-bars.ts';
import type { Handler } from '../table/table.ts';
import { marketOf, withDatabase } from './common.ts';

/** Stores a seeded market and says which edges are planted in it. JSON: {symbol, bars, inserted, edges}. */
export const dataSimulate: Handler<'data simulate'> = async ({
  symbol,
  seed,
  days,
  from,
  edge,
  config,
  dataDir,
  json,
}) => {
  const { bars, edges } = simulateMarket({
    seed: /^-?\d+$/.test(seed) ? Number(seed) : seed,
    minutes: days * 1440,
    start: from,
    edges: [...edge],
  });
  const { inserted } = await withDatabase(marketOf(config, dataDir), (db) =>
    storeBars(db, symbol, bars, `simulated, seed ${seed}`),
  );
  if (json) printJson({ symbol, bars: bars.length, inserted, edges });
  else {
    print(`${symbol}: ${bars.length} bars over ${days} days, ${inserted} inserted`);
    for (const { description, annualSharpe, oracleSharpe } of edges)
      print(`planted: ${description}; oracle Sharpe ${annualSharpe} asked, ${oracleSharpe.toFixed(2)} on this path`);
    if (edges.length === 0) print('no edge is planted: whatever a search finds here is luck');
  }
};
