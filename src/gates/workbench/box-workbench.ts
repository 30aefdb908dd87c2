import { availableParallelism } from 'node:os';
import type { LoadOptions } from '../../backtest/box/loaded.ts';
import { openLoaded } from '../../backtest/box/open.ts';
import type { Spares } from '../../backtest/box/spares.ts';
import type { Box, BoxAnswer, BoxFailure } from '../../backtest/contract.ts';
import type { MarketConfig } from '../../market/config.ts';
import type { FrozenWindows, WindowFile } from '../../market/snapshot.ts';
import { type Traded, tradedBy } from '../../market/universe/traded.ts';
import type { GatesConfig } from '../config.ts';
import { loadFrozen } from './load-frozen.ts';
import { spreadOver } from './spread.ts';
import type { Simulate, WindowName, Workbench } from './workbench.ts';

/** A candidate and what it is simulated on. */
export interface Bench {
  readonly code: string;
  readonly symbols: readonly string[];
  /** The set that the candidate names in place of symbols. */
  readonly universe?: string;
  readonly frozen: Pick<FrozenWindows, 'train' | 'selection' | 'universes'>;
  readonly market: MarketConfig;
  readonly limits: GatesConfig['limits'];
  readonly signal?: AbortSignal;
  /** Where processes wait that have their windows already, and where those for the next candidate are asked for. */
  readonly spares?: Spares;
}

/** Evaluation processes that share the surrogates of one candidate; each holds the train window. */
const LANES = Math.max(1, Math.min(4, availableParallelism()));

/**
 * Simulations in evaluation processes, one a window, opened at the first request. A process that timed out or ran out of
 * memory is replaced at the next request. The holdout's files are never handed in.
 */
export function boxWorkbench({ code, frozen, limits, signal, spares, ...wanted }: Bench): Workbench {
  const traded = tradedBy(wanted, frozen, wanted.market);
  const boxes = new Map<string, Promise<BoxAnswer<Box>>>();
  const boxLimits = boxLimitsOf(limits);
  let closed = false;

  const open = async (window: WindowName): Promise<BoxAnswer<Box>> => {
    if (typeof traded === 'string') return { ok: false, kind: 'policy', message: traded };
    const files = filesOf(window === 'train' ? frozen.train : frozen.selection[window.fold], traded);
    if ('ok' in files) return files;
    return openLoaded(await loadFrozen(files, boxLimits, spares), { code, market: traded.market, signal });
  };
  const boxFor = async (window: WindowName, key: string): Promise<BoxAnswer<Box>> => {
    if (closed) return { ok: false, kind: 'timeout', message: 'the evaluation was stopped' };
    const before = boxes.get(key);
    if (before) return before;
    const opened = open(window);
    boxes.set(key, opened);
    return opened;
  };

  const ask = async <T>(
    window: WindowName,
    question: (box: Box) => Promise<BoxAnswer<T>>,
    key = nameOf(window),
  ): Promise<BoxAnswer<T>> => {
    const box = await boxFor(window, key);
    const answer = box.ok ? await question(box.value) : box;
    if (!answer.ok && (!box.ok || answer.kind !== 'throw')) {
      boxes.delete(key);
      if (box.ok) await box.value.close();
    }
    return answer;
  };

  return {
    folds: frozen.selection.length,
    simulate: (window, requests) => ask(window, (box) => box.simulate(requests)),
    surrogates: async (requests) => {
      const share = Math.ceil(requests.length / LANES);
      const parts = Array.from({ length: LANES }, (_, lane) => requests.slice(lane * share, (lane + 1) * share));
      const answers = await Promise.all(
        parts
          .filter(({ length }) => length > 0)
          .map((part, lane) => ask('train', (box) => box.simulate(part), lane === 0 ? 'train' : `null ${lane}`)),
      );
      const failed = answers.find((answer) => !answer.ok);
      return failed ?? { ok: true, value: answers.flatMap((answer) => (answer.ok ? answer.value : [])) };
    },
    spread: async (jobs) => {
      const lane = (number: number): Simulate => {
        const key = number === 0 ? 'train' : `null ${number}`;
        return (requests) => ask('train', (box) => box.simulate(requests), key);
      };
      return spreadOver(
        Array.from({ length: LANES }, (_, number) => lane(number)),
        jobs,
      );
    },
    allowed: (points) => ask('train', (box) => box.allowed(points)),
    // The seed only chooses which of many decision bars are cut; fixed, so that a trial reproduces.
    audit: (params, cuts) => ask('train', (box) => box.audit(params, cuts, 1)),
    close: async () => {
      closed = true;
      // Also close boxes that are still opening; a caller that failed on one does not wait for the others.
      const opened = await Promise.allSettled(boxes.values());
      boxes.clear();
      await Promise.all(opened.map((each) => each.status === 'fulfilled' && each.value.ok && each.value.value.close()));
      const next = typeof traded === 'string' ? [] : windowSets(frozen, traded, limits);
      if (next.length > 0) spares?.want(next);
    },
  };
}

/** What the evaluation processes of a candidate with these symbols are started with: one a window, the train window first. */
export function windowSets(
  { train, selection }: Pick<FrozenWindows, 'train' | 'selection'>,
  traded: Pick<Traded, 'symbols'>,
  limits: GatesConfig['limits'],
): LoadOptions[] {
  return [train, ...selection].flatMap((window) => {
    const files = filesOf(window, traded);
    return 'ok' in files ? [] : [{ windowFiles: files.map(({ path }) => path), limits: boxLimitsOf(limits) }];
  });
}

function boxLimitsOf({ seconds, heapMb }: GatesConfig['limits']): LoadOptions['limits'] {
  return { wallMs: seconds * 1000, heapMb };
}

function nameOf(window: WindowName): string {
  return window === 'train' ? 'train' : `fold ${window.fold}`;
}

function filesOf(
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
