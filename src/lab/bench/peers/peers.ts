import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { say } from '../../../base/draw/terminal.ts';
import type { Bars } from '../../../market/bars.ts';
import { benchBox, shared } from '../box/open.ts';
import { inTurn } from '../box/processor.ts';
import type { Figures } from '../figures.ts';
import { CROSS, custom } from '../strategies.ts';
import { walk } from '../walk.ts';
import { openPeers, type Peers } from './python.ts';

const BARS = 525_600;
const SYMBOLS = 10;

/**
 * The peers that are installed here beside the real box, in turn and by processor time, over the same bars in the memory of each. What is
 * not installed is said and left out: `pip install vectorbt backtesting numba`, and RALPH_PEERS_PYTHON for a virtual environment's Python.
 */
export async function peersBench(): Promise<Figures> {
  const folder = mkdtempSync(join(tmpdir(), 'ralph-peers-'));
  const bars = walk(BARS, 7);
  const file = join(folder, 'bars.bin');
  const columns = [bars.time, bars.open, bars.high, bars.low, bars.close, bars.volume];
  let peers: Peers | undefined;
  try {
    writeFileSync(file, Buffer.concat(columns.map((column) => Buffer.from(column.buffer))));
    peers = await openPeers(file, SYMBOLS);
    const found: Figures = {};
    for (const [peer, bench] of Object.entries({ vectorbt, backtesting, numba })) {
      const version = peers?.versions[peer as keyof Peers['versions']];
      if (peers && version) Object.assign(found, await bench(peers, bars, version));
      else say(`SKIPPED ${peer}: ${peers ? 'not installed' : 'no Python'}; pip install vectorbt backtesting numba`);
    }
    return found;
  } finally {
    await peers?.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function vectorbt(peers: Peers, bars: Bars, version: string): Promise<Figures> {
  return {
    ...(await crossed(peers, 'vectorbt, cross 1m', version, 'vectorbt one', [bars], 8)),
    ...(await crossed(peers, 'vectorbt, ten symbols', version, 'vectorbt several', shared(bars, SYMBOLS), 8)),
  };
}

async function backtesting(peers: Peers, bars: Bars, version: string): Promise<Figures> {
  return crossed(peers, 'backtesting.py, cross 1m', version, 'backtesting one', [bars], 1);
}

/** The EMA cross of a peer beside that of the box. */
async function crossed(
  peers: Peers,
  name: string,
  version: string,
  task: string,
  symbols: readonly Bars[],
  rounds: number,
): Promise<Figures> {
  const { play, close } = await benchBox(CROSS, symbols);
  try {
    for (let i = 0; i < 12; i++) await play();
    let entries = 0;
    const theirs = async () => {
      ({ entries } = await peers.run(task));
    };
    const [peer, ours] = await inTurn([theirs, () => play()], { warmup: rounds > 1 ? 1 : 0, rounds });
    const more = { entries, tradesOfOurs: (await play()).trades.length };
    return { [`peer: ${name}`]: { ...ratio(peer, ours), version, ...more } };
  } finally {
    await close();
  }
}

/**
 * Custom indicators: what the box takes longer with one than without, beside a compiled loop over the same column. Their callbacks are pure by
 * their text, so that no proof runs. No two simulations have the same parameters, so that no result is kept from one to the next.
 */
async function numba(peers: Peers, bars: Bars, version: string): Promise<Figures> {
  const figures: Figures = {};
  const without = await benchBox(custom('close'), [bars]);
  try {
    for (const [name, { task, indicator }] of Object.entries(CUSTOM)) {
      const own = await benchBox(custom(indicator), [bars]);
      let salt = 0;
      const runs = [() => peers.run(task), () => own.play({ salt: ++salt }), () => without.play({ salt: ++salt })];
      try {
        const [peer, all, bare] = await inTurn(runs, { warmup: 6, rounds: 12 });
        figures[`peer: numba, ${name}`] = { ...ratio(peer, all - bare), version };
      } finally {
        await own.close();
      }
    }
    return figures;
  } finally {
    await without.close();
  }
}

const CUSTOM = {
  scan: {
    task: 'numba scan',
    indicator: 'scan(0, (state, close) => p.share * close + (1 - p.share) * state)(close)',
  },
  'rolling deviation': {
    task: 'numba rolling',
    indicator: `rolling(20, (window) => {
      let mean = 0;
      for (const value of window) mean += value;
      mean /= window.length;
      let away = 0;
      for (const value of window) away += Math.abs(value - mean);
      return away / window.length;
    })(close)`,
  },
  'rolling median': {
    task: 'numba median',
    indicator: 'rolling(21, (window) => window.sort((a, b) => a - b)[10])(close)',
  },
};

function ratio(peer: number, ours: number): Record<string, number> {
  const cachedBarsPerSecond = (BARS / peer) * 1000;
  return { milliseconds: peer, cachedBarsPerSecond, oursMilliseconds: ours, timesPeer: peer / ours };
}
