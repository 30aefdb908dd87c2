import type { Params } from '../../../strategy/candidate.ts';
import type { Figures } from '../figures.ts';
import { CROSS } from '../strategies.ts';
import { walk } from '../walk.ts';
import { benchBox } from './open.ts';

const BARS = 525_600;
const POINTS = 200;

/** A year of minutes through the real box: one point asked for alone, and 200 in one request. Wall time, so the machine must be quiet. */
export async function sweepBench(): Promise<Figures> {
  const { box, close } = await benchBox(CROSS, [walk(BARS, 7)]);
  try {
    const ask = async (count: number) => {
      const started = performance.now();
      const scenario = { name: 'base', costMultiplier: 1, delayBars: 0, missEvery: 0 };
      const requests = Array.from({ length: count }, (_, i) => ({
        params: point(i),
        scenario,
        detail: 'summary' as const,
      }));
      const answer = await box.simulate(requests);
      if (!answer.ok) throw new Error(answer.message);
      return (performance.now() - started) / count;
    };
    const first = await ask(1);
    for (let i = 0; i < 8; i++) await ask(1);
    const alone = Math.min(...[await ask(1), await ask(1), await ask(1), await ask(1), await ask(1)]);
    const each = await ask(POINTS);
    return {
      'box, first simulation': { milliseconds: first, cachedBarsPerSecond: (BARS / first) * 1000 },
      'box, one simulation, warm': { milliseconds: alone, cachedBarsPerSecond: (BARS / alone) * 1000 },
      [`box, ${POINTS} points in one request`]: {
        milliseconds: each * POINTS,
        millisecondsPerPoint: each,
        distinctPoints: new Set(Array.from({ length: POINTS }, (_, i) => JSON.stringify(point(i)))).size,
        timesOneSimulation: each / alone,
      },
    };
  } finally {
    await close();
  }
}

/** No two of 200 are alike. */
function point(i: number): Params {
  return { fast: 5 + (i % 20), slow: 40 + 2 * Math.floor(i / 20) };
}
