import { statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import type { BoxAnswer, SimulationRequest } from '../../../backtest/contract.ts';
import { RalphError } from '../../../base/errors.ts';
import { type Bars, barsOf, columnsOf } from '../../../market/bars.ts';
import { childrenOf, peakMbOf } from '../../processes.ts';
import type { Figures } from '../figures.ts';
import { TOGETHER } from '../strategies.ts';
import { market } from '../terms.ts';
import { walk } from '../walk.ts';
import { benchBox } from './open.ts';

const SYMBOLS = 64;
const BARS = 3 * 525_600;
/** Symbols are parts of one long walk, each some hours later than the one before. */
const APART = 997;
const BYTES_A_BAR = 48;
const SCENARIO = { name: 'base', costMultiplier: 1, delayBars: 0, missEvery: 0 };

/**
 * What a trial asks of the process that holds its train window, where that is 64 symbols over three years: causality and memory of the
 * candidate, a simulation, a surrogate; and the most memory that the process held. The files take 4.9 GB of the temporary folder.
 */
export async function largeBench(): Promise<Figures> {
  needsSpace(1.1 * SYMBOLS * BARS * BYTES_A_BAR);
  const terms = {
    costs: { ...market.symbols.X, kind: 'perpetual', makerBps: 1, takerBps: 1 },
    sizing: { mode: 'fraction', fraction: 1 },
    overwrite: true,
  } as const;
  const children = new Set(childrenOf(process.pid));
  const { box, close } = await benchBox(TOGETHER, parts(), terms);
  try {
    const figures: Figures = {};
    const bars = SYMBOLS * BARS;
    const timed = async <T>(name: string, ask: () => Promise<BoxAnswer<T>>): Promise<T> => {
      const started = performance.now();
      const answer = await ask();
      if (!answer.ok) throw new Error(answer.message);
      const milliseconds = performance.now() - started;
      figures[`large universe: ${name}`] = { milliseconds, barsPerSecond: (bars / milliseconds) * 1000 };
      return answer.value;
    };
    const asked = (more: Partial<SimulationRequest>) => () =>
      box.simulate([{ params: {}, scenario: SCENARIO, detail: 'summary', ...more }]);
    const surrogate = (index: number) => asked({ surrogate: { index, holdMinutes: 60, drift: false } });
    const { leak, cuts } = await timed('causality', () => box.future({}, 20, 1));
    if (leak) throw new Error(leak.message);
    figures['large universe: causality'].cuts = cuts;
    await timed('memory', () => box.memory({}, 1));
    // Another one than the audits have played.
    const [{ fillCount }] = await timed('simulation', asked({ scenario: { ...SCENARIO, costMultiplier: 1.5 } }));
    figures['large universe: simulation'].fills = fillCount;
    // The second, because the window is read again for it.
    await surrogate(0)();
    await timed('surrogate', surrogate(1));
    const own = childrenOf(process.pid).filter((pid) => !children.has(pid));
    figures['large universe: surrogate'].peakMb = Math.max(...own.map(peakMbOf));
    return figures;
  } finally {
    await close();
  }
}

function* parts(): Generator<Bars> {
  const long = walk(BARS + APART * SYMBOLS, 7);
  for (let s = 0; s < SYMBOLS; s++) {
    const [, ...columns] = columnsOf(long).map((column) => column.slice(s * APART, s * APART + BARS));
    yield barsOf([long.time.slice(0, BARS), ...columns]);
  }
}

function needsSpace(bytes: number): void {
  const { bavail, bsize } = statfsSync(tmpdir());
  if (bavail * bsize >= bytes) return;
  throw new RalphError(`the temporary folder ${tmpdir()} has ${Math.floor((bavail * bsize) / 1e9)} GB free`, {
    remedy: `The bench "large" writes ${(bytes / 1e9).toFixed(1)} GB: set TMPDIR to a folder on a larger disk, or name the other benches.`,
  });
}
