import { openBox } from '../backtest/box/open.ts';
import type { Box, BoxAnswer, BoxFailure } from '../backtest/contract.ts';
import type { MarketConfig } from '../market/config.ts';
import type { FrozenWindows, WindowFile } from '../market/snapshot.ts';
import type { GatesConfig } from './config.ts';
import { checkFingerprint } from './fingerprint.ts';
import type { WindowName, Workbench } from './workbench.ts';

interface Bench {
  readonly code: string;
  readonly symbols: readonly string[];
  readonly frozen: Pick<FrozenWindows, 'train' | 'selection'>;
  readonly market: MarketConfig;
  readonly limits: GatesConfig['limits'];
  readonly signal?: AbortSignal;
}

/**
 * Simulations in evaluation processes, one a window, opened at the first request. A process that timed out or ran out of
 * memory is replaced at the next request. The holdout's files are never handed in.
 */
export function boxWorkbench({ code, symbols, frozen, market, limits, signal }: Bench): Workbench {
  const boxes = new Map<string, Box>();

  const boxFor = async (window: WindowName): Promise<BoxAnswer<Box>> => {
    const key = window === 'train' ? 'train' : `fold ${window.fold}`;
    const open = boxes.get(key);
    if (open) return { ok: true, value: open };
    const files = filesOf(window === 'train' ? frozen.train : frozen.selection[window.fold], symbols);
    if ('ok' in files) return files;
    for (const file of files) checkFingerprint(file);
    const answer = await openBox({
      code,
      windowFiles: files.map(({ path }) => path),
      market,
      limits: { wallMs: limits.seconds * 1000, heapMb: limits.heapMb },
      signal,
    });
    if (answer.ok) boxes.set(key, answer.value);
    return answer;
  };

  const ask = async <T>(window: WindowName, question: (box: Box) => Promise<BoxAnswer<T>>): Promise<BoxAnswer<T>> => {
    const box = await boxFor(window);
    if (!box.ok) return box;
    const answer = await question(box.value);
    if (!answer.ok && answer.kind !== 'throw') {
      await box.value.close();
      boxes.delete(window === 'train' ? 'train' : `fold ${window.fold}`);
    }
    return answer;
  };

  return {
    folds: frozen.selection.length,
    simulate: (window, requests) => ask(window, (box) => box.simulate(requests)),
    // The seed only chooses which of many decision bars are cut; fixed, so that a trial reproduces.
    audit: (params, cuts) => ask('train', (box) => box.audit(params, cuts, 1)),
    close: async () => {
      await Promise.all([...boxes.values()].map((box) => box.close()));
      boxes.clear();
    },
  };
}

function filesOf(files: readonly WindowFile[], symbols: readonly string[]): readonly WindowFile[] | BoxFailure {
  const found = symbols.map((symbol) => files.find((file) => file.symbol === symbol));
  const missing = symbols.filter((_, i) => found[i] === undefined);
  if (missing.length === 0) return found as WindowFile[];
  const known = files.map(({ symbol }) => symbol).join(', ');
  return { ok: false, kind: 'policy', message: `symbols: no data for ${missing.join(', ')}; known: ${known}` };
}
