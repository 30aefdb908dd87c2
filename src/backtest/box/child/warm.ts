import { MINUTE, rowsOf } from '../../../market/bars.ts';
import type { Scenario } from '../../contract.ts';
import type { SimulationData } from '../../engine.ts';
import { type EngineMarket, NEUTRAL, type SymbolCosts } from '../../market.ts';
import { prepare } from '../../view/prepare.ts';
import { touch } from '../../view/scratch.ts';
import type { Exercise } from '../protocol.ts';
import { auditCausality } from './audit.ts';
import { loadSplitStrategy } from './load.ts';
import { auditMemory } from './memory.ts';
import { scaleAhead } from './scaled.ts';
import { makeSimulator } from './simulations.ts';

/** Scripts as the compiler writes them: between them they ask for most of what strategies ask for. */
const SCRIPTS = [
  `const { atr, defineStrategy, rsi } = require('ralph/strategy');
  module.exports.default = defineStrategy({
    family: 'warm', hypothesis: 'none', timeframe: '15m', params: { bars: 14, low: 40 }, warmup: 60,
    indicators: ({ close, high, low }, p) => ({ strength: rsi(close, p.bars), range: atr(high, low, close, p.bars) }),
    decide(now, p) {
      const higher = now.high > now.ago('high', 1);
      if (now.strength < p.low && higher && now.position <= 0) now.target(0.8, { stop: now.low - 2 * now.range });
      if (now.strength > 100 - p.low && !higher && now.position >= 0) now.target(-0.8, { stop: now.high + 2 * now.range, target: now.close - 3 * now.range });
    },
  });`,
  `const { defineStrategy, ema, sma } = require('ralph/strategy');
  module.exports.default = defineStrategy({
    family: 'warm', hypothesis: 'none', timeframe: '15m', params: { fast: 8, slow: 32 }, warmup: 64,
    indicators: ({ close }, p) => ({ fast: ema(close, p.fast), slow: sma(close, p.slow) }),
    decide(now) {
      if (now.fast > now.slow && now.position === 0) now.target(1, { target: now.close * 1.02, stop: now.close * 0.99 });
      if (now.fast < now.slow && now.position > 0) now.flat();
    },
  });`,
  `const { defineStrategy, highest, lowest } = require('ralph/strategy');
  module.exports.default = defineStrategy({
    family: 'warm', hypothesis: 'none', timeframe: '1h', params: { bars: 24 }, warmup: 48,
    indicators: ({ high, low }, p) => ({ top: highest(high, p.bars), bottom: lowest(low, p.bars) }),
    decide(now) {
      if (now.close >= now.top && now.weight <= 0) now.target(1);
      if (now.close <= now.bottom && now.weight >= 0) now.target(-1);
    },
  });`,
];

/** One of each kind of world that the train window is stressed in: code that has seen none of a kind is compiled anew when the first comes. */
const WORLDS: readonly Scenario[] = [
  { ...NEUTRAL, costMultiplier: 1.5 },
  { ...NEUTRAL, delayBars: 1 },
  { ...NEUTRAL, missEvery: 5 },
  { ...NEUTRAL, restingSpreads: 0.5 },
  { ...NEUTRAL, cashMultiplier: 10 },
];

/** Minutes of the window that are played, and symbols: enough for the compiler of the machine, little enough for a moment. */
const MINUTES = 60 * 1440;
const SYMBOLS = 2;
/** After these another one makes an audit no faster. */
const ROUNDS = 8;
const CUTS = 6;
/** Of fewer minutes there is nothing to play. */
const ENOUGH = 7 * 1440;
/** Rows of all windows together up to which the memory for surrogates is written ahead. */
const READY_ROWS = 4_000_000;
/** Rows up to which the scaled markets are made ahead: 48 bytes a row each. */
const AHEAD_ROWS = 2_000_000;

/**
 * One round of exercise for a process that has its windows and waits for a candidate: first what most candidates need of them is made, and for
 * audits their memory. Then scripts of the harness are played over the end of the windows, so that the engine is compiled when the
 * candidate comes; for audits they are audited. No number is kept. Whether another round pays.
 */
export function warmUp(
  windows: readonly (readonly SimulationData[])[],
  { round, exercise }: { readonly round: number; readonly exercise: Exercise },
): boolean {
  if (round === 0) {
    for (const window of windows) makeReady(window);
    if (exercise !== 'play' && exercise !== 'ready') readyToAudit(windows[0], exercise);
    return exercise !== 'ready';
  }
  const data = windows[round % windows.length].slice(0, SYMBOLS).map(endOf);
  if (data.some((each) => each.bars.length < ENOUGH)) return false;
  const market = marketOf(data);
  const params = {};
  for (const script of SCRIPTS) {
    const strategy = loadSplitStrategy(script);
    const fresh = () => strategy;
    const { keep, kept, play } = makeSimulator(fresh, data, market);
    if (exercise === 'play') {
      play({ params, scenario: NEUTRAL, detail: 'summary' });
      continue;
    }
    // Of a part alone the other part's process does the rest.
    if (exercise !== 'memory') auditCausality(fresh, data, market, { params, cuts: CUTS, seed: round }, keep);
    if (exercise !== 'future') auditMemory(fresh, data, market, { params, seed: round }, kept(params));
    for (const scenario of WORLDS) play({ params, scenario, detail: 'summary' });
  }
  return round + 1 < ROUNDS;
}

function makeReady(window: readonly SimulationData[]): void {
  for (const { symbol, bars, range } of window) prepare(symbol, bars).ready(range, window.length === 1);
}

function readyToAudit(window: readonly SimulationData[], exercise: 'audit' | 'future' | 'memory'): void {
  const symbols = window.map((each) => prepare(each.symbol, each.bars));
  // Folds are not asked for it: bounce is a world of the train window.
  if (symbols.length === 1) symbols[0].halfSpread();
  const bars = symbols.map((each) => each.bars);
  const rows = bars.reduce((sum, { length }) => sum + length, 0);
  if (exercise !== 'memory' && rows <= READY_ROWS) touch(bars, window.length > 1);
  if (exercise === 'memory' && window.length === 1 && rows <= AHEAD_ROWS) scaleAhead(window[0]);
}

function endOf({ bars, ...window }: SimulationData): SimulationData {
  const part = rowsOf(bars, Math.max(0, bars.length - MINUTES), bars.length);
  const from = part.time[part.length >> 2] ?? window.range.from;
  return { ...window, bars: part, range: { from, to: Math.max(from + MINUTE, window.range.to) } };
}

const COSTS: SymbolCosts = {
  kind: 'perpetual',
  makerBps: 2,
  takerBps: 5,
  slippageBps: 1,
  rangeShare: 0.05,
  participation: 0,
  tick: 0.01,
  lot: 1e-8,
  minNotional: 0,
};

function marketOf(data: readonly SimulationData[]): EngineMarket {
  const symbols = Object.fromEntries(data.map(({ symbol }) => [symbol, COSTS]));
  return { cash: 1_000_000, sizing: { mode: 'fraction', fraction: 0.4 }, symbols };
}
