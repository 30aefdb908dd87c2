import { auditOf, openLoaded } from '../../backtest/box/open.ts';
import type { Spares } from '../../backtest/box/spares.ts';
import type { Box, BoxAnswer, SimulationRequest, SimulationResult } from '../../backtest/contract.ts';
import type { MarketConfig } from '../../market/config.ts';
import type { FrozenWindows, WindowFile } from '../../market/snapshot.ts';
import { tradedBy } from '../../market/universe/members.ts';
import type { GatesConfig } from '../config.ts';
import { loadFrozen } from './load-frozen.ts';
import { spreadOver } from './spread.ts';
import {
  allFilesOf,
  BYTES_A_BAR,
  barsIn,
  filesOf,
  foldSets,
  MACHINE,
  pairFits,
  partsOf,
  setOf,
  type Windows,
  windowSets,
} from './window-sets.ts';
import type { Simulate, Workbench } from './workbench.ts';

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

/** The two parts of an audit are done side by side in these. */
const [FIRST, SECOND] = LANES;

/** Processors from which a second process is started for an audit that finds none waiting: on fewer, starting it costs what it saves. */
const PAIR_PROCESSORS = 4;

/**
 * Simulations in evaluation processes: of the train window one or, where processors are there, more; of the folds one or more, apart from it. They are
 * opened at the first request. A process that timed out or ran out of memory is replaced at the next one. The holdout's files are never handed in.
 */
export function boxWorkbench({
  code,
  frozen,
  limits,
  signal,
  processors = MACHINE.processors,
  memory = MACHINE.memory,
  spares,
  ...wanted
}: Bench): Workbench {
  const traded = tradedBy(wanted, frozen, wanted.market);
  const trainFiles = typeof traded === 'string' ? [] : filesOf(frozen.train, traded);
  const laneBytes = 'ok' in trainFiles ? 0 : BYTES_A_BAR * barsIn(trainFiles);
  const boxes = new Map<string, Promise<BoxAnswer<Box>>>();
  /** Questions under way a process. */
  const asked = new Map<string, number>();
  const trainSet = (files: readonly WindowFile[]) => setOf([files], limits);
  let gone: Promise<unknown> | undefined;

  let unready = processors > 1 && !('ok' in trainFiles) && spares?.has(trainSet(trainFiles)) === false;
  /**
   * For a trial that found no process ready: those of the folds start beside its own and are made ready; exercise would keep it waiting. One that it
   * never comes to waits for the next.
   */
  const startFolds = () => {
    if (unready && !gone && typeof traded !== 'string')
      spares?.want(foldSets(frozen.selection, traded, limits, { processors, exercise: 'ready' }));
    unready = false;
  };

  const open = async (windows: Windows): Promise<BoxAnswer<Box>> => {
    if (typeof traded === 'string') return { ok: false, kind: 'policy', message: traded };
    const files = allFilesOf(windows, traded);
    if ('ok' in files) return files;
    return openLoaded(await loadFrozen(files, limits, spares), { code, market: traded.market, signal });
  };
  const boxFor = (key: string, windows: Windows): Promise<BoxAnswer<Box>> => {
    const before = boxes.get(key);
    if (before) return before;
    const opened = open(windows);
    boxes.set(key, opened);
    return opened;
  };

  const ask = async <T>(
    key: string,
    windows: Windows,
    question: (box: Box) => Promise<BoxAnswer<T>>,
  ): Promise<BoxAnswer<T>> => {
    if (gone) return { ok: false, kind: 'timeout', message: 'the evaluation was stopped' };
    asked.set(key, (asked.get(key) ?? 0) + 1);
    try {
      const opened = boxFor(key, windows);
      const box = await opened;
      const answer = box.ok ? await question(box.value) : box;
      if (!answer.ok && (!box.ok || answer.kind !== 'throw')) {
        // Another question may have replaced it by now.
        if (boxes.get(key) === opened) boxes.delete(key);
        if (box.ok) await box.value.close();
      }
      return answer;
    } finally {
      asked.set(key, asked.get(key)! - 1);
    }
  };
  const askTrain = <T>(lane: string, question: (box: Box) => Promise<BoxAnswer<T>>) =>
    ask(lane, [frozen.train], question);
  const parts = partsOf(frozen.selection, processors);
  const askFold = (fold: number, requests: readonly SimulationRequest[]) => {
    const size = parts[0].length;
    const part = Math.floor(fold / size);
    return ask(`selection ${part}`, parts[part], (box) => box.simulate(requests, fold % size));
  };

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

  /** Bytes that are free or held by processes of this bench: what its successors find. */
  const memoryWithOwn = () => {
    const held = LANES.filter((lane) => boxes.has(lane)).length * laneBytes;
    return () => memory() + held;
  };
  /** Where the second part of an audit is asked for, once the first has its process. */
  const secondLane = () => {
    if (boxes.has(SECOND)) return SECOND;
    if ('ok' in trainFiles || processors === 1) return FIRST;
    const waits = spares?.waits(trainSet(trainFiles));
    return waits || (processors >= PAIR_PROCESSORS && pairFits(trainFiles, { processors, memory: memoryWithOwn() }))
      ? SECOND
      : FIRST;
  };

  return {
    folds: frozen.selection.length,
    simulate: (window, requests) => (window === 'train' ? share(opened(), requests) : askFold(window.fold, requests)),
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
    allowed: (points) => askTrain(FIRST, (box) => box.allowed(points)),
    // The seed only chooses which of many decision bars are cut; fixed, so that a trial reproduces.
    audit: async (params, cuts) => {
      const future = askTrain(FIRST, (box) => box.future(params, cuts, 1));
      startFolds();
      const askMemory = (lane: string) => askTrain(lane, (box) => box.memory(params, 1));
      const lane = secondLane();
      const memory = lane === FIRST ? undefined : askMemory(lane);
      await Promise.all([future, memory]);
      return auditOf(
        () => future,
        () => memory ?? askMemory(FIRST),
      );
    },
    close: async () => {
      if (!gone) {
        const free = memoryWithOwn();
        // Also those that are still opening; a caller that failed on one does not wait for the others.
        gone = Promise.allSettled(
          [...boxes.values()].map(async (each) => {
            const box = await each;
            if (box.ok) await box.value.close();
          }),
        );
        boxes.clear();
        const next = typeof traded === 'string' ? [] : windowSets(frozen, traded, limits, { processors, memory: free });
        if (next.length > 0) spares?.want(next, gone);
      }
      // Those that are open have been killed. The pool waits until the kernel has their memory back; the verdict need not.
      if (!spares) await gone;
    },
  };
}
