import { stateOf } from '../../journal/state/run-state.ts';
import type { Run } from '../run.ts';
import { noticeOf } from './notices.ts';
import { openNotifier } from './notifier.ts';
import { silenceWatch } from './silence.ts';

const LOOK_MS = 1000;

/**
 * Watches the journal of a run beside the loop: messages for the person (ralph.yaml, `notify`) and, when it is quiet, what it waits for.
 * `close` sends what the last events are worth.
 */
export function watchRun({ tag, config, journal }: Run): { close(): Promise<void> } {
  const notifier = openNotifier(tag, config.notify);
  const silence = silenceWatch(journal.events, () => performance.now());
  let seen = journal.events.length;
  const look = () => {
    const familyOf = (trial: string) => stateOf(journal.events).byTrial.get(trial)?.family ?? '';
    for (; seen < journal.events.length; seen++) {
      const notice = noticeOf(journal.events[seen], familyOf);
      if (notice !== null) notifier.tell(notice);
    }
  };
  const timer = setInterval(() => {
    look();
    silence();
  }, LOOK_MS);
  timer.unref();
  return {
    close: () => {
      clearInterval(timer);
      look();
      return notifier.settled();
    },
  };
}
