import { availableParallelism } from 'node:os';
import type { LoadOptions } from '../../backtest/box/loaded.ts';
import type { Exercise } from '../../backtest/box/protocol.ts';
import type { BoxFailure } from '../../backtest/contract.ts';
import type { FrozenWindows, WindowFile } from '../../market/snapshot.ts';
import type { Traded } from '../../market/universe/members.ts';
import type { GatesConfig } from '../config.ts';

/** What a machine has for evaluation processes. */
export interface Machine {
  readonly processors: number;
  /** Bytes that are free for processes. */
  readonly memory: () => number;
}

/** All of this machine, or of its control group. */
export const MACHINE: Machine = { processors: availableParallelism(), memory: () => process.availableMemory() };

/** What a process of the train window may take a bar with all that its surrogates need, in bytes: a universe takes half of it. */
export const BYTES_A_BAR = 220;

/** Bars of a train window, over all symbols, up to which two processes hold it: each takes hundreds of bytes a bar. */
const PAIR_BARS = 4_000_000;

/** Bars of a window, over all symbols, up to which a surrogate has memory of its own: 1.6 GB. More are written over and read again. */
const COPIED_BARS = 40_000_000;

/** Whether two processes may hold these windows, which each of them will be asked one part of the audit for. */
export function pairFits(files: readonly WindowFile[], { processors, memory }: Machine): boolean {
  const bars = barsIn(files);
  return processors > 1 && bars <= PAIR_BARS && memory() >= 2 * BYTES_A_BAR * bars;
}

/**
 * The folds in parts of which each has a process: one for every second processor, because starting it takes longer than playing most folds. All
 * parts but the last are equally long.
 */
export function partsOf<Fold>(folds: readonly Fold[], processors: number): readonly (readonly Fold[])[] {
  const size = Math.ceil(folds.length / Math.max(1, processors >> 1));
  return folds.flatMap((_, k) => (k % size === 0 ? [folds.slice(k, k + size)] : []));
}

/**
 * What the evaluation processes of a candidate with these symbols are started with: those of the train window first, then those of the
 * selection folds.
 */
export function windowSets(
  { train, selection }: Pick<FrozenWindows, 'train' | 'selection'>,
  traded: Pick<Traded, 'symbols'>,
  limits: GatesConfig['limits'],
  machine: Machine = MACHINE,
): LoadOptions[] {
  const files = filesOf(train, traded);
  // With one processor, as a worker has for each candidate, more of it would keep another candidate waiting.
  const hurry = machine.processors === 1;
  const trains = (own: readonly WindowFile[]): readonly Exercise[] =>
    hurry ? ['ready'] : pairFits(own, machine) ? ['future', 'memory'] : ['audit'];
  return [
    ...('ok' in files ? [] : trains(files).map((exercise) => ({ ...setOf([files], limits), exercise }))),
    ...foldSets(selection, traded, limits, { processors: machine.processors, exercise: hurry ? 'ready' : 'play' }),
  ];
}

/** What the processes of the folds alone are started with. */
export function foldSets(
  selection: Windows,
  traded: Pick<Traded, 'symbols'>,
  limits: GatesConfig['limits'],
  { processors, exercise }: { readonly processors: number; readonly exercise: Exercise },
): LoadOptions[] {
  return partsOf(selection, processors).flatMap((folds) => {
    const files = allFilesOf(folds, traded);
    return 'ok' in files ? [] : [{ ...setOf(files, limits), exercise }];
  });
}

/** The files of each window. */
export type Windows = readonly (readonly WindowFile[])[];

/** What a process of these windows is started with. */
export function setOf(windows: Windows, limits: GatesConfig['limits']): LoadOptions {
  return {
    windows: windows.map((files) => files.map(({ path }) => path)),
    limits: { wallMs: 1000 * limits.seconds, heapMb: limits.heapMb },
    overwrite: windows.length > 0 && barsIn(windows[0]) > COPIED_BARS,
  };
}

/** The files of these symbols in each window; a failure names those that have none. */
export function allFilesOf(windows: Windows, traded: Pick<Traded, 'symbols'> & Partial<Traded>): Windows | BoxFailure {
  const found = windows.map((files) => filesOf(files, traded));
  return found.find((files) => 'ok' in files) ?? (found as Windows);
}

/** The windows of these symbols; a failure names those that have none. */
export function filesOf(
  files: readonly WindowFile[],
  { symbols, market }: Pick<Traded, 'symbols'> & Partial<Traded>,
): readonly WindowFile[] | BoxFailure {
  // One that died is traded by its set alone, which knows it was there.
  const usable = market?.members ? files : files.filter(({ mortal }) => !mortal);
  const found = symbols.map((symbol) => usable.find((file) => file.symbol === symbol));
  const missing = symbols.filter((_, i) => found[i] === undefined);
  if (missing.length === 0) return found as WindowFile[];
  const known = usable.map(({ symbol }) => symbol).join(', ');
  const message = `symbols: no data for ${missing.join(', ')}; known: ${known}; only the user can add one, in config/market.yaml with its bars`;
  return { ok: false, kind: 'policy', message };
}

export function barsIn(files: readonly WindowFile[]): number {
  return files.reduce((sum, { bars, warmupBars }) => sum + bars + warmupBars, 0);
}
