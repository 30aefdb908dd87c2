import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { toScript } from '../../backtest/compile/transform.ts';
import { MODULE_ENDING } from '../../base/module-ending.ts';
import { PACKAGE_ROOT } from '../../base/roots.ts';
import type { Figures } from './figures.ts';
import { ALONE, TOGETHER } from './strategies.ts';

const YEAR = 525_600;

/** A universe beside one symbol that is traded by the same rule, over the same number of bars each; and the memory of a large one. */
export async function universeBench(): Promise<Figures> {
  const alone = await played(1, YEAR, 40, ALONE);
  const together = await played(16, YEAR, 8, TOGETHER);
  const large = await played(64, 3 * YEAR, 1, TOGETHER);
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

async function played(symbols: number, bars: number, rounds: number, source: string): Promise<Played> {
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--permission',
    `--allow-fs-read=${PACKAGE_ROOT}`,
    '--no-warnings',
    join(import.meta.dirname, `universe-beside${MODULE_ENDING}`),
    ...[String(symbols), String(bars), String(rounds), await toScript(source)],
  ]);
  return JSON.parse(stdout) as Played;
}
