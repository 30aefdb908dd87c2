import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openBox } from '../../../src/backtest/box/open.ts';
import { toScript } from '../../../src/backtest/compile/transform.ts';
import type { Box, BoxAnswer, SimulationRequest, SimulationResult } from '../../../src/backtest/contract.ts';
import type { EngineMarket } from '../../../src/backtest/market.ts';
import { seededRandom } from '../../../src/base/random.ts';
import { type Bars, MINUTE } from '../../../src/market/bars.ts';
import { writeWindowFile } from '../../../src/market/window-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'ralph-box-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

/** The folder of this process's window files. */
export const FOLDER = folder;

export const SYMBOLS = ['BTCUSD', 'ETHUSD'];

export const MARKET: EngineMarket = {
  cash: 1_000_000,
  sizing: { mode: 'fraction', fraction: 1 },
  symbols: Object.fromEntries(
    SYMBOLS.map((symbol) => [
      symbol,
      {
        kind: 'perpetual',
        makerBps: 5,
        takerBps: 10,
        slippageBps: 1,
        rangeShare: 0,
        participation: 0,
        tick: 0.01,
        lot: 1e-8,
        minNotional: 0,
      },
    ]),
  ),
};

export const REQUEST: SimulationRequest = {
  params: {},
  scenario: { name: 'base', costMultiplier: 1, delayBars: 0, missEvery: 0 },
  detail: 'summary',
};

/** A random walk of `length` minutes with a few minutes missing. */
export function walk(length: number, seed: number | string): Bars {
  const random = seededRandom(seed);
  const column = () => new Float64Array(length);
  const bars = { time: column(), open: column(), high: column(), low: column(), close: column(), volume: column() };
  let [time, price] = [Date.UTC(2014, 0, 1), 500];
  for (let i = 0; i < length; i++) {
    time += random() < 0.02 ? 3 * MINUTE : MINUTE;
    bars.time[i] = time;
    bars.open[i] = price;
    price *= 1 + 0.004 * (random() - 0.5);
    bars.close[i] = price;
    bars.high[i] = Math.max(bars.open[i], price) * (1 + 0.0005 * random());
    bars.low[i] = Math.min(bars.open[i], price) * (1 - 0.0005 * random());
    bars.volume[i] = 1 + 100 * random();
  }
  return { length, ...bars };
}

/**
 * Writes a window of `length` random minutes, the first tenth of them warm-up, and returns the file's path. The window's range goes on for
 * `gap` minutes after its last bar.
 */
export function windowFile(length: number, symbol = SYMBOLS[0], seed: number | string = symbol, gap = 0): string {
  const bars = walk(length, seed);
  const from = bars.time[Math.floor(length / 10)];
  const path = join(folder, `${symbol}-${length}-${seed}.window`);
  const range = { from, to: bars.time[length - 1] + (1 + gap) * MINUTE };
  writeWindowFile(path, bars, { symbol, range, warmupMs: from - bars.time[0], provenance: 'test' });
  return path;
}

/** A strategy that is honest but for `inside` (in decide), `top` (at the top of the file) and `series` (in indicators). */
export function strategySource(parts: { top?: string; inside?: string; series?: string; timeframe?: string }): string {
  return `import { defineStrategy } from 'ralph/strategy';
${parts.top ?? ''}
export default defineStrategy({
  family: 'test', hypothesis: 'none', timeframe: '${parts.timeframe ?? '1h'}', params: { level: 0 }, warmup: 2,
  indicators: (bars: any, p: any): any => { ${parts.series ?? 'return {};'} },
  decide(now: any, p: any): any {
    ${parts.inside ?? ''}
    if (now.position <= 0 && now.close > now.open) now.target(1); else if (now.position > 0 && now.close < now.open) now.flat();
  },
});
`;
}

export interface Limits {
  readonly wallMs?: number;
  readonly heapMb?: number;
  readonly overwrite?: boolean;
}

/** Opens a box for a source WITHOUT the compile step: what the policy and the types refuse must fail in the box as well. */
export async function boxFor(source: string, files: readonly string[], limits: Limits = {}): Promise<BoxAnswer<Box>> {
  return boxForCode(await toScript(source), files, limits);
}

/** Opens a box for a script that `compileCandidate` made. */
export function boxForCode(code: string, files: readonly string[], limits: Limits = {}): Promise<BoxAnswer<Box>> {
  // What ends by itself is not to be ended by a busy machine.
  const { wallMs = 240_000, heapMb = 128, overwrite } = limits;
  return openBox({ code, windowFiles: files, market: MARKET, limits: { wallMs, heapMb }, overwrite });
}

/** One simulation of a source in a box of its own. */
export async function simulateSource(
  source: string,
  files: readonly string[],
  limits?: Limits,
): Promise<BoxAnswer<SimulationResult>> {
  const box = await boxFor(source, files, limits);
  if (!box.ok) return box;
  const answer = await box.value.simulate([REQUEST]);
  await box.value.close();
  return answer.ok ? { ok: true, value: answer.value[0] } : answer;
}
