import { failpoint } from '../base/failpoint.ts';
import { plainLine, plainText } from '../base/plain.ts';
import type { EventOf } from '../journal/events.ts';
import { committedPath, trailersOf } from '../journal/git/branch.ts';
import { writeProjections } from '../journal/projections/projections.ts';
import type { CycleState } from '../journal/state/parts.ts';
import { cycleAt, stateOf } from '../journal/state/run-state.ts';
import type { Directive } from '../search/directive/directive.ts';
import type { Brief, TrialResult } from '../task/task.ts';
import { trackedRuns } from '../tracking/runs.ts';
import { withFaults } from './faults.ts';
import type { Run } from './run.ts';
import { refuseGone } from './steps/claim.ts';
import { writeCycleFiles } from './steps/cycle-files.ts';
import { holdSession, openCycle } from './steps/session.ts';
import { streakBefore } from './steps/trial-history.ts';
import { resultsOf } from './steps/trials.ts';

/** How a cycle ended: with a verdict, or put off because a person stopped it before anything was spent. */
export type CycleEnd = 'done' | 'put_off';

/** Runs a started cycle from where the journal says it stands: a step whose event exists is skipped. `obey` is asked between steps whether to stop. */
export async function runCycle(run: Run, cycle: number, obey: () => boolean): Promise<CycleEnd> {
  const at = () => cycleAt(run.journal.events, cycle)!;
  if (!at().session && !(await session(run, at()))) return 'put_off';
  if (!at().verdict) await withFaults(run, 'recording the verdict', async () => judge(run, cycle));
  if (obey()) return 'done';
  if (!at().committed) await withFaults(run, 'the commit', () => run.alone(() => commit(run, at())));
  if (obey()) return 'done';
  if (!at().mirrored) await withFaults(run, 'the mirror', async () => mirror(run, cycle));
  return 'done';
}

async function session(run: Run, { cycle: id, started }: CycleState): Promise<boolean> {
  const cycle = openCycle(run, id, { directive: directiveOf(started), nudge: started.nudge ?? null });
  const brief: Brief = { system: cycle.readFile('system.md') ?? '', task: cycle.readFile('brief.md') ?? '' };
  return holdSession(run, cycle, started, brief);
}

function judge(run: Run, cycle: number): void {
  const trials = resultsOf(run, cycle);
  const verdict = run.task.judge(trials, streakBefore(run.journal.events, cycle));
  const judged = trials.find(({ trial }) => trial === verdict.trial)?.submission;
  failpoint('loop.verdict.before');
  run.journal.append({
    type: 'verdict.given',
    cycle,
    trial: verdict.trial,
    outcome: verdict.outcome,
    route: verdict.route,
    reasons: verdict.reasons.map((reason) => ({ ...reason })),
    candidate: judged?.candidate ?? null,
    family: judged?.family ?? null,
  });
  failpoint('loop.verdict.after');
}

async function commit(run: Run, state: CycleState): Promise<void> {
  refuseGone(run);
  const { cycle } = state;
  const sealed = writeCycleFiles(run, state);
  // In one step with the copy of the journal: the commit names the head with which that copy ends.
  const best = resultsOf(run, cycle).find(({ trial }) => trial === state.verdict?.trial);
  const message = commitMessage(run, state, best);
  const upTo = run.journal.head.seq;
  const files = Object.fromEntries(
    Object.entries(best?.submission.files ?? {}).flatMap(([name, content]) => {
      const path = committedPath(run.task.keptPaths === true, run.tag, best!.evaluation.outcome, name);
      return path === null ? [] : [[path, content]];
    }),
  );
  failpoint('loop.commit.before');
  const known = await run.worktree.find(cycle);
  const hash = known ?? (await run.worktree.commit(files, message));
  failpoint('loop.commit.after');
  run.journal.append({ type: 'cycle.committed', cycle, commit: hash, upTo, files: sealed });
}

function mirror(run: Run, cycle: number): void {
  writeProjections(run.dir, run.journal.events);
  failpoint('loop.mirror.before');
  const runs = trackedRuns(run.journal.events, cycle, {
    returnsOf: (trial) => run.returns.get(trial) ?? new Float64Array(),
  });
  for (const each of runs) run.tracker.enqueue(each);
  failpoint('loop.mirror.after');
  run.journal.append({ type: 'cycle.mirrored', cycle, runs: runs.map(({ id }) => id) });
}

function directiveOf(started: EventOf<'cycle.started'>): Directive {
  const { directive, why, base, family, gate } = started;
  return { kind: directive as Directive['kind'], why, base, family, gate };
}

/** A page of the lab book: what was decided and why, then trailers that a script can read. */
function commitMessage(run: Run, state: CycleState, best: TrialResult | undefined): string {
  const { session } = state;
  const verdict = state.verdict!;
  const first = verdict.reasons[0]?.message;
  const subject = [verdict.outcome.toUpperCase(), first, verdict.candidate].filter(Boolean).join(' · ');
  const { n, lookCount } = stateOf(run.journal.events);
  const trailers = trailersOf(run.tag, state, run.journal.head, { trials: n, looks: lookCount });
  const body = [
    ...(best ? [plainLine(best.submission.hypothesis), ''] : []),
    ...verdict.reasons.map(({ message, class: kind }) => `- ${message}${kind ? ` (${kind})` : ''}`),
    ...(session?.summary ? ['', plainLine(session.summary, 600)] : []),
  ];
  return plainText(`${subject}\n\n${body.join('\n').trim()}\n\n${trailers}`);
}
