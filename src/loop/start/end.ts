import { type ExitCode, messageOf } from '../../base/errors.ts';
import { say } from '../../base/terminal.ts';
import { writeProjections } from '../../journal/projections/projections.ts';
import { rowsOf } from '../../journal/projections/rows.ts';
import { writePage } from '../../page/live.ts';
import { doerOf } from '../../task/doer.ts';
import { trackedRuns } from '../../tracking/runs.ts';
import type { Run } from '../run.ts';

/** The last event of a start, and everything that can be derived from it brought up to date. */
export async function endRun(run: Run, exitCode: ExitCode, reason: string): Promise<ExitCode> {
  run.journal.append({ type: 'run.ended', reason, exitCode });
  for (const each of trackedRuns(run.journal.events, 0)) run.tracker.enqueue(each);
  await run.publisher.close();
  try {
    writeProjections(run.dir, run.journal.events, { whole: true });
    writePage(run.dir, run.journal.events, { whole: true });
    await run.task.publish(rowsOf(run.journal.events), doerOf(run.journal.events, '').run);
  } catch (thrown) {
    // Copies of what the journal holds: the next end writes all of them again.
    say(`tables and page were not brought up to date: ${messageOf(thrown)}`);
  }
  say(`run ${run.tag} ended: ${reason}`);
  return exitCode;
}
