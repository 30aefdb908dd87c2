// The order matters: nothing else may run before the intrinsics are frozen, as in the evaluation child.
import '../../backtest/box/child/lockdown.ts';
import { loadSplitStrategy } from '../../backtest/box/child/load.ts';
import { simulate } from '../../backtest/engine.ts';
import { MINUTE } from '../../market/bars.ts';
import { plainCross } from './plain.ts';
import { market } from './terms.ts';
import { walk } from './walk.ts';

/**
 * A process like the evaluation child (frozen intrinsics, candidate in its compartment, no rights) that also plays the plain
 * loop. Arguments: task, number of bars, the candidate's script. Prints one JSON value.
 */
const [task, length, code] = process.argv.slice(2);
const bars = walk(Number(length), 7);
const window = { symbol: 'X', bars, range: { from: bars.time[0], to: bars.time[bars.length - 1] + MINUTE } };
const scenario = { name: 'base', costMultiplier: 1, delayBars: 0, missEvery: 0 };
const strategy = loadSplitStrategy(code);
const BATCH = 20;
const POINTS = 200;
const play = (params = {}) => simulate(strategy, [window], { params, scenario, detail: 'summary' }, market);

const tasks: Record<string, () => unknown> = {
  /** Both in turn, after a warm-up, so that a noisy minute hits both. */
  pair: () => {
    const [plain, engine] = alternate([() => plainCross(bars, 10, 50, 0.9, 0.001), () => play()], 30, 8);
    return { plain, engine };
  },
  alone: () => {
    const [engine] = alternate([() => play()], 30, 8);
    return { engine, trades: play().trades.length };
  },
  /** A batch of distinct points against the same number of plain repetitions, and the memory after a tenth of them and after all. */
  sweep: () => {
    for (let i = 0; i < 30; i++) play();
    const bare = milliseconds(() => {
      for (let i = 0; i < POINTS; i++) play();
    });
    const memory: number[] = [];
    const all = milliseconds(() => {
      for (let i = 0; i < POINTS; i++) {
        play({ fast: 5 + (i % 20), slow: 40 + 2 * Math.floor(i / 20) });
        if (i === POINTS / 10 || i === POINTS - 1) memory.push(process.memoryUsage().rss / 1e6);
      }
    });
    return { bare: bare / POINTS, each: all / POINTS, earlyMb: memory[0], lateMb: memory[1] };
  },
  /** One simulation and the memory it took. */
  once: () => {
    const before = process.resourceUsage().maxRSS;
    let trades = 0;
    const taken = milliseconds(() => {
      trades = play().trades.length;
    });
    return {
      milliseconds: taken,
      trades,
      peakMb: process.resourceUsage().maxRSS / 1024,
      dataMb: before / 1024,
    };
  },
};

/**
 * Milliseconds a run of each, from the least disturbed of the rounds: the fastest is nearest to what the code costs. The clock of
 * processor time may tick as slowly as every 4 ms, so that each round times a batch.
 */
function alternate(each: readonly (() => unknown)[], warmup: number, rounds: number): number[] {
  const best = each.map(() => Infinity);
  for (let i = 0; i < warmup; i++) for (const run of each) run();
  for (let round = 0; round < rounds; round++) {
    each.forEach((run, i) => {
      const taken = milliseconds(() => {
        for (let n = 0; n < BATCH; n++) run();
      });
      best[i] = Math.min(best[i], taken / BATCH);
    });
  }
  return best;
}

/** Processor time of this thread: on a quiet machine wall time, on a shared one still ours alone. */
function milliseconds(work: () => void): number {
  const before = process.threadCpuUsage();
  work();
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1000;
}

process.stdout.write(JSON.stringify(tasks[task]()));
