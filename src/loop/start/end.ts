import { say } from '../../base/draw/terminal.ts';
import { type ExitCode, messageOf } from '../../base/errors.ts';
import { writeProjections } from '../../journal/projections/projections.ts';
import { rowsOf } from '../../journal/projections/rows.ts';
import { doerOf } from '../../task/doer.ts';
import { trackedRuns } from '../../tracking/runs.ts';
import type { Run } from '../run.ts';

/** What the sender may take for what is under way; the rest waits on the disk. */
const TRACKER_MS = 2000;

/** The last event of a start, and everything that can be derived from it brought up to date. */
export async function endRun(run: Run, exitCode: ExitCode, reason: string): Promise<ExitCode> {
  run.journal.append({ type: 'run.ended', reason, exitCode });
  await run.publisher.close();
  try {
    for (const each of trackedRuns(run.journal.events, 0)) run.tracker.enqueue(each);
    writeProjections(run.dir, run.journal.events, { whole: true });
    await run.task.publish?.(rowsOf(run.journal.events), doerOf(run.journal.events, '').run);
  } catch (thrown) {
    // Copies of what the journal holds: the next end writes all of them again.
    say(`tables were not brought up to date: ${messageOf(thrown)}`);
  }
  await run.tracker.close(TRACKER_MS);
  say(`run ${run.tag} ended: ${reason}`);
  const { pending, failed } = run.tracker.status();
  if (pending + failed > 0)
    say(`${pending + failed} results wait for W&B; send them with: npm run ralph -- track sync --tag ${run.tag}`);
  return exitCode;
}
