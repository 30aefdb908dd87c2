import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openBox } from '../../backtest/box/open.ts';
import { compileCandidate } from '../../backtest/compile/compile.ts';
import type { BoxAnswer, SimulationRequest } from '../../backtest/contract.ts';
import { MINUTE } from '../../market/bars.ts';
import { writeWindowFile } from '../../market/window-file.ts';
import type { Figures } from './figures.ts';
import { CROSS } from './strategies.ts';
import { market } from './terms.ts';
import { walk } from './walk.ts';

const BARS = 525_600;
const POINTS = 200;

/** A year of minutes through the real box: one point asked for alone, and 200 in one request. Wall time, so the machine must be quiet. */
export async function sweepBench(): Promise<Figures> {
  const folder = mkdtempSync(join(tmpdir(), 'ralph-bench-'));
  const file = join(folder, 'window.bin');
  const bars = walk(BARS, 7);
  const range = { from: bars.time[0], to: bars.time[bars.length - 1] + MINUTE };
  writeWindowFile(file, bars, { symbol: 'X', range, warmupMs: 0, provenance: 'bench' });
  const compiled = await compileCandidate({ name: 'cross', source: CROSS, yaml: 'strategy: cross.ts\nsymbols: [X]\n' });
  if (!compiled.ok) throw new Error(compiled.problems.join('\n'));
  const opened = await openBox({
    code: compiled.code,
    windowFiles: [file],
    market,
    limits: { wallMs: 120_000, heapMb: 512 },
  });
  if (!opened.ok) throw new Error(`the box did not open: ${opened.message}`);
  try {
    const box = opened.value;
    const ask = async (count: number) => {
      const started = performance.now();
      const answer: BoxAnswer<unknown[]> = await box.simulate(Array.from({ length: count }, (_, i) => point(i)));
      if (!answer.ok) throw new Error(answer.message);
      return (performance.now() - started) / count;
    };
    const first = await ask(1);
    for (let i = 0; i < 8; i++) await ask(1);
    const alone = Math.min(...[await ask(1), await ask(1), await ask(1), await ask(1), await ask(1)]);
    const each = await ask(POINTS);
    return {
      'box, first simulation': { milliseconds: first, barsPerSecond: (BARS / first) * 1000 },
      'box, one simulation, warm': { milliseconds: alone, barsPerSecond: (BARS / alone) * 1000 },
      [`box, ${POINTS} points in one request`]: {
        milliseconds: each * POINTS,
        millisecondsPerPoint: each,
        timesOneSimulation: each / alone,
      },
    };
  } finally {
    await opened.value.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function point(i: number): SimulationRequest {
  const scenario = { name: 'base', costMultiplier: 1, delayBars: 0, missEvery: 0 };
  return { params: { fast: 5 + (i % 20), slow: 40 + 2 * (i % 10) }, scenario, detail: 'summary' };
}
