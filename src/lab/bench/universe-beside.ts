// The order matters: nothing else may run before the intrinsics are frozen, as in the evaluation child.
import '../../backtest/box/child/lockdown.ts';
import { loadSplitStrategy } from '../../backtest/box/child/load.ts';
import { simulate } from '../../backtest/engine.ts';
import type { EngineMarket } from '../../backtest/market.ts';
import { type Bars, MINUTE } from '../../market/bars.ts';
import { market as terms } from './terms.ts';
import { walk } from './walk.ts';

/**
 * A process like the evaluation child that plays one strategy on some symbols. Arguments: symbols, bars each, rounds, plays a
 * round (the clock of processor time may tick as slowly as every 4 ms), the candidate's script. Prints processor time and memory as JSON.
 */
const [symbols, length, rounds, plays, code] = process.argv.slice(2);
const names = Array.from({ length: Number(symbols) }, (_, s) => `X${String(s).padStart(2, '0')}`);
/** Symbols are parts of one long walk, each some hours later than the one before; every one has columns of its own. */
const APART = 997;
const long = walk(Number(length) + APART * names.length, 7);
const data = names.map((symbol, s) => {
  const bars = cut(long, s * APART);
  return { symbol, bars, range: { from: bars.time[0], to: bars.time[bars.length - 1] + MINUTE } };
});
const costs = { ...terms.symbols.X, kind: 'perpetual', makerBps: 1, takerBps: 1 } as const;
const market: EngineMarket = {
  cash: terms.cash,
  sizing: { mode: 'fraction', fraction: 1 },
  symbols: Object.fromEntries(names.map((name) => [name, costs])),
};
const strategy = loadSplitStrategy(code);
const scenario = { name: 'base', costMultiplier: 1, delayBars: 0, missEvery: 0 };

let best = Number.POSITIVE_INFINITY;
let fills = 0;
for (let round = 0; round < Number(rounds); round++) {
  const before = process.threadCpuUsage();
  for (let play = 0; play < Number(plays); play++) {
    fills = simulate(strategy, data, { params: {}, scenario, detail: 'summary' }, market).fillCount;
  }
  const { user, system } = process.threadCpuUsage(before);
  best = Math.min(best, (user + system) / 1000 / Number(plays));
}
const { maxRSS } = process.resourceUsage();
process.stdout.write(JSON.stringify({ milliseconds: best, fills, peakMb: maxRSS / 1024 }));

function cut(bars: Bars, first: number): Bars {
  const [open, high, low, close, volume] = [bars.open, bars.high, bars.low, bars.close, bars.volume].map((column) =>
    column.slice(first, first + Number(length)),
  );
  return { length: Number(length), time: bars.time.slice(0, Number(length)), open, high, low, close, volume };
}
