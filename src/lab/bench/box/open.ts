import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openBox } from '../../../backtest/box/open.ts';
import { compileCandidate } from '../../../backtest/compile/compile.ts';
import type { Box, SimulationResult } from '../../../backtest/contract.ts';
import type { Sizing, SymbolCosts } from '../../../backtest/market.ts';
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

interface Terms {
  /** Of every symbol, and of the account. */
  readonly costs?: SymbolCosts;
  readonly sizing?: Sizing;
  readonly overwrite?: boolean;
}

/** Opens the box on a strategy and the bars of its symbols, which are called S0, S1, S2…; they are asked for one after the other. */
export async function benchBox(
  source: string,
  symbols: Iterable<Bars>,
  { costs = market.symbols.X, sizing = market.sizing, overwrite }: Terms = {},
): Promise<BenchBox> {
  const folder = mkdtempSync(join(tmpdir(), 'ralph-bench-'));
  const names: string[] = [];
  for (const bars of symbols) {
    const symbol = `S${names.length}`;
    const range = { from: bars.time[0], to: bars.time[bars.length - 1] + MINUTE };
    writeWindowFile(join(folder, symbol), bars, { symbol, range, warmupMs: 0, provenance: 'bench' });
    names.push(symbol);
  }
  const yaml = `strategy: bench.ts\nsymbols: [${names}]\n`;
  const compiled = await compileCandidate({ name: 'bench', source, yaml });
  if (!compiled.ok) throw new Error(compiled.problems.join('\n'));
  const terms = { ...market, sizing, symbols: Object.fromEntries(names.map((name) => [name, costs])) };
  const limits = { wallMs: 120_000, heapMb: 512 };
  const windowFiles = names.map((name) => join(folder, name));
  const opened = await openBox({ code: compiled.code, windowFiles, market: terms, limits, overwrite });
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
