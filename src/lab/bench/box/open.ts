import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openBox } from '../../../backtest/box/open.ts';
import { compileCandidate } from '../../../backtest/compile/compile.ts';
import type { Box, SimulationResult } from '../../../backtest/contract.ts';
import { type Bars, MINUTE } from '../../../market/bars.ts';
import { writeWindowFile } from '../../../market/window-file.ts';
import type { Params } from '../../../strategy/candidate.ts';
import { market } from '../terms.ts';

/** A strategy in the real box, over window files: compiled, typed, judged by the harness's own road. */
export interface BenchBox {
  /** One simulation as a trial asks for it, answer checked; its result. */
  play(params?: Params): Promise<SimulationResult>;
  readonly box: Box;
  close(): Promise<void>;
}

/** Opens the box on a strategy and the bars of its symbols, which are called A, B, C…. */
export async function benchBox(source: string, symbols: readonly Bars[]): Promise<BenchBox> {
  const folder = mkdtempSync(join(tmpdir(), 'ralph-bench-'));
  const names = symbols.map((_, s) => String.fromCharCode(65 + s));
  const windowFiles = symbols.map((bars, s) => {
    const range = { from: bars.time[0], to: bars.time[bars.length - 1] + MINUTE };
    writeWindowFile(join(folder, names[s]), bars, { symbol: names[s], range, warmupMs: 0, provenance: 'bench' });
    return join(folder, names[s]);
  });
  const yaml = `strategy: bench.ts\nsymbols: [${names}]\n`;
  const compiled = await compileCandidate({ name: 'bench', source, yaml });
  if (!compiled.ok) throw new Error(compiled.problems.join('\n'));
  const costs = Object.fromEntries(names.map((name) => [name, market.symbols.X]));
  const limits = { wallMs: 120_000, heapMb: 512 };
  const opened = await openBox({ code: compiled.code, windowFiles, market: { ...market, symbols: costs }, limits });
  if (!opened.ok) throw new Error(`the box did not open: ${opened.message}`);
  const box = opened.value;
  return {
    box,
    async play(params = {}) {
      const scenario = { name: 'base', costMultiplier: 1, delayBars: 0, missEvery: 0 };
      const answer = await box.simulate([{ params, scenario, detail: 'summary' }]);
      if (!answer.ok) throw new Error(answer.message);
      return answer.value[0];
    },
    async close() {
      await box.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Cuts bars into as many symbols of equal length, each with the times of the first. */
export function shared(bars: Bars, symbols: number): Bars[] {
  const length = Math.floor(bars.length / symbols);
  return Array.from({ length: symbols }, (_, s) => {
    const part = (column: Float64Array) => column.slice(s * length, (s + 1) * length);
    const [open, high, low, close, volume] = [bars.open, bars.high, bars.low, bars.close, bars.volume].map(part);
    return { length, time: bars.time.slice(0, length), open, high, low, close, volume };
  });
}
