import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { Figures } from '../figures.ts';
import { scriptFile } from '../like-child.ts';
import type { PlainResult } from '../plain.ts';
import { CROSS } from '../strategies.ts';
import { walk } from '../walk.ts';
import { benchBox, shared } from './open.ts';
import { inTurn } from './processor.ts';

const BARS = 525_600;
const SYMBOLS = 10;

/**
 * The real box beside the plain loop in a process of its own, in turn, by the processor time of harness and children together: messages,
 * checks of the answer and fingerprint included, starts and compiling not. The bars are in the memory of both. Then the same number of bars as
 * ten symbols on one account.
 */
export async function crossBench(): Promise<Figures> {
  const bars = walk(BARS, 7);
  const [one, ten] = [await benchBox(CROSS, [bars]), await benchBox(CROSS, shared(bars, SYMBOLS))];
  const script = await scriptFile('plain-process');
  const child = fork(script.path, [String(BARS)]);
  const gone = once(child, 'exit').then(ended);
  try {
    const plain = async (): Promise<PlainResult> => {
      const answer = Promise.race([once(child, 'message'), gone]);
      child.send('play');
      return (await answer)[0] as PlainResult;
    };
    const times = await inTurn([plain, () => one.play(), () => ten.play()], { warmup: 12, rounds: 24 });
    const [loop, single, several] = times;
    const [{ equity, maxDrawdown, entries }, result] = [await plain(), await one.play()];
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
    child.kill();
    script.remove();
    await one.close();
    await ten.close();
  }
}

function ended(): never {
  throw new Error('the process of the plain loop ended before it answered');
}
