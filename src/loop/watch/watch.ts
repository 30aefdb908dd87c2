import { sayWaiting } from '../../base/draw/terminal.ts';
import { duration, number } from '../../base/numbers.ts';
import { plainLine } from '../../base/plain.ts';
import type { RunEvent } from '../../journal/events.ts';
import { statusOf } from '../../journal/projections/status.ts';
import { type RunState, stateOf } from '../../journal/state/run-state.ts';
import type { Run } from '../run.ts';
import { openNotifier } from './notifier.ts';

const LOOK_MS = 1000;

/** Sends messages to the person (ralph.yaml, `notify`) and says what a quiet run waits for. `close` sends what the last events are worth. */
export function watchRun({ tag, config, journal }: Run): { close(): Promise<void> } {
  const notifier = openNotifier(tag, config.notify);
  const silence = silenceWatch(journal.events, () => performance.now());
  let seen = journal.events.length;
  const look = () => {
    for (; seen < journal.events.length; seen++) {
      const notice = noticeOf(journal.events[seen], stateOf(journal.events));
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

/** Faults in a row that are worth a message. */
const CRASH_LOOP = 5;
const MOST_CHARACTERS = 300;

/** One line for a person who is away: a keep, spent looks, a stuck search, a crash loop, the end with its reason. Null for any other event. */
export function noticeOf(event: RunEvent, state: RunState): string | null {
  const text = textOf(event, state);
  return text === null ? null : plainLine(text, MOST_CHARACTERS);
}

function textOf(event: RunEvent, { byTrial, trials }: RunState): string | null {
  switch (event.type) {
    case 'trial.started': {
      const before = trials[trials.findIndex(({ started }) => started.trial === event.trial) - 1];
      if (!event.trainOnly || before?.started.trainOnly) return null;
      return 'nothing can be kept on these data any more: trials run on train alone from here on';
    }
    case 'trial.finished':
      if (event.outcome !== 'keep') return null;
      return `KEEP ${event.trial} ${byTrial.get(event.trial)?.family ?? ''}${event.score === null ? '' : `, score ${number(event.score)}`}`;
    case 'human.asked':
      return `asks for a hint: ${event.why}`;
    case 'fault.occurred':
      return event.attempt === CRASH_LOOP ? `${event.attempt} faults in a row: ${event.class} at ${event.where}` : null;
    case 'run.ended':
      return `ended: ${event.reason}`;
    default:
      return null;
  }
}

/** Silence that a person at a terminal wonders about, and in a log file. */
const TERMINAL_MS = 3000;
const LOG_MS = 300_000;

/** The look to take once a second: says what a quiet run waits for, each second on a terminal, every five minutes in a log. */
export function silenceWatch(events: readonly RunEvent[], now: () => number): () => void {
  let [count, since, said] = [-1, now(), now()];
  return () => {
    if (events.length !== count) [count, since, said] = [events.length, now(), now()];
    const quiet = now() - since;
    const onTerminal = process.stderr.isTTY;
    if (onTerminal ? quiet < TERMINAL_MS : now() - said < LOG_MS) return;
    said = now();
    const { phase } = statusOf(events);
    const what = phase ? `cycle ${phase.cycle} (${phase.directive}): ${phase.step}` : 'between cycles';
    sayWaiting(`${what}, for ${duration(quiet)}`);
  };
}
