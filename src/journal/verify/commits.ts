import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../../base/errors.ts';
import { sha256 } from '../../base/hash.ts';
import type { EventOf, RunEvent } from '../events.ts';
import {
  type CycleCommit,
  commitsOfRun,
  committedPath,
  damagedObjects,
  filesOfCommits,
  saidOf,
} from '../git/branch.ts';
import { headOf } from '../projections/projections.ts';
import type { CycleState } from '../state/parts.ts';
import { RunState, stateOf } from '../state/run-state.ts';
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
  const spent = spentBy(state.events);
  const otherFiles = damaged.length > 0 ? new Map() : await changedInCommits(runDir, state, named);
  for (const { file, line, event } of named) {
    const cycle = state.byCycle.get(event.cycle);
    const commit = commits.get(event.cycle);
    if (!cycle?.verdict || !commit?.said) continue;
    for (const what of [
      ...(otherFiles.get(event.cycle) ?? []),
      ...untrue(commit.said, cycle, state.tag),
      ...unjournaled(commit, cycle, state, spent),
    ])
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

/** Files of a cycle's commit that are not those of the trial which its verdict rests on, by cycle. */
async function changedInCommits(
  runDir: string,
  { byCycle, byTrial, tag, first }: RunState,
  named: readonly { readonly event: EventOf<'cycle.committed'> }[],
): Promise<Map<number, string[]>> {
  const files = named.flatMap(({ event: { cycle, commit } }) => {
    const judged = byTrial.get(byCycle.get(cycle)?.verdict?.trial ?? '');
    const each = Object.entries(judged?.started.files ?? {});
    return each.flatMap(([name, object]) => {
      const path = committedPath(first?.task === 'project', tag, judged?.finished?.outcome ?? '', name);
      return path === null ? [] : [{ cycle, object, path, commit }];
    });
  });
  const contents = await filesOfCommits(
    runDir,
    files.map(({ commit, path }) => `${commit}:${path}`),
  );
  const other = files.filter(({ object }, i) => contents[i] === null || sha256(contents[i]) !== object);
  return new Map(
    [...Map.groupBy(other, ({ cycle }) => cycle)].map(([cycle, some]) => [
      cycle,
      some.map(({ path }) => `${path} in the commit of cycle ${cycle} is not the file of its trial`),
    ]),
  );
}

/** Trials charged and looks taken up to each event, by its number. */
function spentBy(events: readonly RunEvent[]): Map<number, string> {
  const state = new RunState(events);
  return new Map(
    events.map((event, place) => {
      state.take(event, place);
      return [event.seq, `${state.n} ${state.lookCount}`];
    }),
  );
}

/** Whether the journal holds the event under which a commit was made, and had spent then what the commit says. */
function unjournaled(
  { head, spent }: CycleCommit,
  state: CycleState,
  { events }: RunState,
  known: ReadonlyMap<number, string>,
): string[] {
  const { cycle, verdict } = state;
  if (head === null)
    return hasTrailers(state) ? [`the commit of cycle ${cycle} does not name the event under which it was made`] : [];
  // By place: behind a damaged line the places say nothing.
  const next = events[head.seq]?.seq === head.seq + 1 ? events[head.seq] : undefined;
  const told = `${spent.trials} ${spent.looks}`;
  return [
    next && next.prev !== head.hash && `event ${head.seq} is not the one under which cycle ${cycle} was committed`,
    head.seq < (verdict?.seq ?? 0) && `the commit of cycle ${cycle} was made at event ${head.seq}, before its verdict`,
    known.has(head.seq) &&
      known.get(head.seq) !== told &&
      `the commit of cycle ${cycle} says ${told} trials and looks; the journal says ${known.get(head.seq)}`,
  ].filter((what) => typeof what === 'string');
}

/** Trailers of a cycle's commit that say something else than the journal. */
function untrue(said: NonNullable<CycleCommit['said']>, state: CycleState, tag: string): string[] {
  return Object.entries(saidOf(tag, state)).flatMap(([name, value]) => {
    const told = said[name as keyof typeof said];
    const what = `the commit of cycle ${state.cycle} says "${name}: ${told}"; the journal says ${value || 'nothing'}`;
    return told === value || (told === '' && !hasTrailers(state)) ? [] : [what];
  });
}

/** Whether the version that committed the cycle wrote every trailer. */
function hasTrailers({ committed }: CycleState): boolean {
  return committed?.upTo !== undefined;
}
