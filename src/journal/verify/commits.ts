import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../../base/errors.ts';
import { type CycleCommit, commitsOfRun } from '../git/git.ts';
import { headOf } from '../projections/projections.ts';
import { stateOf } from '../state/run-state.ts';
import { lostHistory } from './heads.ts';
import type { Line, Problem } from './problem.ts';

/** Whether each cycle that the journal calls committed has that commit on the run's branch, and the branch has no other. */
export async function commitProblems(runDir: string, lines: readonly Line[]): Promise<Problem[]> {
  const named = lines.flatMap(({ file, line, event }) =>
    event.type === 'cycle.committed' ? [{ file, line, event }] : [],
  );
  if (named.length === 0) return [];
  if (!existsSync(join(runDir, 'worktree.json'))) {
    return [
      { file: join(runDir, 'worktree.json'), line: null, seq: null, problem: 'missing: the commits cannot be found' },
    ];
  }
  let commits: Map<number, CycleCommit>;
  try {
    commits = await commitsOfRun(runDir);
  } catch (error) {
    return [
      {
        file: join(runDir, 'worktree'),
        line: null,
        seq: null,
        problem: `the commits cannot be read: ${messageOf(error)}`,
      },
    ];
  }
  const problems = named.flatMap(({ file, line, event }): Problem[] => {
    const found = commits.get(event.cycle)?.commit;
    if (found === event.commit) return [];
    const problem = found
      ? `cycle ${event.cycle} is commit ${found.slice(0, 10)} on the branch, not ${event.commit.slice(0, 10)}`
      : `commit ${event.commit.slice(0, 10)} of cycle ${event.cycle} is not on the branch`;
    return [{ file, line, seq: event.seq, problem }];
  });
  const state = stateOf(lines.map(({ event }) => event));
  const last = lines[lines.length - 1];
  const lost = lostHistory(state, headOf(state.events), commits);
  if (lost) problems.push({ file: last.file, line: last.line, seq: last.event.seq, problem: lost.problem });
  const known = new Set(lines.flatMap(({ event }) => (event.type === 'verdict.given' ? [event.cycle] : [])));
  for (const [cycle, { commit }] of commits) {
    if (known.has(cycle) || cycle <= state.acceptedCycle) continue;
    problems.push({
      file: lines[lines.length - 1].file,
      line: lines[lines.length - 1].line,
      seq: lines[lines.length - 1].event.seq,
      problem: `the branch has commit ${commit.slice(0, 10)} for cycle ${cycle}, which the journal does not know`,
      passing: true,
    });
  }
  return problems;
}
