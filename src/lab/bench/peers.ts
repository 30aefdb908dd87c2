/** The same task elsewhere: engine, time, bars a second, peak memory, speed as a share of the plain loop of that machine. */
export const PEERS: readonly (readonly string[])[] = [
  ['C -O2 loop', '1.5 ms', '321-357 M', '-', '2.7'],
  ['plain JS loop over Float64Array', '4.1 ms', '121-132 M', '159 MB', '1'],
  ['JS, callback a bar and an order queue', '8.5 ms', '57-65 M', '205 MB', '0.48'],
  ['JS, object a bar, incremental indicators', '82 ms', '6.4 M', '650 MB', '0.05'],
  ['vectorbt 0.26 (after a 3 s JIT)', '78-163 ms', '3.2-6.8 M', '612 MB', '0.03-0.05'],
  ['grademark (npm)', '270 ms', '2 M', '372 MB', '0.015'],
  ['backtesting.py', '2.7 s', '196 k', '261 MB', '0.0015'],
  ['backtrader', '52 s', '10 k', '350 MB', '0.00008'],
  ['backtest-kit (npm)', '78 s', '6.6 k', '501 MB', '0.00005'],
];
