import type { Figures } from '../figures.ts';
import { plainCross } from '../plain.ts';
import { CROSS } from '../strategies.ts';
import { walk } from '../walk.ts';
import { benchBox, shared } from './open.ts';
import { inTurn } from './processor.ts';

const BARS = 525_600;
const SYMBOLS = 10;

/**
 * The real box beside the plain loop, in turn, by the processor time of harness and box together: messages, checks of the answer and
 * fingerprint included. The bars are in the memory of both. Then the same number of bars as ten symbols on one account.
 */
export async function crossBench(): Promise<Figures> {
  const bars = walk(BARS, 7);
  const [one, ten] = [await benchBox(CROSS, [bars]), await benchBox(CROSS, shared(bars, SYMBOLS))];
  try {
    const plain = () => plainCross(bars, 10, 50, 0.9, 0.001);
    const times = await inTurn([plain, () => one.play(), () => ten.play()], { warmup: 12, rounds: 24 });
    const [loop, single, several] = times;
    const [{ equity, maxDrawdown, entries }, result] = [plain(), await one.play()];
    const same = Math.abs(equity - result.finalEquity) < 1e-4 && Math.abs(maxDrawdown - result.maxDrawdown) < 1e-9;
    const cached = (milliseconds: number) => ({ milliseconds, cachedBarsPerSecond: (BARS / milliseconds) * 1000 });
    return {
      'plain loop': { ...cached(loop), limitRatio: 1 },
      'cross 1m in the box': {
        ...cached(single),
        limitRatio: loop / single,
        entries,
        sameResultAsPlain: String(same),
      },
      'cross 1m in the box, ten symbols': { ...cached(several), timesSingle: several / single },
    };
  } finally {
    await one.close();
    await ten.close();
  }
}
