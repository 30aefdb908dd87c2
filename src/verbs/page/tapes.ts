import { basename } from 'node:path';
import { PROJECT_DIR } from '../../base/roots.ts';
import type { RunEvent } from '../../journal/events.ts';
import { openObjects, textsOf } from '../../journal/objects.ts';
import { configFolderOf } from '../../journal/projections/rows.ts';
import { stateOf } from '../../journal/state/run-state.ts';
import { readWindowFile } from '../../market/window-file.ts';
import type { Tape, TapeRequest } from '../../page/tape.ts';
import { trainResult } from '../../task/trading/train-result.ts';
import { type TapeSource, tapeOf } from './tape.ts';

/** Minutes of bars of a few years fill memory: they are let go when nobody has zoomed for so long. */
const KEPT_MS = 5 * 60_000;

/**
 * Bars and fills of a trial, null for one that has no result. The trial is played once more for it; the last one played is kept, since
 * a reader who zooms asks for the same one again and again. Rejects with a RalphError where it cannot be played as it was.
 */
export function tapesOf(
  dir: string,
  config: string | undefined,
  current: () => readonly RunEvent[],
): (name: string, request: TapeRequest) => Promise<Tape | null> {
  let last: { readonly name: string; readonly source: Promise<TapeSource | null> } | null = null;
  let letGo: NodeJS.Timeout | undefined;
  return async (name, request) => {
    clearTimeout(letGo);
    letGo = setTimeout(() => {
      last = null;
    }, KEPT_MS).unref();
    if (last?.name !== name) last = { name, source: play(dir, config, current(), name) };
    const { source } = last;
    try {
      const played = await source;
      return played && tapeOf(played, request);
    } catch (thrown) {
      if (last?.source === source) last = null;
      throw thrown;
    }
  };
}

async function play(
  runDir: string,
  config: string | undefined,
  events: readonly RunEvent[],
  name: string,
): Promise<TapeSource | null> {
  const trial = stateOf(events).byTrial.get(name);
  if (!trial?.finished?.equityFingerprint) return null;
  const files = textsOf(openObjects(runDir), trial.started.files);
  const configDir = config ?? configFolderOf(events, PROJECT_DIR);
  const { result, symbols, windowFiles } = await trainResult({
    ...{ projectDir: PROJECT_DIR, configDir, runDir, tag: basename(runDir) },
    ...{ trial, files },
  });
  const windows = new Map<string, ReturnType<typeof readWindowFile>>();
  const barsOf = (symbol: string) => {
    const path = windowFiles[symbols.indexOf(symbol)];
    const window = windows.get(path) ?? readWindowFile(path);
    windows.set(path, window);
    return window;
  };
  return { result, symbols, barsOf };
}
