import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { lockHolder } from '../lock.ts';
import { chainProblems } from './chain.ts';
import { commitProblems } from './commits.ts';
import { fileProblems } from './files.ts';
import type { Charged } from './heads.ts';
import { type Problem, problemAt, REMEDY } from './problem.ts';
import { projectionProblems, readProjections } from './projected.ts';
import { storyProblems } from './story.ts';

/** What `verify --json` prints. */
export interface Verification {
  readonly ok: boolean;
  readonly cycles: number;
  readonly trials: number;
  readonly problems: readonly Problem[];
}

/**
 * Checks everything a run folder claims and changes nothing: hash chain, schema, order of events, objects, cycle files, commits, projections.
 * `charged` is where the ledger last saw the journal.
 */
export async function verifyRun(runDir: string, charged?: Charged): Promise<Verification> {
  const path = join(runDir, 'journal.jsonl');
  if (!existsSync(path))
    return {
      ok: false,
      cycles: 0,
      trials: 0,
      problems: [problemAt({ file: path }, 'there is no journal', REMEDY.lost)],
    };
  const texts = readProjections(runDir);
  const chain = chainProblems(path);
  const story = storyProblems(chain.lines, chain.problems.length > 0);
  const found = [
    ...chain.problems,
    ...story.problems,
    ...fileProblems(runDir, chain.lines),
    ...projectionProblems(runDir, chain.lines, texts),
    ...(await commitProblems(runDir, chain.lines, charged)),
  ];
  // A line that is being written, a commit that is about to be noted: while a harness is at work the end is not the end.
  const lasting = lockHolder(runDir) ? found.filter(({ passing }) => !passing) : found;
  const problems = lasting.map(({ what, where, remedy }) => ({ what, where, remedy }));
  return { ok: problems.length === 0, cycles: story.cycles, trials: story.trials, problems };
}
