import { toScript } from '../../backtest/compile/transform.ts';
import type { Figures } from './figures.ts';
import { likeChild } from './like-child.ts';
import { ALONE, TOGETHER } from './strategies.ts';

const YEAR = 525_600;

/** A universe beside one symbol that is traded by the same rule, over the same number of bars each; and the memory of a large one. */
export async function universeBench(): Promise<Figures> {
  const alone = await played(1, YEAR, { rounds: 12, plays: 20 }, ALONE);
  const together = await played(16, YEAR, { rounds: 12, plays: 1 }, TOGETHER);
  const large = await played(64, 3 * YEAR, { rounds: 1, plays: 1 }, TOGETHER);
  return {
    'one symbol, hourly': { milliseconds: alone.milliseconds, cachedBarsPerSecond: (YEAR / alone.milliseconds) * 1000 },
    'universe of 16 symbols': {
      milliseconds: together.milliseconds,
      cachedBarsPerSecond: ((16 * YEAR) / together.milliseconds) * 1000,
      // A bar of the universe against a bar of the one symbol.
      timesSingle: together.milliseconds / 16 / alone.milliseconds,
      fills: together.fills,
      fillsOfSingle: alone.fills,
    },
    'universe of 64 symbols': {
      milliseconds: large.milliseconds,
      cachedBarsPerSecond: ((64 * 3 * YEAR) / large.milliseconds) * 1000,
      peakMb: large.peakMb,
    },
  };
}

interface Played {
  readonly milliseconds: number;
  readonly fills: number;
  readonly peakMb: number;
}

/** `rounds` batches of `plays` simulations; the time of one in the least disturbed batch. */
async function played(
  symbols: number,
  bars: number,
  { rounds, plays }: { readonly rounds: number; readonly plays: number },
  source: string,
): Promise<Played> {
  return likeChild<Played>('universe-beside', [symbols, bars, rounds, plays, await toScript(source)]);
}
