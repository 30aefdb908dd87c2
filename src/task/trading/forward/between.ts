import { closing } from '../../../base/closing.ts';
import type { Seen } from '../../../forward/row.ts';
import type { RunEvent } from '../../../journal/events.ts';
import type { Trial } from '../../../journal/state/parts.ts';
import { stateOf } from '../../../journal/state/run-state.ts';
import { openDatabase } from '../../../market/database.ts';
import { listSymbols } from '../../../market/store/list.ts';
import { databaseFor, readMarket } from '../../config-path.ts';
import type { TaskOptions } from '../../options.ts';
import { lookForward } from './forward.ts';
import { forwardRow } from './row.ts';

/** A look at the keeps of a run that is under way. It plays them again only when there is another keep, or other bars, than at its last look. */
export function openLooks({ projectDir, configDir, runDir }: Pick<TaskOptions, 'projectDir' | 'configDir' | 'runDir'>) {
  let before = '';
  return async (events: readonly RunEvent[], controls: number): Promise<Seen[] | null> => {
    const trials = recordedTrials(events, controls);
    if (trials.length === 0) return null;
    const there = JSON.stringify([trials.map(({ trial }) => trial), await barsOf(projectDir, configDir)]);
    if (there === before) return null;
    const { looked } = await lookForward({ projectDir, configDir, runDir, events, trials });
    before = there;
    return looked.map((each) => ({ row: forwardRow(events, each), record: each.record }));
  };
}

async function barsOf(projectDir: string, configDir: string): Promise<unknown> {
  const options = databaseFor(projectDir, readMarket({ projectDir, configDir }));
  await using database = closing(await openDatabase(options));
  return await listSymbols(database);
}

/** The trials of a run that have a record: every keep, and the newest `controls` discards that went through train, which had no edge to lose. */
export function recordedTrials(events: readonly RunEvent[], controls: number): Trial[] {
  const { trials } = stateOf(events);
  const keeps = trials.filter(({ outcome }) => outcome === 'keep');
  const discards = trials.filter(({ outcome, returnsSha256 }) => outcome === 'discard' && returnsSha256 !== null);
  return controls === 0 ? keeps : [...keeps, ...discards.slice(-controls)];
}
