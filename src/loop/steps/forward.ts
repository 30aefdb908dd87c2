import { say } from '../../base/draw/terminal.ts';
import { messageOf } from '../../base/errors.ts';
import { counted } from '../../base/numbers.ts';
import type { Seen } from '../../forward/row.ts';
import type { Run } from '../run.ts';
import { tellForward } from '../watch/forward-told.ts';
import { openNotifier } from '../watch/notifier.ts';

const HOUR_MS = 3_600_000;

type Parts = Pick<Run, 'tag' | 'dir' | 'config' | 'control' | 'journal' | 'task' | 'evaluating'>;

/**
 * The look at what the keeps do on bars that came since, to be taken between two cycles: the first of a start, then every
 * `forward.everyHours` of ralph.yaml. What goes wrong is said, once, and costs the search nothing.
 */
export function forwardLooks(run: Parts, now: () => number = () => performance.now()): () => Promise<void> {
  const { everyHours, controls } = run.config.forward;
  let next = everyHours > 0 ? now() : Number.POSITIVE_INFINITY;
  let trouble = '';
  return async () => {
    if (!run.task.forward || now() < next || run.control.stopping() !== null) return;
    // Before the look: another session that ends meanwhile goes on without one.
    next = now() + everyHours * HOUR_MS;
    const notifier = openNotifier(run.tag, run.config.notify);
    const tell = async (lines: readonly string[]) => {
      for (const line of lines) {
        say(line);
        notifier.tell(line);
      }
      await notifier.settled();
    };
    const { events } = run.journal;
    try {
      const seen = await run.evaluating(async () => run.task.forward?.(events, controls) ?? null);
      if (seen) {
        await tellForward(seen, { runDir: run.dir, events, tell, now: Date.now() });
        say(lineOf(seen));
      }
      trouble = '';
    } catch (thrown) {
      const message = messageOf(thrown);
      if (message !== trouble) say(`forward: ${message}; looking again in ${everyHours} h, the search goes on`);
      trouble = message;
    }
  };
}

function lineOf(seen: readonly Seen[]): string {
  const days = seen.reduce((sum, { row }) => sum + row.added, 0);
  const problems = seen.flatMap(({ row }) => (row.problem === null ? [] : [`${row.trial}: ${row.problem}`]));
  return [`forward: ${counted(seen.length, 'trial')}, ${counted(days, 'new day')}`, ...problems].join('; ');
}
