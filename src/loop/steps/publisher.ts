import { say } from '../../base/draw/terminal.ts';
import { messageOf } from '../../base/errors.ts';
import { backoff } from '../../base/wait/backoff.ts';
import type { RunEvent } from '../../journal/events.ts';
import type { Journal } from '../../journal/journal.ts';
import { rowsOfCycle } from '../../journal/projections/rows.ts';
import type { CycleState } from '../../journal/state/parts.ts';
import { stateOf } from '../../journal/state/run-state.ts';
import { doerOf } from '../../task/doer.ts';
import type { Task } from '../../task/task.ts';
import type { RalphConfig } from '../config.ts';
import { faultOf, journalFault } from '../faults.ts';

interface Parts {
  readonly task: Pick<Task, 'publish'>;
  readonly journal: Pick<Journal, 'events' | 'append'>;
  readonly config: Pick<RalphConfig, 'publishSeconds' | 'faultBackoff'>;
}

/**
 * Hands committed cycles to `task.publish` every `publishSeconds`, beside the loop. A database that is down is a journaled fault, tried again
 * with growing pauses, and costs the search nothing. `close` waits for what is under way.
 */
export function keepPublished({ task, journal, config }: Parts): { close(): Promise<void> } {
  const { firstSeconds, mostSeconds } = config.faultBackoff;
  let done = 0;
  let failures = 0;
  let timer: NodeJS.Timeout | undefined;
  let working: Promise<void> = Promise.resolve();
  let closed = false;

  const later = (seconds: number) => {
    if (closed) return;
    timer = setTimeout(() => {
      working = publish();
    }, seconds * 1000);
    timer.unref();
  };
  const publish = async (): Promise<void> => {
    const fresh = committedFrom(journal.events, done);
    try {
      if (fresh.length > 0) {
        const { run, tag } = doerOf(journal.events, '');
        await task.publish?.(
          fresh.flatMap((cycle) => rowsOfCycle(cycle, tag)),
          run,
        );
      }
      done += fresh.length;
      if (failures > 0) say(`the table of results is up to date again after ${failures} faults`);
      failures = 0;
      later(config.publishSeconds);
    } catch (thrown) {
      failures += 1;
      const wait = backoff(failures, firstSeconds, mostSeconds);
      const fault = faultOf(thrown, 'the table of results');
      // No fault of the world: a bug. The end of the run tries once more, and says it.
      if (fault === null) return say(`the table of results is not kept up to date: ${messageOf(thrown)}`);
      say(`fault ${fault.class} at ${fault.where}: ${fault.message}; trying again in ${wait} s, the search goes on`);
      if (!closed) journalFault(journal, fault, { attempt: failures, retryInMs: wait * 1000 });
      later(wait);
    }
  };
  later(config.publishSeconds);
  return {
    close: async () => {
      closed = true;
      clearTimeout(timer);
      await working;
    },
  };
}

/** The cycles behind the first `from`, up to the first that is not committed. */
function committedFrom(events: readonly RunEvent[], from: number): CycleState[] {
  const fresh = stateOf(events).cycles.slice(from);
  const open = fresh.findIndex(({ committed }) => committed === null);
  return open < 0 ? fresh : fresh.slice(0, open);
}
