import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openBox } from '../../src/backtest/box/open.ts';
import { compileCandidate } from '../../src/backtest/compile.ts';
import type { Box, BoxAnswer, SimulationRequest } from '../../src/backtest/contract.ts';
import type { EngineMarket } from '../../src/backtest/market.ts';
import { type Bars, DAY, MINUTE } from '../../src/market/bars.ts';
import { writeWindowFile } from '../../src/market/window-file.ts';
import { walk } from './walk.ts';

const MINUTES_A_DAY = 1_440;
const TRAIN_DAYS = 730;
const FOLD_DAYS = 90;
const WARMUP_DAYS = 30;

const STRATEGY = `import { atr, defineStrategy, ema } from 'ralph/strategy';
export default defineStrategy({
  family: 'bench-trial', hypothesis: 'none', timeframe: '1h',
  params: { fast: 10, slow: 50, stopAtr: 3 },
  warmup: (p) => p.slow,
  indicators: ({ close, high, low }, p) => ({
    fast: ema(close, p.fast), slow: ema(close, p.slow), atr: atr(high, low, close, 14),
  }),
  decide(now, p) {
    if (now.fast > now.slow && now.position <= 0) now.target(1, { stop: now.close - p.stopAtr * now.atr });
    if (now.fast < now.slow && now.position > 0) now.flat();
  },
});
`;
const MARKET: EngineMarket = {
  cash: 1_000_000,
  sizing: { mode: 'fraction', fraction: 1 },
  symbols: {
    X: {
      ...{ kind: 'spot', makerBps: 5, takerBps: 10, slippageBps: 1, rangeShare: 0.05, participation: 0 },
      ...{ tick: 0.01, lot: 1e-8, minNotional: 0 },
    },
  },
};
const BASE = { name: 'base', costMultiplier: 1, delayBars: 0, missEvery: 0 };
const request = (change: Partial<SimulationRequest> = {}): SimulationRequest => ({
  params: {},
  scenario: BASE,
  detail: 'summary',
  ...change,
});

/**
 * A whole trial, stage by stage, in wall milliseconds: hourly decisions, stops on minutes, two years of 1-minute bars.
 * Of `rounds` trials the fastest is shown; `cold` is the first one of the process, with the compiler and the child's
 * program still to be made. Nothing is shared between the trials but those two.
 */
export async function benchTrial(rounds = 4): Promise<Record<string, { milliseconds: number }>> {
  const folder = mkdtempSync(join(tmpdir(), 'ralph-bench-'));
  try {
    const bars = walk(TRAIN_DAYS * MINUTES_A_DAY + WARMUP_DAYS * MINUTES_A_DAY, 11);
    const train = write(folder, 'train', bars, WARMUP_DAYS);
    const folds = [0, 1, 2, 3].map((k) => write(folder, `fold${k}`, slice(bars, k), WARMUP_DAYS));
    let best: Record<string, number> = { total: Infinity };
    let cold = 0;
    for (let round = 0; round < rounds; round++) {
      const stages = await trial(train, folds, `// round ${round}\n`);
      if (round === 0) cold = stages.total;
      if (stages.total < best.total) best = stages;
    }
    const named = Object.entries({ ...best, cold }).map(([stage, milliseconds]) => [
      `trial.${stage}`,
      { milliseconds: Math.round(milliseconds * 10) / 10 },
    ]);
    return Object.fromEntries(named);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function trial(train: string, folds: readonly string[], salt: string): Promise<Record<string, number>> {
  const stages: Record<string, number> = {};
  const started = performance.now();
  let last = started;
  const lap = (stage: string) => {
    const now = performance.now();
    stages[stage] = now - last;
    last = now;
  };
  const yaml = 'strategy: bench.ts\nsymbols: [X]\n';
  const compiled = await compileCandidate({ name: 'bench', source: salt + STRATEGY, yaml });
  if (!compiled.ok) throw new Error(compiled.problems.join('\n'));
  lap('compile (policy, types, transform)');
  const open = async (file: string) => {
    const limits = { wallMs: 60_000, heapMb: 512 };
    return take(await openBox({ code: compiled.code, windowFiles: [file], market: MARKET, limits }));
  };
  const box = await open(train);
  lap('process start');
  const causality = take(await box.audit({}, 20, 1));
  if (causality.leak) throw new Error(causality.leak.message);
  lap('causality, 20 cuts');
  const [result] = take(await box.simulate([request()]));
  lap('train, 2 years');
  await play(box, [
    request({ scenario: { ...BASE, name: 'cost', costMultiplier: 2 } }),
    request({ scenario: { ...BASE, name: 'delay', delayBars: 1 } }),
  ]);
  lap('stress, 2 scenarios');
  const neighbours = [8, 9, 11, 12].flatMap((fast) => [45, 55].map((slow) => request({ params: { fast, slow } })));
  await play(box, neighbours);
  lap('neighbours, 8 points');
  const boxes = await Promise.all(folds.map(open));
  await Promise.all(boxes.map((fold) => play(fold, [request()])));
  lap('walk-forward, 4 folds');
  stages.total = performance.now() - started;
  await Promise.all([box, ...boxes].map((each) => each.close()));
  if (result.trades.length < 20) throw new Error('the bench strategy hardly trades');
  return stages;
}

async function play(box: Box, requests: readonly SimulationRequest[]): Promise<void> {
  take(await box.simulate(requests));
}

function take<T>(answer: BoxAnswer<T>): T {
  if (!answer.ok) throw new Error(`${answer.kind}: ${answer.message}`);
  return answer.value;
}

function slice(bars: Bars, k: number): Bars {
  const length = (FOLD_DAYS + WARMUP_DAYS) * MINUTES_A_DAY;
  const from = k * FOLD_DAYS * MINUTES_A_DAY;
  const cut = (column: Float64Array) => column.subarray(from, from + length);
  const { time, open, high, low, close, volume } = bars;
  return {
    length,
    ...{ time: cut(time), open: cut(open), high: cut(high), low: cut(low), close: cut(close), volume: cut(volume) },
  };
}

function write(folder: string, name: string, bars: Bars, warmupDays: number): string {
  const path = join(folder, `${name}.bars`);
  const range = { from: bars.time[0] + warmupDays * DAY, to: bars.time[bars.length - 1] + MINUTE };
  writeWindowFile(path, bars, { symbol: 'X', range, warmupMs: warmupDays * DAY, provenance: 'bench' });
  return path;
}
