import { canonicalJson, sha256 } from '../base/hash.ts';
import type { RunEvent } from '../journal/events.ts';
import type { TrialDoer } from './spending.ts';

/** Whose trial it is, for the ledger. A tag can be used again after its folder was deleted; the key of a run is its own. */
export function doerOf(events: readonly RunEvent[], trial: string): TrialDoer {
  const first = events[0];
  if (first?.type !== 'run.started') throw new Error('expected the journal to begin with run.started');
  const { tag, at, seed, provenance } = first;
  return { run: sha256(canonicalJson({ tag, at, seed, provenance })).slice(0, 16), tag, trial };
}
