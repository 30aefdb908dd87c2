import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../../base/errors.ts';
import { type CycleCommit, commitsOfRun } from '../git/git.ts';
import { headOf } from '../projections/projections.ts';
import { stateOf } from '../state/run-state.ts';
import { lostHistory } from './heads.ts';
import { type Line, type Problem, problemAt, REMEDY } from './problem.ts';

/** Whether each cycle that the journal calls committed has that commit on the run's branch, and the branch has no other. */
export async function commitProblems(runDir: string, lines: readonly Line[]): Promise<Problem[]> {
  const named = lines.flatMap(({ file, line, event }) =>
    event.type === 'cycle.committed' ? [{ file, line, event }] : [],
  );
  if (named.length === 0) return [];
  const origin = join(runDir, 'worktree.json');
  if (!existsSync(origin))
    return [problemAt({ file: origin }, 'missing: the commits cannot be found', REMEDY.cycleFile)];
  let commits: Map<number, CycleCommit>;
  try {
    commits = await commitsOfRun(runDir);
  } catch (error) {
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
  const state = stateOf(lines.map(({ event }) => event));
  const { file, line, event } = lines[lines.length - 1];
  const last = { file, line, seq: event.seq };
  const lost = lostHistory(state, headOf(state.events), commits);
  if (lost) problems.push(problemAt(last, lost.problem, REMEDY.lost));
  for (const [cycle, { commit }] of commits) {
    if (state.byCycle.get(cycle)?.verdict || cycle <= state.acceptedCycle) continue;
    const what = `the branch has commit ${commit.slice(0, 10)} for cycle ${cycle}, which the journal does not know`;
    problems.push(problemAt(last, what, REMEDY.lost, true));
  }
  return problems;
}
