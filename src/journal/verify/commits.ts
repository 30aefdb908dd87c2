import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../../base/errors.ts';
import { type CycleCommit, commitsOfRun, damagedObjects } from '../git/branch.ts';
import { headOf } from '../projections/projections.ts';
import type { CycleState } from '../state/parts.ts';
import { stateOf } from '../state/run-state.ts';
import { type Charged, lostCharge, lostHistory } from './heads.ts';
import { type Line, type Problem, problemAt, REMEDY } from './problem.ts';

/** Whether each cycle that the journal calls committed has that commit on the run's branch, and the branch has no other. */
export async function commitProblems(
  runDir: string,
  lines: readonly Line[],
  charged: Charged | undefined,
): Promise<Problem[]> {
  const named = lines.flatMap(({ file, line, event }) =>
    event.type === 'cycle.committed' ? [{ file, line, event }] : [],
  );
  const origin = join(runDir, 'worktree.json');
  if (!existsSync(origin))
    return named.length === 0
      ? []
      : [problemAt({ file: origin }, 'missing: the commits cannot be found', REMEDY.cycleFile)];
  let commits: Map<number, CycleCommit>;
  let damaged: string[];
  try {
    commits = await commitsOfRun(runDir);
    damaged = await damagedObjects(runDir);
  } catch (error) {
    if (named.length === 0) return [];
    const what = `the commits cannot be read: ${messageOf(error)}`;
    return [problemAt({ file: join(runDir, 'worktree') }, what, REMEDY.branch)];
  }
  const problems = named.flatMap(({ file, line, event }): Problem[] => {
    const found = commits.get(event.cycle)?.commit;
    if (found === event.commit) return [];
    const what = found
      ? `cycle ${event.cycle} is commit ${found.slice(0, 10)} on the branch, not ${event.commit.slice(0, 10)}`
      : `commit ${event.commit.slice(0, 10)} of cycle ${event.cycle} is not on the branch`;
    return [problemAt({ file, line, seq: event.seq }, what, REMEDY.branch)];
  });
  for (const name of damaged) {
    const what = `object ${name} of the branch is damaged`;
    problems.push(problemAt({ file: join(runDir, 'worktree') }, what, REMEDY.branch));
  }
  const state = stateOf(lines.map(({ event }) => event));
  for (const { file, line, event } of named) {
    const cycle = state.byCycle.get(event.cycle);
    const said = commits.get(event.cycle)?.said;
    if (!cycle?.verdict || !said) continue;
    for (const what of untrue(said, cycle))
      problems.push(problemAt({ file, line, seq: event.seq }, what, REMEDY.branch));
  }
  const end = lines.at(-1);
  const last = { file: join(runDir, 'journal.jsonl'), ...end, seq: end?.event.seq };
  const head = headOf(state.events);
  for (const lost of [lostHistory(state, head, commits), lostCharge(state, head, charged)])
    if (lost) problems.push(problemAt(last, lost.problem, REMEDY.lost, true));
  for (const [cycle, { commit }] of commits) {
    if (state.byCycle.get(cycle)?.verdict || cycle <= state.acceptedCycle) continue;
    const what = `the branch has commit ${commit.slice(0, 10)} for cycle ${cycle}, which the journal does not know`;
    problems.push(problemAt(last, what, REMEDY.lost, true));
  }
  return problems;
}

/** Trailers of a cycle's commit that say something else than the journal. */
function untrue(said: NonNullable<CycleCommit['said']>, { cycle, verdict, trials }: CycleState): string[] {
  const judged = trials.find(({ trial }) => trial === verdict?.trial)?.finished;
  const finished = trials.flatMap(({ trial, finished }) => (finished ? [trial] : []));
  const known = {
    Verdict: verdict?.outcome ?? '',
    Route: verdict?.route ?? '',
    Trials: finished.join(' ') || 'none',
    'Equity-Fingerprint': judged?.equityFingerprint ?? '',
  };
  return Object.entries(known).flatMap(([name, value]) => {
    const told = said[name as keyof typeof known];
    const what = `the commit of cycle ${cycle} says "${name}: ${told}"; the journal says ${value}`;
    return told === '' || told === value ? [] : [what];
  });
}
