import { toScript } from '../../backtest/compile/transform.ts';
import { crossBench } from './box/cross.ts';
import type { Figures } from './figures.ts';
import { likeChild } from './like-child.ts';
import { CROSS, HOURLY } from './strategies.ts';

const BARS = 525_600;
const MANY = 5_000_000;

/**
 * The real box beside the plain loop; then the engine alone, warmed up in one process that is set up like the evaluation child (frozen
 * intrinsics, the candidate in its compartment, no rights), by processor time. `cachedBarsPerSecond`: the bars are in memory.
 */
export async function engineBench(): Promise<Figures> {
  const real = await crossBench();
  const pair = await beside<{ plain: number; engine: number }>('pair', BARS, CROSS);
  const hourly = await beside<{ engine: number; trades: number }>('alone', BARS, HOURLY);
  const sweep = await beside<{ bare: number; each: number; earlyMb: number; lateMb: number }>('sweep', BARS, CROSS);
  const many = await beside<{ milliseconds: number; peakMb: number; dataMb: number }>('once', MANY, CROSS);
  const crossSpeed = speed(BARS, pair.engine);
  return {
    ...real,
    'cross 1m, engine alone': {
      milliseconds: pair.engine,
      cachedBarsPerSecond: crossSpeed,
      limitRatio: pair.plain / pair.engine,
    },
    'hourly decisions, stops on 1m': {
      milliseconds: hourly.engine,
      cachedBarsPerSecond: speed(BARS, hourly.engine),
      timesCross: speed(BARS, hourly.engine) / crossSpeed,
      trades: hourly.trades,
    },
    'sweep of 200 points over a year': {
      milliseconds: sweep.each * 200,
      millisecondsPerPoint: sweep.each,
      timesBareSimulation: sweep.each / sweep.bare,
      memoryMbAfter20: sweep.earlyMb,
      memoryMbAfter200: sweep.lateMb,
    },
    '5 million bars, first run': {
      milliseconds: many.milliseconds,
      cachedBarsPerSecond: speed(MANY, many.milliseconds),
      peakMb: many.peakMb,
      ofWhichData: many.dataMb,
    },
  };
}

function speed(bars: number, milliseconds: number): number {
  return (bars / milliseconds) * 1000;
}

async function beside<T>(task: string, bars: number, source: string): Promise<T> {
  return likeChild<T>('beside', [task, bars, await toScript(source)]);
}
