import { availableParallelism } from 'node:os';
import type { LoadOptions } from '../../backtest/box/loaded.ts';
import { auditOf, openLoaded } from '../../backtest/box/open.ts';
import type { Spares } from '../../backtest/box/spares.ts';
import type { Box, BoxAnswer, BoxFailure, SimulationRequest, SimulationResult } from '../../backtest/contract.ts';
import type { MarketConfig } from '../../market/config.ts';
import type { FrozenWindows, WindowFile } from '../../market/snapshot.ts';
import { type Traded, tradedBy } from '../../market/universe/members.ts';
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
  /** That it may keep busy; by default those of the machine. With one, what could be done side by side is done in turn. */
  readonly processors?: number;
  /** Bytes that are free for processes; by default those of the machine, or of its control group. */
  readonly memory?: () => number;
  /** Where processes wait that have their windows already, and where those for the next candidate are asked for. */
  readonly spares?: Spares;
}

/** Evaluation processes that hold the train window, by name: the first plays it, the others share work with it. */
const LANES: readonly string[] = ['train', 'train 2', 'train 3', 'train 4'];

/** Processors from which a second process pays from the beginning: on two, with the harness and the next trial's processes, starting it costs what it saves. */
const PAIR_PROCESSORS = 4;

/** What a process of the train window may take a bar with all that its surrogates need, in bytes: a universe takes half of it. */
const BYTES_A_BAR = 220;

/** Bars of a train window, over all symbols, up to which two processes hold it from the beginning: each takes hundreds of bytes a bar. */
const PAIR_BARS = 4_000_000;

/**
 * Simulations in evaluation processes, one a window and, where processors are there, more of the train window, opened at the first request. A
 * process that timed out or ran out of memory is replaced at the next one. The holdout's files are never handed in.
 */
export function boxWorkbench({
  code,
  frozen,
  limits,
  signal,
  processors = availableParallelism(),
  memory = () => process.availableMemory(),
  spares,
  ...wanted
}: Bench): Workbench {
  const traded = tradedBy(wanted, frozen, wanted.market);
  const trainFiles = typeof traded === 'string' ? [] : filesOf(frozen.train, traded);
  const laneBytes = 'ok' in trainFiles ? 0 : BYTES_A_BAR * barsIn(trainFiles);
  const pair = typeof traded === 'string' ? undefined : pairOf(frozen, traded, processors);
  const boxes = new Map<string, Promise<BoxAnswer<Box>>>();
  /** Questions under way a process. */
  const asked = new Map<string, number>();
  const boxLimits = boxLimitsOf(limits);
  let gone: Promise<unknown> | undefined;

  const open = async (window: WindowName): Promise<BoxAnswer<Box>> => {
    if (typeof traded === 'string') return { ok: false, kind: 'policy', message: traded };
    const files = filesOf(window === 'train' ? frozen.train : frozen.selection[window.fold], traded);
    if ('ok' in files) return files;
    return openLoaded(await loadFrozen(files, boxLimits, spares), { code, market: traded.market, signal });
  };
  const boxFor = async (window: WindowName, key: string): Promise<BoxAnswer<Box>> => {
    if (gone) return { ok: false, kind: 'timeout', message: 'the evaluation was stopped' };
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
    asked.set(key, (asked.get(key) ?? 0) + 1);
    try {
      const box = await boxFor(window, key);
      const answer = box.ok ? await question(box.value) : box;
      if (!answer.ok && (!box.ok || answer.kind !== 'throw')) {
        boxes.delete(key);
        if (box.ok) await box.value.close();
      }
      return answer;
    } finally {
      asked.set(key, asked.get(key)! - 1);
    }
  };
  const askTrain = <T>(lane: string, question: (box: Box) => Promise<BoxAnswer<T>>) => ask('train', question, lane);

  /** Simulations of the train window, as many in each of these processes. */
  const share = async (
    among: readonly string[],
    requests: readonly SimulationRequest[],
  ): Promise<BoxAnswer<readonly SimulationResult[]>> => {
    const size = Math.ceil(requests.length / among.length);
    const parts = among.map((lane, k) => ({ lane, part: requests.slice(k * size, (k + 1) * size) }));
    const answers = await Promise.all(
      parts
        .filter(({ part }, k) => k === 0 || part.length > 0)
        .map(({ lane, part }) => askTrain(lane, (box) => box.simulate(part))),
    );
    const failed = answers.find((answer) => !answer.ok);
    return failed ?? { ok: true, value: answers.flatMap((answer) => (answer.ok ? answer.value : [])) };
  };
  /** Processes that may share work: those that are there, and as many as processors and memory allow. */
  const lanes = () => {
    const there = LANES.filter((lane) => boxes.has(lane)).length;
    return LANES.slice(0, Math.max(1, there, Math.min(processors, Math.floor(memory() / laneBytes))));
  };
  /** Those that are there, the idlest first. */
  const opened = () => {
    const there = LANES.filter((lane) => boxes.has(lane));
    return there.length === 0 ? LANES.slice(0, 1) : there.sort((a, b) => (asked.get(a) ?? 0) - (asked.get(b) ?? 0));
  };

  return {
    folds: frozen.selection.length,
    simulate: (window, requests) =>
      window === 'train' ? share(opened(), requests) : ask(window, (box) => box.simulate(requests)),
    surrogates: (requests) => share(lanes(), requests),
    spread: (jobs) =>
      spreadOver(
        lanes().map(
          (lane): Simulate =>
            (requests) =>
              askTrain(lane, (box) => box.simulate(requests)),
        ),
        jobs,
      ),
    allowed: (points) => askTrain(LANES[0], (box) => box.allowed(points)),
    // The seed only chooses which of many decision bars are cut; fixed, so that a trial reproduces.
    audit: async (params, cuts) => {
      if (pair === undefined) return askTrain(LANES[0], (box) => box.audit(params, cuts, 1));
      const [future, memory] = await Promise.all([
        askTrain(LANES[0], (box) => box.future(params, cuts, 1)),
        askTrain(pair, (box) => box.memory(params, 1)),
      ]);
      return auditOf(
        async () => future,
        async () => memory,
      );
    },
    close: async () => {
      if (!gone) {
        // Also those that are still opening; a caller that failed on one does not wait for the others.
        gone = Promise.allSettled(
          [...boxes.values()].map(async (each) => {
            const box = await each;
            if (box.ok) await box.value.close();
          }),
        );
        boxes.clear();
        const next = typeof traded === 'string' ? [] : windowSets(frozen, traded, limits, processors);
        if (next.length > 0) spares?.want(next, gone);
      }
      // Those that are open have been killed. The pool waits until the kernel has their memory back; the verdict need not.
      if (!spares) await gone;
    },
  };
}

/** The second process of the train window, where a processor and memory are there for it. */
function pairOf(
  { train }: Pick<FrozenWindows, 'train'>,
  traded: Pick<Traded, 'symbols'>,
  processors: number,
): string | undefined {
  const files = filesOf(train, traded);
  if (processors < PAIR_PROCESSORS || 'ok' in files) return undefined;
  return barsIn(files) <= PAIR_BARS ? LANES[1] : undefined;
}

function barsIn(files: readonly WindowFile[]): number {
  return files.reduce((sum, { bars, warmupBars }) => sum + bars + warmupBars, 0);
}

/** What the evaluation processes of a candidate with these symbols are started with: one a window, those of the train window first. */
export function windowSets(
  { train, selection }: Pick<FrozenWindows, 'train' | 'selection'>,
  traded: Pick<Traded, 'symbols'>,
  limits: GatesConfig['limits'],
  processors = availableParallelism(),
): LoadOptions[] {
  const second = pairOf({ train }, traded, processors) === undefined ? [] : [train];
  return [train, ...second, ...selection].flatMap((window) => {
    const files = filesOf(window, traded);
    if ('ok' in files) return [];
    // With one processor, as a worker has for each candidate, more of it would keep another candidate waiting.
    const exercise = processors === 1 ? 'ready' : window === train ? 'audit' : 'play';
    return [{ windowFiles: files.map(({ path }) => path), limits: boxLimitsOf(limits), exercise }];
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
